"""From which day a duty counts: the anchors, for every case at once.

In: cases, events, a duty, a span of days. Out: the cases that have an anchor there, with `anchor_date` and `anchor_end`
(last day of the policy year, quarter or holiday; the anchor's own day where it has no length). Never: a row of a case
without that day; a case twice with the same day.

A day that a month does not have is the month's last: 29 February is 28 February in other years.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from tuogu.core.timeline.obligations import LAPSING, Obligation
from tuogu.core.timeline.tables import PAID
from tuogu.data.festivals import festival_days

_QUARTER_MONTHS = 3  # of the calendar
_YEAR_MONTHS = 12  # of the calendar
_SHORT_MONTHS = 12  # a contract of a year or less is renewed, a longer one matures


@dataclass(frozen=True)
class Span:
    """Days [first, end)."""

    first: date
    end: date

    def back(self, days: int) -> Span:
        """The span of days that lie `days` before these."""
        return Span(self.first - timedelta(days=days), self.end - timedelta(days=days))

    def months(self) -> Iterator[tuple[int, int, int, int, int]]:
        """(year, month, first day, last day, days of the month) of each month that the span touches."""
        last = self.end - timedelta(days=1)
        for month in range(self.first.year * 12 + self.first.month - 1, last.year * 12 + last.month):
            year, place = divmod(month, 12)
            length = monthrange(year, place + 1)[1]
            low = self.first.day if (year, place + 1) == (self.first.year, self.first.month) else 1
            high = last.day if (year, place + 1) == (last.year, last.month) else length
            yield year, place + 1, low, high, length


@dataclass(frozen=True)
class _Ask:
    """Which anchors are looked for: of these cases, for this duty, on days of this span."""

    cases: pl.DataFrame
    events: pl.DataFrame
    duty: Obligation
    span: Span


def anchored(cases: pl.DataFrame, events: pl.DataFrame, duty: Obligation, span: Span) -> pl.DataFrame:
    """The cases with an anchor of the duty in the span, one row an anchor."""
    if span.end <= span.first:
        return _on(cases.clear(), pl.lit(None, pl.Date))
    return ANCHORS[duty.anchor](_Ask(cases, events, duty, span))


# --- a day of the case ---------------------------------------------------------------------------------------------


def _single(day: pl.Expr) -> Callable[[_Ask], pl.DataFrame]:
    def found(ask: _Ask) -> pl.DataFrame:
        return _on(ask.cases.filter(_within(day, ask.span)), day)

    return found


_END = pl.col("end_date")
_SHORT = pl.col("inception_date").dt.offset_by(f"{_SHORT_MONTHS}mo") >= _END
_MATURITY = pl.when(~_SHORT.fill_null(False)).then(_END)
_RENEWAL = pl.when(_SHORT).then(_END)
_LAPSED_HELD = pl.when(pl.col("lapse_date").is_not_null()).then(
    pl.max_horizontal("lapse_date", "received_date")
)


def _lapsed_held(ask: _Ask) -> pl.DataFrame:
    """The day on which a lapsed policy is in hand, or every so many months after it."""
    if not ask.duty.every_months:
        return _single(_LAPSED_HELD)(ask)
    return _recurring(
        ask.cases, _LAPSED_HELD, pl.lit(ask.duty.every_months), pl.lit(1), pl.lit(ask.duty.repeats), ask.span
    )


# --- again and again -----------------------------------------------------------------------------------------------


def _recurring(
    cases: pl.DataFrame, base: pl.Expr, step: pl.Expr, first: pl.Expr, last: pl.Expr, span: Span
) -> pl.DataFrame:
    """Rows with the days base + k·step months for first ≤ k ≤ last (null = for ever) that lie in the span."""
    found = []
    for year, month, low, high, length in span.months():
        day = pl.min_horizontal(base.dt.day().cast(pl.Int64), pl.lit(length, pl.Int64))
        near = cases.filter(day.is_between(low, high))  # the day alone is cheap, and leaves few
        elapsed = year * 12 + (month - 1) - _months(base)
        turn = elapsed // step
        falls = (elapsed % step == 0) & (turn >= first) & (last.is_null() | (turn <= last))
        found.append(_on(near.filter(falls), pl.date(year, month, day)))
    return pl.concat(found)


def _policy_year(ask: _Ask) -> pl.DataFrame:
    """The first day of each policy year; it ends on the day before the next, or with the cover."""
    starts = _recurring(
        ask.cases, pl.col("inception_date"), pl.lit(_YEAR_MONTHS), pl.lit(0), pl.lit(None, pl.Int64), ask.span
    )
    following = _clamped(pl.col("anchor_date").dt.year() + 1, pl.col("inception_date"))
    starts = starts.filter(_END.is_null() | (pl.col("anchor_date") < _END))
    return starts.with_columns(anchor_end=pl.min_horizontal(following - pl.duration(days=1), "end_date"))


def _birthday(ask: _Ask) -> pl.DataFrame:
    return _recurring(
        ask.cases, pl.col("birth_date"), pl.lit(_YEAR_MONTHS), pl.lit(1), pl.lit(None, pl.Int64), ask.span
    )


def _due(ask: _Ask) -> pl.DataFrame:
    """Each instalment after the first, which is paid with the contract, unless it is told as paid (see core.dues)."""
    a_year = pl.col("payments_per_year").clip(1, 12)
    paying = ask.cases.filter((pl.col("premium_mode") == "regular") & (pl.col("payments_per_year") > 0))
    last = pl.col("payment_term_years") * a_year - 1
    dues = _recurring(paying, pl.col("inception_date"), 12 // a_year, pl.lit(1), last, ask.span)
    paid = ask.events.filter(pl.col("kind") == PAID).select("subject_id", anchor_date="day")
    return dues.join(paid, on=["subject_id", "anchor_date"], how="anti") if len(paid) else dues


def _grace_end(ask: _Ask) -> pl.DataFrame:
    """The last day of grace after each instalment's due day.

    Books do not tell what was paid. `lapsing`: only the instalment in whose grace a policy lapsed, and only while the duty
    could still be done in time once the books said so: a lapse on the day after the grace asks for nothing that has passed.
    Of a lapsed policy nothing falls due after the lapse.
    """
    dues = _due(replace(ask, span=ask.span.back(ask.duty.grace_days)))
    over = (pl.col("state") == "lapsed") & (pl.col("anchor_date") > pl.col("lapse_date"))
    dues = dues.filter(~over.fill_null(False))
    if ask.duty.instalments == LAPSING:
        in_time = pl.col("anchor_date") + pl.duration(days=ask.duty.grace_days + ask.duty.due_after)
        dues = dues.filter(pl.col("lapse_date").is_between(pl.col("anchor_date"), in_time))
    return _on(dues, pl.col("anchor_date") + pl.duration(days=ask.duty.grace_days))


# --- a day of the calendar -----------------------------------------------------------------------------------------


def _quarter(ask: _Ask) -> pl.DataFrame:
    firsts = [date(y, m, 1) for y, m, low, *_ in ask.span.months() if low == 1 and m % _QUARTER_MONTHS == 1]
    return _all_on(ask.cases, [(first, _quarter_end(first)) for first in firsts])


def _quarter_end(first: date) -> date:
    last = first.month + _QUARTER_MONTHS - 1
    return date(first.year, last, monthrange(first.year, last)[1])


def _festival(ask: _Ask) -> pl.DataFrame:
    years = range(ask.span.first.year, ask.span.end.year + 1)
    known = {festival_days(year, name) for year in years for name in ask.duty.festivals}
    days = {days for days in known if days is not None and ask.span.first <= days[0] < ask.span.end}
    return _all_on(ask.cases, sorted(days))


def _all_on(cases: pl.DataFrame, days: list[tuple[date, date]]) -> pl.DataFrame:
    found = [cases.with_columns(anchor_date=pl.lit(first), anchor_end=pl.lit(last)) for first, last in days]
    return pl.concat(found) if found else _on(cases.clear(), pl.lit(None, pl.Date))


# --- what happened -------------------------------------------------------------------------------------------------


def _event(ask: _Ask) -> pl.DataFrame:
    told = ask.events.filter((pl.col("kind") == ask.duty.anchor) & _within(pl.col("day"), ask.span))
    days = told.select("subject_id", anchor_date="day").unique()
    return _on(ask.cases.join(days, on="subject_id"), pl.col("anchor_date"))


# --- parts ---------------------------------------------------------------------------------------------------------


def _on(cases: pl.DataFrame, day: pl.Expr) -> pl.DataFrame:
    return cases.with_columns(anchor_date=day, anchor_end=day)


def _within(day: pl.Expr, span: Span) -> pl.Expr:
    return (day >= span.first) & (day < span.end)


def _months(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64) - 1


def _clamped(year: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The day in that year, or the month's last."""
    first = pl.date(year, day.dt.month(), 1)
    return pl.date(year, day.dt.month(), pl.min_horizontal(day.dt.day(), first.dt.month_end().dt.day()))


ANCHORS: Mapping[str, Callable[[_Ask], pl.DataFrame]] = {
    "received": _single(pl.col("received_date")),
    "maturity": _single(_MATURITY),
    "renewal": _single(_RENEWAL),
    "lapsed_held": _lapsed_held,
    "policy_year": _policy_year,
    "birthday": _birthday,
    "due": _due,
    "grace_end": _grace_end,
    "quarter": _quarter,
    "festival": _festival,
    "papers_complete": _event,
    "papers_answered": _event,
    "second_meeting": _event,
    "missed_visit": _event,
}
