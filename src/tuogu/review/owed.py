"""Which logs are owed, and what became of each (S1-32): LOGS of core.inspection for a period.

In: days. Out: LOGS, one row a person and working day in post and not away. Never: a log owed before a department has begun
to keep logs, a day to come.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from django.db.models import Min

from tuogu.core.inspection.tables import FALSIFIED, LOG_PARTS, LOGS
from tuogu.core.tables import D, I, S, conform
from tuogu.data.workdays import is_working_day
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.review.models import Check, Log, Report
from tuogu.review.owners import Owners, owners

_DAY = timedelta(days=1)


def logs_owed(first: date, last: date, of: Owners | None = None) -> pl.DataFrame:
    """LOGS of the days `first`..`last`, by person and day; people who write logs by what they are on `last`."""
    known = of or owners(last)
    begun = _begun(known)
    days = pl.DataFrame({"log_date": _working(first, last)}, schema={"log_date": D})
    people = (
        org.people(Scope.everything())
        .select("custodian_id", "staff_number", "hired_date", "left_date")
        .join(begun, on="staff_number")
    )
    in_post = (pl.col("hired_date").is_null() | (pl.col("hired_date") <= pl.col("log_date"))) & (
        pl.col("left_date").is_null() | (pl.col("left_date") > pl.col("log_date"))
    )
    owed = people.join(days, how="cross").filter(in_post & (pl.col("log_date") >= pl.col("begun_date")))
    owed = owed.join(
        _away(people["custodian_id"].to_list(), first, last), on=["custodian_id", "log_date"], how="anti"
    )
    filed = owed.join(_filed(first, last), on=["custodian_id", "log_date"], how="left")
    frame = filed.with_columns(
        pl.col("filed").fill_null(False), *(pl.col(part).fill_null(False) for part in LOG_PARTS)
    )
    return conform(frame.select(*LOGS), LOGS).sort("staff_number", "log_date")


def falsified() -> pl.DataFrame:
    """FALSIFIED: every confirmed report."""
    rows = Report.objects.filter(end__confirmed=True).order_by("pk")
    found = pl.DataFrame(
        [
            (str(pk), *rest)
            for pk, *rest in rows.values_list("pk", "person_id", "log_date", "end__ended_date")
        ],
        schema={"event": S, "custodian_id": I, "log_date": D, "confirmed_date": D},
        orient="row",
    )
    numbers = org.staff_ids().select("custodian_id", "staff_number")
    return conform(found.join(numbers, on="custodian_id").select(*FALSIFIED), FALSIFIED).sort("event")


def _begun(known: Owners) -> pl.DataFrame:
    """staff_number, begun_date: since when the person's department keeps logs; absent = not yet."""
    rows = Log.objects.values_list("person_id").annotate(first=Min("log_date"))
    firsts = pl.DataFrame(list(rows), schema={"custodian_id": I, "first": D}, orient="row")
    ids = pl.DataFrame(list(known.ids.items()), schema={"staff_number": S, "custodian_id": I}, orient="row")
    places = known.frame.select("staff_number", "department_code").join(ids, on="staff_number")
    of_place = (
        places.join(firsts, on="custodian_id")
        .group_by("department_code")
        .agg(begun_date=pl.col("first").min())
    )
    return places.join(of_place, on="department_code").select("staff_number", "begun_date")


def _filed(first: date, last: date) -> pl.DataFrame:
    """custodian_id, log_date, filed, the parts, marked_points: the newest version of each log."""
    rows = Log.objects.filter(log_date__range=(first, last)).order_by("number")
    newest = pl.DataFrame(
        [(person, day, *(part in parts for part in LOG_PARTS)) for person, day, parts in rows.values_list(
            "person_id", "log_date", "parts")],
        schema={"custodian_id": I, "log_date": D, **dict.fromkeys(LOG_PARTS, pl.Boolean)},
        orient="row",
    ).unique(["custodian_id", "log_date"], keep="last", maintain_order=True)  # fmt: skip
    marks = Check.objects.filter(level="supervisor", log_date__range=(first, last))
    marked = pl.DataFrame(
        list(marks.values_list("person_id", "log_date", "found_points")),
        schema={"custodian_id": I, "log_date": D, "marked_points": I},
        orient="row",
    )
    return newest.with_columns(filed=pl.lit(True)).join(marked, on=["custodian_id", "log_date"], how="left")


def _away(people: list[int], first: date, last: date) -> pl.DataFrame:
    """custodian_id, log_date of every day on which somebody was away."""
    rows = [
        (row.person, day)
        for row in org.absences(people, first, last + _DAY)
        for day in _days(max(row.from_date, first), min(row.until_date - _DAY, last))
    ]
    return pl.DataFrame(rows, schema={"custodian_id": I, "log_date": D}, orient="row").unique()


def _working(first: date, last: date) -> list[date]:
    return [day for day in _days(first, last) if is_working_day(day)]


def _days(first: date, last: date) -> list[date]:
    return [first + n * _DAY for n in range((last - first).days + 1)]
