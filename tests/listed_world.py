"""Policies in the lists: a small branch imported by the product's own import, for tests of lists and records.

In: a cast, rows written short. Out: stored books with custody opened and everything listed. Agents: `9001`-like staff
numbers of the cast; `GONE` has left, so that policies of that agent are orphans.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

import branch as tiny
from cast import Cast, staff_number
from tuogu.books import actions
from tuogu.core.classify import classify
from tuogu.core.intake_tables import Intake
from tuogu.core.tables import REJECTS as REJECTED
from tuogu.core.tables import Book, Books, empty
from tuogu.org import queries as org
from tuogu.org.roles import Role

GONE = "9999"
MANAGER = staff_number(Role.ACCOUNT_MANAGER)  # team 1
OTHER = "9101"  # team 2
STRANGER = "9201"  # another branch
PLACES = (tiny.BAISHA, tiny.BAIHE, tiny.JIANGXIA)


def policy_rows(count: int, *, agent: str, institution: str = "B", first: int = 0) -> list[dict[str, Any]]:
    """`count` policies `P…`, each of a holder `C…` of its own, due on the first of a month of its own."""
    return [
        {
            "policy_number": f"P{i:08d}", "holder_number": f"C{i:06d}", "insured_number": f"C{i:06d}",
            "agent_number": agent, "institution_code": institution, "premium_fen": 100_000 + i,
            "inception_date": date(2015, i % 12 + 1, i % 28 + 1), "payment_term_years": None,
        }
        for i in range(first, first + count)
    ]  # fmt: skip


def customer_rows(policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A customer for each holder: 张三 with a phone and an ID of their own."""
    numbers = sorted({row["holder_number"] for row in policies} | {row["insured_number"] for row in policies})
    return [
        {
            "customer_number": n,
            "phone": f"138{int(n[1:]):08d}",
            "id_number": f"33020319800101{int(n[1:]) % 10_000:04d}",
        }
        for n in numbers
    ]


def import_rows(
    cast: Cast,
    policies: list[dict[str, Any]],
    customers: list[dict[str, Any]] | None = None,
    *,
    days_ago: int = 1,
    gone: date = date(2020, 1, 1),
    leaver: str = GONE,
) -> None:
    """Import these rows, as a file of `days_ago`, in the name of the clerk. `gone`: the day on which `leaver` left."""
    intake, book = as_file(cast, policies, customers, days_ago=days_ago, gone=gone, leaver=leaver)
    actions.import_books(
        intake, book, file_name="listed.xlsx", coverage="partial", code_book_version="2026.1",
        by=cast.people[Role.RESOURCE_CLERK], recorded_at=cast.now,
    )  # fmt: skip


def as_file(
    cast: Cast,
    policies: list[dict[str, Any]],
    customers: list[dict[str, Any]] | None = None,
    *,
    days_ago: int = 1,
    gone: date = date(2020, 1, 1),
    leaver: str = GONE,
) -> tuple[Intake, Book]:
    """What `import_rows` imports, before it does."""
    described = cast.today - timedelta(days=days_ago)
    people = tiny.people({"staff_number": leaver, "name": "已离司", "team_code": "T1", "institution_code": "B",
                          "left_date": gone})  # fmt: skip
    given = customers if customers is not None else customer_rows(policies)
    books = Books(
        tiny.policies(*policies),
        tiny.customers(*given),
        people,
        tiny.institutions().head(0),
        data_date=described,
    )
    places = tiny.located(**{row["customer_number"]: _place(row["customer_number"]) for row in given})
    known = Books(
        books.policies, books.customers, _everybody(people), books.institutions, data_date=described
    )
    book = Book(
        books=books,
        located=places,
        homes=places.head(0),
        classified=classify(known, places, tiny.RULEBOOK, cast.today),
        communities=tiny.communities(),
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
    )
    nothing = empty(REJECTED)
    return Intake(books, nothing, nothing, nothing), book


def _place(customer: str) -> str | None:
    """Every seventh customer's address waits for a person."""
    number = int(customer[1:])
    return None if number % 7 == 6 else PLACES[number % len(PLACES)]


def _everybody(people: pl.DataFrame) -> pl.DataFrame:
    stored = org.staff_ids().join(people, on="staff_number", how="anti").select("staff_number", "left_date")
    return pl.concat([people, tiny.people(*stored.to_dicts())])
