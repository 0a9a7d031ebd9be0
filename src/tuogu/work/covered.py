"""Who has visited and checked everybody, and for whom nothing has been done yet (S4-17, S4-19).

In: a scope, a day. Out: core.timeline.coverage SHARES and GAPS. Never: a row out of scope, a share rounded up, a figure kept
beyond the entry, import, task, end or record that changes it.

Cost: the database hands out one row for each policy held and duty (the first day from which records count), not one for each
task; then the records since the first of these days are read once. What came of it is kept in this process; then a
page asks for the newest ids only and counts the ends, rows of one narrow index.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db.models import Max, Min

from tuogu.books import queries as books
from tuogu.core.tables import empty
from tuogu.core.timeline import coverage as core_coverage
from tuogu.core.timeline.tables import STANDING
from tuogu.org.scope import Scope
from tuogu.process_memory import memory as cache
from tuogu.rules import queries as rules
from tuogu.work import evidence
from tuogu.work.ending import OPEN, judged
from tuogu.work.kinds import TaskOutcome
from tuogu.work.models import Record, Task, TaskEnd

_FIRSTS = {
    "subject_id": pl.Int64, "obligation": pl.String, "rulebook": pl.String, "holder": pl.Int64,
    "customer_number": pl.String, "opens_date": pl.Date,
}  # fmt: skip
_HOLDER, _CUSTOMER = "subject__holdings__custodian_id", "subject__listed__holder_number"
_LATE_IDS = 1000  # a row may be committed after others with ids up to so much higher
_NOT_OWED = [TaskOutcome.VOID, TaskOutcome.WAIVED]


def coverage(scope: Scope, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """SHARES and GAPS of the policies within scope that somebody holds; holder = custodian id as text."""
    book = rules.applicable(on)
    key = f"work.coverage:{on}:{book.digest()}:{books.stock_mark(scope)}:{_mark()}"
    found: tuple[pl.DataFrame, pl.DataFrame] | None = cache.get(key)
    if found is None:
        firsts = _firsts(scope, on, list(core_coverage.required(book)))
        holders = firsts.select("subject_id", pl.col("holder").cast(pl.String)).unique()
        standing = _standing(firsts, None if scope.all_rows else firsts["customer_number"], on)
        found = core_coverage.shares(standing, holders, book), core_coverage.gaps(standing, holders, book)
        cache.set(key, found)
    return found


def _mark() -> str:
    """Changes with every task, end and record, and with what other rooms know."""
    newest = []
    for model in (Task, Record):
        last = model._default_manager.aggregate(last=Max("id"))["last"] or 0
        late = model._default_manager.filter(id__gt=last - _LATE_IDS).count()
        newest.append(f"{last}.{late}")
    return ":".join([*newest, str(TaskEnd.objects.count()), *evidence.marks()])


def _firsts(scope: Scope, on: date, wanted: list[str]) -> pl.DataFrame:
    """Each policy held and duty owed by now, with the first day from which a record counts: whoever has done something
    since then has done something for one of its tasks."""
    rows = Task.objects.filter(
        obligation__in=wanted, opens_date__lte=on, subject__holdings__relation="custody",
        subject__holdings__custodian__isnull=False,
    ).exclude(end__outcome__in=_NOT_OWED)  # fmt: skip
    seen = books.visible_subjects(scope)
    rows = rows if seen is None else rows.filter(subject_id__in=seen)
    named = rows.order_by().values_list("subject_id", "obligation", "rulebook", _HOLDER, _CUSTOMER)
    found = list(named.annotate(first=Min("opens_date")))
    return pl.DataFrame(found, schema=_FIRSTS, orient="row").sort("subject_id", "obligation", "rulebook")


def _standing(firsts: pl.DataFrame, customers: pl.Series | None, on: date) -> pl.DataFrame:
    if firsts.is_empty():
        return empty(STANDING)
    first: date = firsts["opens_date"].min()  # type: ignore[assignment]  # a column of days
    numbers = None if customers is None else customers.drop_nulls().unique().to_list()
    tasks = (
        firsts.with_row_index("task")
        .with_columns(
            pl.col("task").cast(pl.Int64), key=pl.lit(""), anchor_date="opens_date", due_date="opens_date",
            needed=pl.lit(1, pl.Int64), reason=pl.lit(""),
        )
        .select(*OPEN)
    )  # fmt: skip
    named = firsts.select("subject_id", "customer_number").drop_nulls().unique()
    done = judged(tasks, named, evidence.evidence(numbers, first), on)
    joined = tasks.join(done, on="task", how="inner").with_columns(in_time=pl.col("done"))
    return joined.select(*STANDING)
