"""Small invented resource centres: customers of all five categories, planners with facts, circulation counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from territory_books import fill
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
    Plan,
    empty,
)

AS_OF = date(2026, 3, 2)
BEFORE = date(2026, 2, 1)  # the month whose facts count
NOW = date(2026, 3, 1)
_NEIGHBOURS = {"community_a": pl.String, "community_b": pl.String}
_FACTS = ("task_completion", "attendance", "log_pass_rate", "discretion")
CODES = {"满期": "maturity", "续期": "renewal", "老客户": "old", "未到期": "not_yet_due", "其他": "other"}
Row = dict[str, object]


def coded(plan: Plan, name: str) -> pl.DataFrame:
    """A table of the plan with category codes in the place of words."""
    frame = plan.tables[name]
    if "category" not in frame.columns:
        return frame
    return frame.with_columns(pl.col("category").replace_strict(CODES, return_dtype=pl.String))


def policy(number: str, category: str, amount_fen: int = 100_000, holder: str = "", **other: object) -> Row:
    """A main policy that makes its holder a resource of this category on AS_OF."""
    kinds: dict[str, Row] = {
        "maturity": {"end_date": date(2026, 3, 20), "premium_mode": "single"},
        "renewal": {"premium_mode": "regular", "payments_per_year": 1, "payment_term_years": 20,
                    "inception_date": date(2020, 4, 10)},
        "old": {"end_date": date(2024, 6, 1), "premium_mode": "single", "state": "paid_out"},
        "not_yet_due": {"end_date": date(2026, 9, 1), "premium_mode": "single"},
        "other": {"end_date": None, "premium_mode": "single"},
    }  # fmt: skip
    base: Row = {
        "policy_number": number,
        "kind": "main",
        "protection": False,
        "payments_per_year": 0,
        "premium_fen": amount_fen,
        "sum_insured_fen": amount_fen,
        "payment_term_years": 1,
        "inception_date": date(2018, 1, 5),
        "state": "in_force",
        "holder_number": holder or f"C{number}",
        "institution_code": "B1",
    }
    return base | kinds[category] | other


def planner(number: str, rank: str | None = "初级", **other: object) -> Row:
    return {
        "staff_number": number,
        "series": "planner",
        "rank": rank,
        "supervisor": False,
        "team_code": "T1",
    } | other


def fact(subject: str, key: str, value: int | None = None, text: str | None = None, **other: object) -> Row:
    row: Row = {"subject": subject, "month": BEFORE, "key": key, "value": value, "text": text}
    return (
        row | {"source_ref": f"{key}表第{subject}行", "author": "D1" if key == "discretion" else None} | other
    )


def scored(number: str, points: int) -> list[Row]:
    """Facts that, with the rank 初级 (22 points), make up this score in hundredths, 2200..6200."""
    rest = points - 2200
    steps = []
    for key, most, step, bp in (("task_completion", 2000, 200, 1000), ("log_pass_rate", 2000, 200, 1000)):
        worth = min(rest, most) // step * step
        worth = worth if worth >= 1000 else 0
        steps.append(fact(number, key, worth // step * bp))
        rest -= worth
    assert 0 <= rest <= 1000, f"{points} cannot be made up"
    return [*steps, fact(number, "discretion", rest)]


def centre_book(
    policies: list[Row],
    people: list[Row],
    facts: list[Row] | None = None,
    held: list[Row] | None = None,
    customers: dict[str, Row] | None = None,
    classes: dict[str, Row] | None = None,
    located: dict[str, Row] | None = None,
) -> Book:
    """A book; every policy an orphan of normal nature, every customer with phone and coded address unless said."""
    if not facts and people:  # a month in which nothing was measured is refused; a rate of 0 gives no points
        months = [date(year, month, 1) for year in range(2022, 2030) for month in range(1, 13)]
        facts = [fact(str(one["staff_number"]), "attendance", 0, month=m) for one in people for m in months]
    frame = fill(policies, POLICIES)
    numbers = sorted(set(frame["holder_number"].drop_nulls()))
    books = Books(
        policies=frame,
        customers=fill(
            [{"customer_number": n, "phone": "13800000000"} | (customers or {}).get(n, {}) for n in numbers],
            CUSTOMERS,
        ),
        people=fill(people, PEOPLE),
        institutions=empty(INSTITUTIONS),
        data_date=AS_OF,
    )
    classified = [
        {"policy_number": row["policy_number"], "orphan": True, "nature": "normal"}
        | (classes or {}).get(str(row["policy_number"]), {})
        for row in policies
        if row["kind"] == "main"
    ]
    places = [
        {"key": n, "community_code": "330203001001", "status": "coded"} | (located or {}).get(n, {})
        for n in numbers
    ]
    return Book(
        books=books,
        located=fill(places, LOCATED),
        homes=empty(LOCATED),
        classified=fill(classified, CLASSIFIED),
        communities=empty(COMMUNITIES),
        neighbours=pl.DataFrame(schema=_NEIGHBOURS),
        facts=fill(facts or [], FACTS),
        held=fill(held or [], HELD),
    )


def random_centre(seed: int, customers: int = 60, planners: int = 6, equal: bool = False) -> Book:
    """A random centre: customers with one to three policies of any kind, some held, some barred, some without facts."""
    draw = np.random.default_rng(seed)
    rows, held, classes = [], [], {}
    for i in range(customers):
        holder = f"C{i:05d}"
        for j in range(int(draw.integers(1, 4)) if draw.random() < 0.4 else 1):
            rows.append(_random_policy(f"P{i:05d}{j}", holder, draw))
            nature = draw.choice(["normal", "normal", "normal", "normal", "hard", "problem"])
            classes[f"P{i:05d}{j}"] = {"orphan": bool(draw.random() < 0.9), "nature": str(nature)}
        if draw.random() < 0.3:
            who = str(draw.choice(["M001", "buffer", "GONE", "department:D1"]))
            held.append({"number": holder, "kind": "customer", "relation": "development", "receiver": who,
                         "times": int(draw.integers(1, 4))})  # fmt: skip
    people, facts = [], []
    for i in range(planners):
        name = f"M{i + 1:03d}"
        people.append(planner(name, str(draw.choice(["资深", "高级", "中级", "初级", "见习"])),
                              supervisor=bool(draw.random() < 0.2)))  # fmt: skip
        facts += _random_facts(name, draw)
    if equal:
        people = [planner(str(row["staff_number"])) for row in people]
        facts = [row for row in facts if row["key"] == "nothing"]
    return centre_book(rows, people, facts, held, classes=classes)


def _random_policy(number: str, holder: str, draw: np.random.Generator) -> Row:
    end = AS_OF + timedelta(days=int(draw.integers(-900, 900)))
    state = "in_force" if end > AS_OF else str(draw.choice(["matured", "paid_out", "surrendered"]))
    single = draw.random() < 0.6
    return policy(
        number, "other", int(draw.lognormal(12, 1)), holder,
        end_date=end if draw.random() < 0.9 else None,
        state=state if draw.random() < 0.9 else "lapsed",
        premium_mode="single" if single else "regular",
        payments_per_year=0 if single else int(draw.choice([1, 2, 4, 12])),
        payment_term_years=1 if single else int(draw.integers(1, 21)),
        inception_date=date(2015, 1, 1) + timedelta(days=int(draw.integers(0, 4_000))),
        protection=bool(draw.random() < 0.15),
    )  # fmt: skip


def _random_facts(name: str, draw: np.random.Generator) -> list[Row]:
    facts = [fact(name, key, int(draw.integers(0, 12_001))) for key in _FACTS[:3] if draw.random() < 0.9]
    if draw.random() < 0.8:
        facts.append(fact(name, "discretion", int(draw.integers(0, 1_001))))
    if draw.random() < 0.1:
        facts.append(fact(name, "withheld", 1, month=NOW))
    if draw.random() < 0.2:
        facts.append(fact(name, "extended_probation_months", int(draw.integers(1, 4))))
    if draw.random() < 0.5:
        facts.append(fact(name, "rank", text=str(draw.choice(["销售高级", "管理初级", "中级", "首席"]))))
    return facts


def mixed(book: Book, seed: int) -> Book:
    """The same book with every table's rows in another order; facts keep theirs (a later row wins)."""

    def shuffle(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.sample(fraction=1.0, shuffle=True, seed=seed)

    books = replace(
        book.books,
        policies=shuffle(book.books.policies),
        customers=shuffle(book.books.customers),
        people=shuffle(book.books.people),
    )
    return replace(
        book,
        books=books,
        located=shuffle(book.located),
        classified=shuffle(book.classified),
        held=shuffle(book.held),
    )
