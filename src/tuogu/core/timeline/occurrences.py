"""Which duties open in a period, for every case at once.

In: CASES, EVENTS, duties, a period of days (both inclusive). Out: OCCURRENCES, one row a duty that opens in it, named by
(subject, duty, anchor's day). Never: the same name twice; a row that another cut of the period into parts would not give; a
duty under a rule that was not in force on its anchor's day (`occurrences_by_version`).

Every anchor gives one opening day, so that what opens on a day is found without a look at any other day. What becomes known
late (a lapse that is imported a week after it, a policy year that had begun when a book was taken over) is found by asking
for the days before once more: names say what was found already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from tuogu.core.tables import conform, empty
from tuogu.core.timeline.anchors import Span, anchored
from tuogu.core.timeline.obligations import ANY, LAPSING, Obligation
from tuogu.core.timeline.tables import CASES, EVENTS, OCCURRENCES
from tuogu.core.timeline.working import add_working_days, rolled

CHUNK_ROWS = 500_000  # cases looked at in one go: bounds the memory
LAPSED_CLASS = "lapsed"  # of service (core.labels)
_NAME = ("subject_id", "obligation", "anchor_date")
_KEPT = ("subject_id", "customer_number", "anchor_date", "anchor_end")


def occurrences(
    cases: pl.DataFrame, events: pl.DataFrame, obligations: Sequence[Obligation], since: date, until: date
) -> pl.DataFrame:
    """OCCURRENCES whose opens_date lies in [since, until], by subject, duty and day."""
    return occurrences_by_version(cases, events, [(date.min, tuple(obligations))], since, until)


def occurrences_by_version(
    cases: pl.DataFrame,
    events: pl.DataFrame,
    versions: Sequence[tuple[date, Sequence[Obligation]]],
    since: date,
    until: date,
) -> pl.DataFrame:
    """As `occurrences`; each follows the duties in force on its anchor's day. `versions`: (first day in force, duties). What
    is anchored before the first version follows the first.
    """
    conform(cases, CASES)
    conform(events, EVENTS)
    opens = Span(since, until + timedelta(days=1))
    found = [
        _of_duty(cases, events, duty, opens, in_force)
        for in_force, duties in _in_force(versions)
        for duty in duties
    ]
    return pl.concat([empty(OCCURRENCES), *found]).sort(_NAME)


def _in_force(
    versions: Sequence[tuple[date, Sequence[Obligation]]],
) -> list[tuple[Span, Sequence[Obligation]]]:
    """Each version with the days on which it is the latest that has begun."""
    ordered = sorted(versions, key=lambda version: version[0])
    firsts = [date.min, *(day for day, _ in ordered[1:])]
    ends = [*firsts[1:], date.max]
    spans = [Span(first, end) for first, end in zip(firsts, ends, strict=True)]
    return [(span, duties) for span, (_, duties) in zip(spans, ordered, strict=True)]


def _of_duty(
    cases: pl.DataFrame, events: pl.DataFrame, duty: Obligation, opens: Span, in_force: Span
) -> pl.DataFrame:
    """OCCURRENCES of one duty, chunk by chunk; where it is owed once a customer, that of the customer's first policy.
    Customers who are not known share nothing.
    """
    chunks = [_opening(chunk, events, duty, opens, in_force) for chunk in cases.iter_slices(CHUNK_ROWS)]
    rows = pl.concat([empty(OCCURRENCES), *(chunk for chunk in chunks if len(chunk))])
    if duty.per == "policy" or rows.is_empty():
        return rows
    known = rows.filter(pl.col("customer_number").is_not_null())
    first = known.group_by("customer_number", "anchor_date").agg(pl.col("subject_id").min())
    shared = known.join(first, on=["customer_number", "anchor_date", "subject_id"], how="semi")
    return pl.concat([rows.filter(pl.col("customer_number").is_null()), shared])


def _opening(
    cases: pl.DataFrame, events: pl.DataFrame, duty: Obligation, opens: Span, in_force: Span
) -> pl.DataFrame:
    """OCCURRENCES of one duty that open in the span and are anchored while the version is in force."""
    days = opens.back(duty.opens_after)
    days = Span(max(days.first, in_force.first), min(days.end, in_force.end))
    found = anchored(cases, events, duty, days).lazy().filter(owed_to(duty)).select(_KEPT).collect()
    owed = found.with_columns(opens_date=pl.col("anchor_date") + pl.duration(days=duty.opens_after))
    due = pl.max_horizontal(pl.lit(_due_days(owed, duty)), "opens_date")
    return owed.select(
        "subject_id", "customer_number", pl.lit(duty.key).alias("obligation"), "anchor_date", "opens_date",
        due.alias("due_date"), pl.lit(duty.times, pl.Int64).alias("needed"), pl.lit(duty.reason).alias("reason"),
    )  # fmt: skip


def _due_days(owed: pl.DataFrame, duty: Obligation) -> pl.Series:
    """The last day that is in time, of each row."""
    start = owed["anchor_end" if duty.due_from == "end" else "anchor_date"]
    if duty.days == "working":
        return rolled(add_working_days(start, duty.due_after), duty.roll)
    return rolled(start + timedelta(days=duty.due_after), duty.roll)


def owed_to(duty: Obligation) -> pl.Expr:
    """Which cases owe the duty."""
    wanted = [
        pl.col(column).is_in(words)
        for column, words in (
            ("service_class", duty.service_classes),
            ("nature", duty.natures),
            ("state", duty.states),
            ("premium_mode", duty.premium_modes),
        )
        if ANY not in words
    ]
    wanted += [pl.col("orphan")] * duty.orphan_only + [pl.col("live")] * (not duty.closed_too)
    wanted += [pl.col("service_class") == LAPSED_CLASS] * (duty.instalments == LAPSING)
    return pl.all_horizontal(pl.lit(True), *wanted)
