"""Small invented books for the planner's tests: communities on a plane, managers at home, policies with due
months.

`make_book` draws one from a seed; `book_of` builds one from a written list, for examples small enough to
check by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import polars as pl

from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.tables import (
    CLASSIFIED,
    COMMUNITIES,
    CUSTOMERS,
    INSTITUTIONS,
    LOCATED,
    PEOPLE,
    POLICIES,
    Book,
    Books,
    Schema,
    empty,
)
from tuogu.data.rulebooks import read_shipped

AS_OF = date(2025, 12, 2)
_NEIGHBOURS = {"community_a": pl.String, "community_b": pl.String}


@cache
def standard_rules() -> Rulebook:
    return parse_rulebook(read_shipped())


def fill(rows: list[dict[str, object]], schema: Schema) -> pl.DataFrame:
    """A frame of `schema`; what a row does not name is null."""
    return pl.DataFrame(
        [{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row"
    )


def community_rows(
    points: Sequence[tuple[float, float] | None], per_street: int = 4
) -> list[dict[str, object]]:
    """Community i at points[i] metres (None = no coordinates), `per_street` to a street, five streets to a
    district.
    """
    rows = []
    for i, point in enumerate(points):
        street, district = i // per_street, i // (per_street * 5)
        codes = {
            "district_code": f"3302{district + 1:02d}",
            "street_code": f"3302{district + 1:02d}{street + 1:03d}",
        }
        rows.append(
            {
                **codes,
                "community_code": f"{codes['street_code']}{i + 1:03d}",
                "community": f"社区{i + 1}",
                "street": f"街道{street + 1}",
                "district": f"区{district + 1}",
                "city_code": "3302",
                "city": "宁波市",
                "display_code": f"01{district + 1:02d}{street + 1:02d}{i % per_street + 1:02d}",
                "x_m": point[0] if point else None,
                "y_m": point[1] if point else None,
            }
        )
    return rows


def policy_row(number: str, month: int, payments: int = 1, **other: object) -> dict[str, object]:
    """An orphan main policy, paying on the 15th of `month` for 30 years from 2020."""
    row = {
        "policy_number": number,
        "kind": "main",
        "product_name": "年金",
        "product_type": "annuity",
        "protection": False,
        "premium_mode": "regular",
        "payments_per_year": payments,
        "premium_fen": 100_000,
        "payment_term_years": 30,
        "inception_date": date(2020, month, 15),
        "state": "in_force",
        "holder_number": f"C{number}",
        "insured_number": f"C{number}",
        "agent_number": "X1",
        "institution_code": "B",
        "components": "single",
    }
    return row | other


def book_of(
    points: Sequence[tuple[float, float] | None],
    homes: Sequence[int | None],
    policies: Sequence[tuple[int | None, int, int]],
    teams: Sequence[int] | None = None,
    neighbours: Sequence[tuple[int, int]] = (),
) -> Book:
    """Managers M01.. live in community homes[i] (None = not coded); policy j is (community, month, payments
    a year).
    """
    communities = fill(community_rows(points), COMMUNITIES)
    codes = communities["community_code"].to_list()
    rows = [policy_row(f"P{j:05d}", month, payments) for j, (_, month, payments) in enumerate(policies, 1)]
    people = [
        {
            "staff_number": f"M{i:02d}",
            "name": f"经理{i}",
            "series": "collection",
            "supervisor": False,
            "team_code": f"T{(teams or [0] * len(homes))[i - 1]}",
            "institution_code": "B",
            "hired_date": date(2015, 1, 1),
        }
        for i in range(1, len(homes) + 1)
    ]
    located = [
        {
            "key": f"CP{j:05d}",
            "community_code": codes[c] if c is not None else None,
            "status": "coded" if c is not None else "manual",
        }
        for j, (c, _, _) in enumerate(policies, 1)
    ]
    home_rows = [
        {"key": f"M{i:02d}", "community_code": None if home is None else codes[home], "status": "coded"}
        for i, home in enumerate(homes, 1)
    ]
    classes = [
        {
            "policy_number": row["policy_number"],
            "orphan": True,
            "nature": "normal",
            "service_class": "normal",
            "route": "territory" if policies[j][0] is not None else "buffer",
        }
        for j, row in enumerate(rows)
    ]
    books = Books(
        policies=fill(rows, POLICIES),
        customers=fill([{"customer_number": row["holder_number"]} for row in rows], CUSTOMERS),
        people=fill(people, PEOPLE),
        institutions=empty(INSTITUTIONS),
        data_date=AS_OF,
    )
    pairs = [{"community_a": codes[a], "community_b": codes[b]} for a, b in neighbours]
    return Book(
        books=books,
        located=fill(located, LOCATED),
        homes=fill(home_rows, LOCATED),
        classified=fill(classes, CLASSIFIED),
        communities=communities,
        neighbours=pl.DataFrame(pairs, schema=_NEIGHBOURS),
    )


def make_book(
    communities: int = 40,
    managers: int = 6,
    policies: int = 1_800,
    seed: int = 1,
    teams: int = 2,
    coordinates: bool = True,
    season: Sequence[float] | None = None,
    size_m: float = 8_000,
) -> Book:
    """A random city: crowded communities near the middle, homes where people are, a mild season, mostly
    yearly payers.
    """
    draw = np.random.default_rng(seed)
    points = draw.normal(0, size_m / 2, (communities, 2)).round(0)
    weight = draw.lognormal(0, 0.6, communities)
    where = draw.choice(communities, policies, p=weight / weight.sum())
    shape = np.array(
        season if season is not None else [1.1, 0.95, 1.05, 1, 1, 1.05, 0.95, 0.95, 1, 0.95, 1, 1]
    )
    month = draw.choice(12, policies, p=shape / shape.sum()) + 1
    payments = draw.choice([1, 2, 4, 12], policies, p=[0.83, 0.1, 0.05, 0.02])
    homes = draw.choice(communities, managers, p=weight / weight.sum(), replace=managers > communities)
    team = _near_teams(points[homes], teams)
    places = [tuple(map(float, p)) for p in points] if coordinates else [None] * communities
    listed = list(zip(where.tolist(), month.tolist(), payments.tolist(), strict=True))
    return book_of(places, homes.tolist(), listed, team.tolist())


def _near_teams(homes: np.ndarray, teams: int) -> np.ndarray:
    """Team numbers by halving the homes again and again across their longer side, so that teams live
    together.
    """
    team = np.zeros(len(homes), dtype=int)
    open_groups = [(np.arange(len(homes)), 0, teams)]
    while open_groups:
        members, first, count = open_groups.pop()
        if count == 1:
            team[members] = first
            continue
        axis = int(np.ptp(homes[members], axis=0).argmax())
        order = members[np.argsort(homes[members, axis], kind="stable")]
        half = count // 2
        cut = len(order) * half // count
        open_groups += [(order[:cut], first, half), (order[cut:], first + half, count - half)]
    return team


def shuffled(book: Book, seed: int) -> Book:
    """The same book with every table's rows in another order."""
    mix = {
        name: getattr(book, name).sample(fraction=1.0, shuffle=True, seed=seed)
        for name in ("located", "homes", "classified", "communities", "neighbours")
    }
    books = replace(
        book.books,
        policies=book.books.policies.sample(fraction=1.0, shuffle=True, seed=seed),
        customers=book.books.customers.sample(fraction=1.0, shuffle=True, seed=seed),
        people=book.books.people.sample(fraction=1.0, shuffle=True, seed=seed),
    )
    return replace(book, books=books, **mix)
