"""Figures as the rooms know them now, within a scope: for pages, reports and drills.

In: a scope, a period, keys of measures, dimensions, the last day that counts. Out: FIGURES, the rows behind a figure. Never:
a row of somebody whom the viewer does not see, a figure kept beyond the event that changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

import polars as pl
from django.utils.translation import gettext as _

from tuogu.core.measures import figures as core
from tuogu.core.measures.definitions import DIMENSIONS, Measure, definitions
from tuogu.core.measures.grounds import NEEDS
from tuogu.core.measures.periods import Period
from tuogu.core.measures.tables import Inputs
from tuogu.core.rulebook import Rulebook
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.process_memory import memory
from tuogu.reports.failures import ReportsRefused
from tuogu.reports.gathering import inputs
from tuogu.reports.known import KnownNow
from tuogu.reports.marks import mark
from tuogu.rules import queries as rules

_SHARE: Final = 20  # of so many people one at most: of more, the whole is read faster than their part


def measures(on: date) -> dict[str, Measure]:
    """Every figure that the rulebook of a day defines, in the order in which people read them."""
    return definitions(rules.applicable(on))


def figures(
    scope: Scope,
    month: date,
    wanted: str | Iterable[str] | None = None,
    by: Sequence[str] = (),
    *,
    on: date,
    kind: str = "month",
    ten_years: bool = False,
    known_at: datetime | None = None,
) -> pl.DataFrame:
    """FIGURES (measure, period, first, dimensions …, numerator, denominator) of the `kind` of period in which `month` lies.

    `wanted`: a key, keys, None = all. `on`: today; what lies behind it counts not. Kept in this process until an entry, an
    import, a record or another event changes it. ReportsRefused for an unknown figure, dimension or kind.
    """
    period, book, chosen = _asked(month, kind, on, wanted, by)
    keys = ",".join(one.key for one in chosen)
    key = f"reports.figures:{period}:{on}:{keys}:{by}:{ten_years}:{known_at}:{book.digest()}:{mark(scope)}"
    found: pl.DataFrame | None = memory.get(_short(key))
    if found is None:
        gathered = _gathered(scope, period, book, chosen, on=on, known_at=known_at)
        found = core.figures(
            gathered, chosen, period, book=book, by=by, ten_years=ten_years, seen=seen_by(scope)
        )
        memory.set(_short(key), found)
    return found


def drill(
    scope: Scope, month: date, measure: str, *, on: date, kind: str = "month", ten_years: bool = False
) -> pl.DataFrame:
    """The rows behind a figure: key, a column for each dimension, what each adds to numerator and denominator. Numbers and
    ids only: a page masks what they stand for."""
    period, book, chosen = _asked(month, kind, on, measure, ())
    gathered = _gathered(scope, period, book, chosen, on=on)
    return core.rows_behind(gathered, chosen[0], period, book=book, ten_years=ten_years, seen=seen_by(scope))


def seen_by(scope: Scope) -> core.Seen | None:
    """Whose rows count for this viewer; None = everybody's."""
    persons = org.custodians_within(scope)
    return None if persons is None else core.Seen(persons, org.institutions_within(scope))


def _gathered(
    scope: Scope,
    period: Period,
    book: Rulebook,
    chosen: list[Measure],
    *,
    on: date,
    known_at: datetime | None = None,
) -> Inputs:
    """Of the whole house; for a few people, of what may count for them. What a campaign gave may be anybody's."""
    persons = org.custodians_within(scope)
    whole = KnownNow(period, book)
    everybodys = any("resources" in NEEDS[one.ground] for one in chosen)
    if persons is None or everybodys or len(persons) * _SHARE > whole["staff"].height:
        return inputs(whole, period, chosen, on=on, known_at=known_at)
    known = KnownNow(period, book, persons)
    return inputs(known, period, chosen, on=on, known_at=known_at, among=known.subjects)


def _asked(
    month: date, kind: str, on: date, wanted: str | Iterable[str] | None, by: Sequence[str]
) -> tuple[Period, Rulebook, list[Measure]]:
    try:
        period = Period.of(month, kind)
    except KeyError:
        raise ReportsRefused(_("没有“%(kind)s”这种期间：可用月、季、年") % {"kind": kind}) from None
    book = rules.applicable(min(period.last, on))
    known = definitions(book)
    keys = list(known) if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted)
    missing = [key for key in keys if key not in known] + [name for name in by if name not in DIMENSIONS]
    if missing:
        raise ReportsRefused(_("没有这项指标或维度：%(keys)s") % {"keys": "、".join(missing)})
    return period, book, [known[key] for key in keys]


def _short(key: str) -> str:
    return f"reports.figures:{hashlib.sha256(key.encode()).hexdigest()}"
