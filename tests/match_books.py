"""Small invented books for the matching strategy: agents in groups with their facts, orphans of people who left.

`agent`, `orphan` and `sold` make rows; `match_book` joins them; `random_book` draws a whole small world from a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from territory_books import community_rows, fill, policy_row
from tuogu.core.tables import (
    CLASSIFIED,
    COMMUNITIES,
    CUSTOMERS,
    FACTS,
    HELD,
    INSTITUTIONS,
    LOCATED,
    PEOPLE,
    POLICIES,
    Book,
    Books,
    empty,
)

AS_OF = date(2025, 12, 2)
MONTH = date(2025, 11, 1)  # the month before
Row = dict[str, object]
GROUPS = (
    ("T1", "D1", "team"),
    ("T2", "D1", "team"),
    ("T3", "D2", "team"),
    ("D1", None, "department"),
    ("D2", None, "department"),
)


def agent(number: str, team: str | None = "T1", **other: object) -> Row:
    """A marketing agent in post."""
    row: Row = {
        "staff_number": number,
        "series": "marketing",
        "supervisor": False,
        "team_code": team,
        "institution_code": "D1",
        "hired_date": date(2015, 1, 1),
    }
    return row | other


def leaver(number: str, team: str | None = "T1", **other: object) -> Row:
    """An agent who left in spring."""
    return agent(number, team, left_date=date(2025, 4, 1)) | other


def fact(number: str, key: str, value: int | None, month: date = MONTH) -> Row:
    return {"subject": number, "month": month, "key": key, "value": value}


def qualified(*numbers: str, productivity: Sequence[int] = ()) -> list[Row]:
    """One recruit last month for each, and productivity falling in the order given unless named."""
    made = productivity or [1_000 * (len(numbers) - i) for i in range(len(numbers))]
    rows = [fact(number, "effective_recruits", 1) for number in numbers]
    return rows + [fact(n, "productivity", p) for n, p in zip(numbers, made, strict=True)]


def orphan(number: str, seller: str = "X1", holder: str | None = None, **other: object) -> Row:
    """An orphan main policy; `type`, `non_pure`, `nature`, `service_class` go to its classification."""
    return {
        "orphan": True,
        "agent_number": seller,
        "holder_number": holder or f"C{number}",
        "number": number,
    } | other


def sold(number: str, seller: str, holder: str, inception: date) -> Row:
    """A main policy that somebody sold and still serves: no orphan."""
    return {
        "orphan": False,
        "agent_number": seller,
        "holder_number": holder,
        "number": number,
        "inception_date": inception,
    }


def holding(number: str, receiver: str) -> Row:
    return {"number": number, "kind": "policy", "relation": "custody", "receiver": receiver, "times": 1}


def holdings(receiver: str, count: int) -> tuple[list[Row], list[Row]]:
    """`count` orphans that `receiver` holds already: policies and custody."""
    numbers = [f"H{receiver}{i:04d}" for i in range(count)]
    return [orphan(number, "X0") for number in numbers], [holding(number, receiver) for number in numbers]


def match_book(
    people: Sequence[Row],
    policies: Sequence[Row],
    facts: Sequence[Row] = (),
    held: Sequence[Row] = (),
    institutions: Sequence[tuple[str, str | None, str]] = GROUPS,
    homes: dict[str, int] | None = None,
    places: dict[str, int] | None = None,
    points: Sequence[tuple[float, float]] = ((0.0, 0.0), (1_000.0, 0.0), (2_000.0, 0.0), (9_000.0, 0.0)),
) -> Book:  # fmt: skip
    """A book; `homes` and `places` are communities (places of `points`) of people and customers."""
    communities = fill(community_rows(points, per_street=1), COMMUNITIES)
    codes = communities["community_code"].to_list()
    rows, classes = [], []
    for policy in policies:
        other = {k: v for k, v in policy.items() if k in POLICIES}
        number = str(policy["number"])
        rows.append(policy_row(number, 6, 1) | {"insured_number": policy["holder_number"]} | other)
        kind = policy.get("type", "pure")
        classes.append(
            {
                "policy_number": number,
                "orphan": policy["orphan"],
                "orphan_type": kind if policy["orphan"] else None,
                "combination": kind == "combination",
                "non_pure": policy.get("non_pure", kind == "non_pure"),
                "nature": policy.get("nature", "normal"),
                "service_class": policy.get("service_class", "normal"),
                "route": "territory" if policy["orphan"] else "agent_in_post",
            }
        )
    holders = sorted({str(policy["holder_number"]) for policy in policies})
    located = [
        {"key": h, "community_code": codes[(places or {})[h]], "status": "coded"}
        for h in holders
        if h in (places or {})
    ]
    books = Books(
        policies=fill(rows, POLICIES),
        customers=fill([{"customer_number": h} for h in holders], CUSTOMERS),
        people=fill(list(people), PEOPLE),
        institutions=fill(
            [{"institution_code": c, "parent_code": p, "level": level} for c, p, level in institutions],
            INSTITUTIONS,
        ),
        data_date=AS_OF,
    )
    return Book(
        books=books,
        located=fill(located, LOCATED) if located else empty(LOCATED),
        homes=fill(
            [{"key": k, "community_code": codes[c], "status": "coded"} for k, c in (homes or {}).items()],
            LOCATED,
        ),
        classified=fill(classes, CLASSIFIED),
        communities=communities,
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
        facts=fill(list(facts), FACTS),
        held=fill(list(held), HELD),
    )


def random_book(seed: int, agents: int = 9, policies: int = 40, teams: int = 4) -> Book:
    """Groups in two departments, people with and without the conditions, holders with several orphans and other agents."""
    draw = np.random.default_rng(seed)
    codes = [f"T{i}" for i in range(teams)]
    institutions = [(c, f"D{i % 2}", "team") for i, c in enumerate(codes)]
    institutions += [("D0", None, "department"), ("D1", None, "department")]
    people: list[Row] = []
    facts: list[Row] = []
    held: list[Row] = []
    rows: list[Row] = []
    for i in range(agents):
        number, team = f"A{i:03d}", codes[draw.integers(teams)]
        hired = date(int(draw.integers(2010, 2025)), 3, 1)
        people.append(
            agent(number, team, supervisor=bool(draw.random() < 0.2), hired_date=hired, institution_code="D0")
        )
        facts += [
            fact(number, "effective_recruits", int(draw.integers(0, 2)), date(2025, m, 1))
            for m in (9, 10, 11)
            if draw.random() < 0.9
        ]
        if draw.random() < 0.15:
            facts.append(fact(number, "valid_complaints", 1, date(2025, int(draw.choice([8, 9, 11, 12])), 1)))
        if draw.random() < 0.8:
            facts.append(fact(number, "productivity", int(draw.integers(0, 20)) * 100_000))
        for k in range(int(draw.integers(0, 4))):
            rows.append(orphan(f"H{i:03d}{k}", "X000"))
            held.append(holding(f"H{i:03d}{k}", number))
    facts += [fact("A000", "effective_recruits", 1)]
    for i in range(4):
        recruiter = f"A{draw.integers(agents):03d}" if draw.random() < 0.6 else None
        team = codes[draw.integers(teams)] if draw.random() < 0.9 else None
        people.append(
            leaver(f"X{i:03d}", team, supervisor=bool(draw.random() < 0.3), recruiter_number=recruiter)
        )
    holders = max(1, policies * 2 // 3)
    for i in range(policies):
        holder = f"C{draw.integers(holders):04d}"
        kind = str(draw.choice(["combination", "non_pure", "pure", "pure"]))
        nature = "hard" if int(holder[1:]) % 17 == 5 else "normal"
        rows.append(
            orphan(
                f"P{i:04d}", f"X{draw.integers(4):03d}", holder, type=kind, nature=nature,
                non_pure=kind == "non_pure" or int(holder[1:]) % 9 == 0,
                premium_fen=int(draw.integers(1, 5)) * 50_000, state="lapsed" if draw.random() < 0.1 else "in_force",
            )
        )  # fmt: skip
    for i in range(policies // 4):
        day = date(int(draw.integers(2022, 2026)), int(draw.integers(1, 12)), 2)
        rows.append(sold(f"S{i:04d}", f"A{draw.integers(agents):03d}", f"C{draw.integers(holders):04d}", day))
    return match_book(people, rows, facts, held, institutions)
