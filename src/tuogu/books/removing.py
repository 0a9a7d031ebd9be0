"""The rows of an import that is taken back leave the books: policies, riders, customers whom nothing refers to any more.

In: an import, what of it goes. Out: counts. Never: a customer whom a policy that stays refers to, of whatever kind; a row
that another import wrote last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl
from django.db import connection

from tuogu.books import also_stored, listing
from tuogu.books.models import Customer, ImportRun, Policy, Rider
from tuogu.bulk import Cursor, drop, load
from tuogu.rules import queries as rules

_BACK = "books_revert"  # temporary table: subject_id, number


def remove(
    run: ImportRun, back: pl.DataFrame, beside: Sequence[also_stored.Part], today: date
) -> dict[str, int]:
    """Delete the rows of these policies, of their riders, and of customers that nothing refers to any more."""
    with connection.cursor() as cursor:
        load(cursor, _BACK, back.select("subject_id", "number"))
        customers = _orphaned(cursor, run, beside)
        riders = _delete(cursor, Rider, f"main_policy_number IN (SELECT number FROM {_BACK})")
        policies = _delete(cursor, Policy, f"subject_id IN (SELECT subject_id FROM {_BACK})")
        drop(cursor, _BACK)
    gone = 0
    for part in customers.iter_slices(_SLICE):
        gone += Customer.objects.filter(number__in=part["number"].to_list()).delete()[0]
    changed = listing.touched(policies=back["number"], customers=customers["number"])
    listing.refresh(changed, rules.applicable(today), today)
    return {"policies": policies, "riders": riders, "customers": gone}


_SLICE = 500  # numbers in one statement: below the limits of both databases


def _orphaned(cursor: Cursor, run: ImportRun, beside: Sequence[also_stored.Part]) -> pl.DataFrame:
    """Customers last written by this import that only what goes refers to: number."""
    cursor.execute(
        f"SELECT c.number, c.number IN ({_parties('IN')}) FROM books_customer c"
        f" WHERE c.import_run_id = %s AND c.number NOT IN ({_parties('NOT IN')})",
        [run.pk],
    )
    free: Sequence[tuple[str, bool]] = cursor.fetchall()  # no policy that stays refers to them
    going = {number for number, referred in free if referred}
    for part in beside:
        gone = part.back["subject_id"].to_list()
        going |= part.room.customers(gone) & {number for number, _referred in free}
    for part in beside:
        going -= part.room.refers(sorted(going), part.back["subject_id"].to_list())
    return pl.DataFrame({"number": sorted(going)}, schema={"number": pl.String})


def _parties(among: Literal["IN", "NOT IN"]) -> str:
    """SQL of the customers that contracts to be taken back, or all others, refer to: number."""
    return " UNION ".join(
        f"SELECT {role}_number AS number FROM {table} WHERE {key} {among} (SELECT {taken} FROM {_BACK})"
        f" AND {role}_number IS NOT NULL"
        for table, key, taken in (
            ("books_policy", "subject_id", "subject_id"),
            ("books_rider", "main_policy_number", "number"),
        )
        for role in ("holder", "insured")
    )


def _delete(cursor: Cursor, model: type[Policy] | type[Rider], where: str) -> int:
    cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE {where}")
    return int(cursor.rowcount)
