"""Small invented books for the campaign's tests: customers of one policy, departments, premiums, holdings.

`branch` builds the book of a list of customers; what a customer does not name is that of an orphan of one participating
policy who lives in the city.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from territory_books import fill, standard_rules
from tuogu.core.classify import classify
from tuogu.core.tables import COMMUNITIES as COMMUNITIES_SCHEMA
from tuogu.core.tables import (
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

AS_OF = date(2012, 4, 1)
CITY, COUNTY = "330203001001", "330225001001"  # a community of an urban district, one of a county
_NEIGHBOURS = {"community_a": pl.String, "community_b": pl.String}


@dataclass(frozen=True)
class Person:
    """One customer with his policies; `policies` overrides columns of each of them."""

    number: str
    lives: str | None = CITY
    agent: str | None = None
    premium_fen: int = 100_000
    id_number: str | None = None
    policies: Sequence[Mapping[str, object]] = field(default_factory=lambda: ({},))


@dataclass(frozen=True)
class Department:
    """A department of an area, its premium of last year (None = not filed) and its people with their productivity."""

    code: str
    region: str | None = CITY[:6]
    premium: int | None = None
    people: Mapping[str, int | None] = field(default_factory=dict)


def policy(person: Person, index: int, given: Mapping[str, object]) -> dict[str, object]:
    """The row of one policy."""
    return {
        "policy_number": f"P{person.number}-{index}",
        "kind": "main",
        "product_name": "分红两全",
        "product_type": "participating",
        "protection": False,
        "premium_mode": "regular",
        "payments_per_year": 1,
        "premium_fen": person.premium_fen,
        "payment_term_years": 10,
        "inception_date": date(2008, 5, 1),
        "state": "in_force",
        "holder_number": person.number,
        "insured_number": person.number,
        "agent_number": person.agent,
        "institution_code": "B",
        "components": "single",
    } | dict(given)


def branch(
    people: Iterable[Person],
    departments: Sequence[Department],
    *,
    leavers: Sequence[str] = (),
    year: int = 2011,
    facts: Sequence[tuple[str, date, str, int]] = (),
    as_of: date = AS_OF,
) -> Book:
    """The branch B with its departments; `facts` are (subject, month, key, value) beside premiums and productivity."""
    listed = list(people)
    rows = [policy(p, i, given) for p in listed for i, given in enumerate(p.policies, start=1)]
    institutions = [{"institution_code": "B", "name": "分公司", "level": "central", "region_code": "3302"}]
    institutions += [
        {
            "institution_code": d.code,
            "name": d.code,
            "level": "department",
            "parent_code": "B",
            "region_code": d.region,
        }
        for d in departments
    ]
    staff = [
        {
            "staff_number": number,
            "series": "marketing",
            "institution_code": d.code,
            "hired_date": date(2000, 1, 1),
        }
        for d in departments
        for number in d.people
    ]
    staff += [
        {
            "staff_number": number,
            "series": "marketing",
            "institution_code": "B",
            "left_date": date(2010, 1, 1),
        }
        for number in leavers
    ]
    month = date(as_of.year - (as_of.month == 1), (as_of.month - 2) % 12 + 1, 1)
    filed = [(d.code, date(year, 1, 1), "premium", d.premium) for d in departments if d.premium is not None]
    filed += [
        (number, month, "productivity", value)
        for d in departments
        for number, value in d.people.items()
        if value is not None
    ]
    filed += list(facts)
    located = [
        {"key": p.number, "community_code": p.lives, "status": "coded" if p.lives else "manual"}
        for p in listed
    ]
    books = Books(
        policies=fill(rows, POLICIES),
        customers=fill(
            [
                {"customer_number": p.number, "id_type": "resident_id", "id_number": p.id_number}
                for p in listed
            ],
            CUSTOMERS,
        ),
        people=fill(staff, PEOPLE),
        institutions=fill(institutions, INSTITUTIONS),
        data_date=as_of,
    )
    places = fill(located, LOCATED)
    return Book(
        books=books,
        located=places,
        homes=empty(LOCATED),
        classified=classify(books, places, standard_rules(), as_of),
        communities=empty(COMMUNITIES_SCHEMA),
        neighbours=pl.DataFrame(schema=_NEIGHBOURS),
        facts=fill(
            [{"subject": s, "month": m, "key": k, "value": v, "source_ref": "测试"} for s, m, k, v in filed],
            FACTS,
        ),
    )


def hold(book: Book, holdings: Mapping[str, str], since: date) -> Book:
    """The book after these customers (number → receiver) were released on a day."""
    rows = [
        {
            "number": n,
            "kind": "customer",
            "relation": "development",
            "receiver": r,
            "since": since,
            "times": 1,
        }
        for n, r in sorted(holdings.items())
    ]
    kept = book.held.filter(~pl.col("number").is_in(list(holdings)))
    return replace(book, held=pl.concat([kept, fill(rows, HELD)]))


def released(book: Book, plan: Plan, instalment: int, since: date) -> Book:
    """The book after one instalment of a plan went out."""
    out = plan.placements.filter(pl.col("instalment") == instalment)
    return hold(book, dict(out.select("number", "receiver").iter_rows()), since)


def buys_again(book: Book, numbers: Iterable[str], day: date) -> Book:
    """The book after these customers bought a further policy on a day."""
    rows = [
        policy(Person(number), 99, {"inception_date": day, "policy_number": f"N{number}"})
        for number in numbers
    ]
    policies = pl.concat([book.books.policies, fill(rows, POLICIES)])
    return replace(book, books=replace(book.books, policies=policies))


def shuffled(book: Book, seed: int) -> Book:
    """The same book with every table's rows in another order."""
    names = ("policies", "customers", "people", "institutions")
    mixed = {n: getattr(book.books, n).sample(fraction=1.0, shuffle=True, seed=seed) for n in names}
    others = {n: getattr(book, n).sample(fraction=1.0, shuffle=True, seed=seed) for n in ("located", "held")}
    return replace(book, books=replace(book.books, **mixed), **others)
