"""For whom, of which place and of which days a report is made.

In: a viewer's scope, an institution within it, a day. Out: `Asked`. Never: a place beyond the scope, a day or period that
is yet to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl
from django.utils.translation import gettext as _

from tuogu.core.measures.periods import Period, month_after
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.reports.bulletins import phrases
from tuogu.reports.failures import AskedWrongly

CADENCES: Final = {"day": "日", "week": "周", "month": "月"}
_WHOLE: Final = "全部机构"
_WEEK_DAYS: Final = 7  # of the calendar


@dataclass(frozen=True)
class Asked:
    """`institution`: '' = the whole house. `first`..`last`: the days reported on. `on`: today; what lies behind it counts
    not. `by`: dimensions instead of the report's own."""

    scope: Scope
    institution: str
    place: str
    cadence: str
    first: date
    last: date
    on: date
    by: tuple[str, ...] = ()

    @property
    def period(self) -> str:
        """The period in words."""
        if self.cadence == "month":
            return Period.of(self.first).words()
        days = f"{self.first.isoformat()}"
        span = {"n_first": days, "n_last": self.last.isoformat()}
        return days if self.cadence == "day" else phrases.SPAN % span

    @property
    def known(self) -> date:
        """The last day of the period that is known."""
        return min(self.last, self.on)

    @property
    def running(self) -> bool:
        """Whether part of the period is yet to come."""
        return self.on < self.last


def asked(
    scope: Scope, institution: str, cadence: str, day: date, *, on: date, by: tuple[str, ...] = ()
) -> Asked:
    """The order of a report about the period in which `day` lies. AskedWrongly for a place out of scope and for a day
    that is yet to come."""
    first, last = days_of(cadence, day)
    if first > on:
        raise AskedWrongly(_("这一期还没有开始"))
    if day > on:
        raise AskedWrongly(_("%(day)s 还没有到，不能为它出报表") % {"day": day.isoformat()})
    code, place = _place(scope, institution)
    narrow = scope if not code else Scope(institution_codes=frozenset([code]))
    return Asked(narrow, code, place, cadence, first, last, on, by)


def days_of(cadence: str, day: date) -> tuple[date, date]:
    """First and last day of the period: the day itself, Monday to Sunday, the month."""
    if cadence == "day":
        return day, day
    if cadence == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=_WEEK_DAYS - 1)
    return day.replace(day=1), month_after(day.replace(day=1), 1) - timedelta(days=1)


def before(cadence: str, day: date) -> date:
    """A day of the period before."""
    return days_of(cadence, day)[0] - timedelta(days=1)


def institution_names() -> dict[str, str]:
    """Every institution's name by its code."""
    return dict(org.institutions().select("institution_code", "name").iter_rows())


def levels() -> dict[str, str]:
    """Every institution's level by its code."""
    return dict(org.institutions().select("institution_code", "level").iter_rows())


def called(names: dict[str, str], code: object) -> str:
    """What an institution is called; its code where nobody knows it."""
    return names.get(str(code), str(code)) if code else "未归属"


def summed(rows: pl.DataFrame, *columns: str) -> tuple[int, ...]:
    """The sums of some columns."""
    return tuple(int(rows[name].sum() or 0) for name in columns)


def _place(scope: Scope, institution: str) -> tuple[str, str]:
    names = institution_names()
    if scope.all_rows and not institution:
        return "", _WHOLE
    if institution:
        if institution not in names or not (scope.all_rows or institution in org.institutions_within(scope)):
            raise AskedWrongly(_("%(code)s：没有这家机构，或不在你的范围内") % {"code": institution})
        return institution, names[institution]
    choices = org.institution_choices(scope)
    return (choices[0][0], choices[0][1].strip()) if choices else ("", "本人范围")
