"""Corrections reach the stored customers: single fields, each only while it still says what the correction took it to say.

In: changes with the old value that each was made against. Out: which were written and which met
another value. Never: a value that was not judged before (core.amending), a row written past a newer value, an address
changed while its code stays: it is located anew, as an import does, or waits at the address desk.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import connection, transaction

from tuogu.books import listing
from tuogu.books.address_known import home_city, learn_addresses
from tuogu.books.models import Customer
from tuogu.books.opened import opened_customers
from tuogu.books.placing import place
from tuogu.books.rows import customer_rows
from tuogu.bulk import drop, in_parts, load
from tuogu.core.address import locate
from tuogu.core.amending import AMENDABLE, as_texts
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import CUSTOMERS, LOCATED, conform, empty
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules

CHANGES = {"key": pl.Int64, "number": pl.String, "field": pl.String, "old": pl.String, "new": pl.String}
OUTCOMES = {"key": pl.Int64, "outcome": pl.String}
APPLIED, CONFLICT = "applied", "conflict"
_STAGE = "books_amended"
_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes
_CODES = ("community_code", "code_status", "code_reason", "code_confidence", "code_candidates")
_KEPT = ("data_date", "import_run_id")  # what an import said of the row stays said


@transaction.atomic
def amend_customers(changes: pl.DataFrame, *, at: datetime) -> pl.DataFrame:
    """Carry out CHANGES (values canonical as in core.amending, null = nothing); OUTCOMES by key.

    `conflict`: the customer is gone, or the field says something else than `old` by now; it is left as it is.
    """
    numbers = sorted(set(changes["number"]))
    _lock(numbers)
    stored = opened_customers(numbers)
    now = as_texts(stored).rename({"customer_number": "number", "value": "now"})
    met = changes.join(now, on=["number", "field"], how="left", coalesce=True)
    there = pl.col("number").is_in(stored["customer_number"].implode())
    met = met.with_columns(fits=there & pl.col("now").eq_missing(pl.col("old")))
    fitting = met.filter("fits")
    if fitting.height:
        _write(stored, fitting, at)
    outcome = pl.when("fits").then(pl.lit(APPLIED)).otherwise(pl.lit(CONFLICT))
    return (
        met.select("key", outcome=outcome)
        .sort("key")
        .select(pl.col(name).cast(kind) for name, kind in OUTCOMES.items())
    )


def _lock(numbers: list[str]) -> None:
    """PostgreSQL: nobody else changes these rows meanwhile. SQLite has one writer anyway."""
    for some in in_parts(numbers, _AT_ONCE):
        part = Customer.objects.filter(number__in=some).order_by("number")
        list(part.select_for_update().values_list("pk"))


def _write(stored: pl.DataFrame, fitting: pl.DataFrame, at: datetime) -> None:
    today = business_date(at)
    rulebook = rules.applicable(today)
    changed = _with(stored, fitting)
    moved = fitting.filter(pl.col("field") == "address")["number"]
    located = _located(changed.filter(pl.col("customer_number").is_in(moved.implode())), rulebook, today)
    rows = _rows_of(changed, located)
    _update(rows)
    learn_addresses(moved.to_list(), on=today)
    listing.refresh(listing.touched(customers=rows["number"]), rulebook, today)


def _with(stored: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """The CUSTOMERS that change, with their new values."""
    wide = changes.select(customer_number="number", field="field", value="new", given=pl.lit(True))
    frame = stored.join(wide.select("customer_number").unique(), on="customer_number", how="semi")
    for field in AMENDABLE:
        part = wide.filter(pl.col("field") == field).drop("field")
        value = pl.col("value").str.to_date("%Y-%m-%d") if field == "birth_date" else pl.col("value")
        frame = frame.join(part, on="customer_number", how="left", maintain_order="left")
        frame = frame.with_columns(pl.when("given").then(value).otherwise(field).alias(field)).drop(
            "value", "given"
        )
    return frame.select(*CUSTOMERS)


def _located(moved: pl.DataFrame, rulebook: Rulebook, on: date) -> pl.DataFrame:
    """LOCATED of the customers whose address changed, by the code book and rulebook of imports."""
    if moved.is_empty():
        return empty(LOCATED)
    addresses = moved.select("address", key="customer_number")
    city = home_city()
    if not city:  # no institution says which city this is: a person codes the address
        waiting = addresses.select(
            "key", community_code=pl.lit(None, pl.String), status=pl.lit("manual"), reason=pl.lit("no_region"),
            confidence=pl.lit(0.0), candidates=pl.lit("", pl.String),
        )  # fmt: skip
        return conform(waiting, LOCATED)
    located = locate(addresses, regions.gazetteer(city, on), rulebook, city)
    place(located["community_code"].drop_nulls(), regions.codebook([city], on))
    return located


def _rows_of(changed: pl.DataFrame, located: pl.DataFrame) -> pl.DataFrame:
    """Stored rows of `changed`: the code of an address that did not change stays, and so does whose import it was."""
    kept = pl.DataFrame(
        list(
            Customer.objects.filter(number__in=changed["customer_number"].to_list()).values_list(
                "number", *_CODES, *_KEPT
            )
        ),
        schema=["key", "community_code", "status", "reason", "confidence", "candidates", *_KEPT],
        orient="row",
        infer_schema_length=None,
    )
    same = kept.join(located.select("key"), on="key", how="anti")
    codes = pl.concat([same.select(pl.col(name).cast(kind) for name, kind in LOCATED.items()), located])
    first = kept.row(0, named=True)
    rows = customer_rows(changed, codes, first["data_date"], first["import_run_id"])
    own = kept.select("key", *_KEPT).rename({"key": "number"})
    return rows.drop(*_KEPT).join(own, on="number", how="left")


def _update(rows: pl.DataFrame) -> None:
    table, columns = Customer._meta.db_table, [c for c in rows.columns if c not in ("number", *_KEPT)]
    news = ", ".join(f"{column} = s.{column}" for column in columns)
    with connection.cursor() as cursor:
        load(cursor, _STAGE, rows)
        cursor.execute(f"UPDATE {table} SET {news} FROM {_STAGE} s WHERE {table}.number = s.number")
        drop(cursor, _STAGE)
