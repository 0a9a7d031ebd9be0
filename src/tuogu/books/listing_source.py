"""The stored rows that a listing is derived from: everything that `classify` reads, nothing personal.

In: a cursor and, where only some holders matter, a table (or a subquery) of their numbers. Out: Books without names, phones,
IDs and addresses; where customers live by community code; the subjects of main policies. Never: a decrypted value.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.books.rows import CONTRACT
from tuogu.bulk import Cursor, fetch
from tuogu.core.tables import CUSTOMERS, INSTITUTIONS, LOCATED, PEOPLE, POLICIES, Books, Schema, empty
from tuogu.org import queries as org

_ANSWERS = ("info_accurate", "complaint", "misconduct", "contactable", "contact_attempts")
_CONTRACT: Schema = {name: POLICIES[name] for name in CONTRACT}
_MAIN: Schema = {"subject_id": pl.Int64, "number": pl.String, "data_date": pl.Date, **_CONTRACT}
_RIDER: Schema = {"number": pl.String, "main_policy_number": pl.String, **_CONTRACT}
_CUSTOMER: Schema = {
    "number": pl.String,
    **{name: CUSTOMERS[name] for name in _ANSWERS},
    "community_code": pl.String,
}
_PLACES: Schema = dict.fromkeys(("community_code", "street_code", "district_code", "display_code"), pl.String)


@dataclass(frozen=True)
class Stored:
    """What was read. `subjects`: subject_id, number, data_date of each main policy."""

    books: Books
    located: pl.DataFrame  # LOCATED; only key and community_code are filled
    subjects: pl.DataFrame
    places: pl.DataFrame  # community_code, street_code, district_code, display_code


def read(cursor: Cursor, holders: str | None, *, places: bool = True) -> Stored:
    """The stored rows of the holders named in the table `holders`; None = of all. Without `places` no places."""
    mains = fetch(cursor, _MAIN, f"SELECT {_columns('p', _MAIN)} FROM books_policy p {_of(holders, 'p')}")
    of_mains = (
        f"JOIN books_policy p ON p.number = r.main_policy_number {_of(holders, 'p')}" if holders else ""
    )
    riders = fetch(cursor, _RIDER, f"SELECT {_columns('r', _RIDER)} FROM books_rider r {of_mains}")
    customers = fetch(
        cursor, _CUSTOMER, f"SELECT {_columns('c', _CUSTOMER)} FROM books_customer c {_customers_of(holders)}"
    )
    named = f"SELECT {_columns('l', _PLACES)} FROM books_listedcommunity l"
    found = fetch(cursor, _PLACES, named) if places else empty(_PLACES)
    people = _people(None if holders is None else mains["agent_number"].drop_nulls())
    books = Books(_policies(mains, riders), _customers(customers), people, empty(INSTITUTIONS))
    return Stored(books, _located(customers), mains.select("subject_id", "number", "data_date"), found)


def _columns(table: str, schema: Schema) -> str:
    return ", ".join(f"{table}.{name}" for name in schema)


def _of(holders: str | None, table: str) -> str:
    return f"JOIN {holders} h ON h.holder_number = {table}.holder_number" if holders else ""


def _customers_of(holders: str | None) -> str:
    """Holders, and the insured of their policies: an address basis may be either (S0-02)."""
    if holders is None:
        return ""
    return f"""WHERE c.number IN (SELECT holder_number FROM {holders} h0
        UNION SELECT p.insured_number FROM books_policy p {_of(holders, "p")} WHERE p.insured_number IS NOT NULL)"""


def _policies(mains: pl.DataFrame, riders: pl.DataFrame) -> pl.DataFrame:
    """POLICIES of both."""
    nobody = pl.lit(None, pl.String)
    rows = [
        frame.with_columns(kind=pl.lit(kind), **more).rename({"number": "policy_number"}).select(*POLICIES)
        for frame, kind, more in (
            (mains, "main", {"main_policy_number": nobody}),
            (riders, "rider", {}),
        )
    ]
    return pl.concat(rows)


def _customers(rows: pl.DataFrame) -> pl.DataFrame:
    """CUSTOMERS with the answers only."""
    unread = [
        pl.lit(None, kind).alias(name)
        for name, kind in CUSTOMERS.items()
        if name not in (*_ANSWERS, "customer_number")
    ]
    return rows.rename({"number": "customer_number"}).with_columns(unread).select(*CUSTOMERS)


def _located(rows: pl.DataFrame) -> pl.DataFrame:
    unread = [
        pl.lit(None, kind).alias(name)
        for name, kind in LOCATED.items()
        if name not in ("key", "community_code")
    ]
    return rows.select("community_code", *unread, key="number").select(*LOCATED)


def _people(agents: pl.Series | None) -> pl.DataFrame:
    """PEOPLE with staff numbers and leave dates only; None = all."""
    unread = [
        pl.lit(None, kind).alias(name)
        for name, kind in PEOPLE.items()
        if name not in ("staff_number", "left_date")
    ]
    return org.staff_ids(agents).select("staff_number", "left_date", *unread).select(*PEOPLE)
