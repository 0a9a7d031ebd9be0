"""Reports that are figures by dimensions: development, persistency, contact, complaint, load, timeliness, the whole pack.

In: what is asked, a group of measures. Out: Content: totals with the month before, tables by dimension, a curve over the
months, cohorts where there are any, definitions. Never: a rate without both its sides beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.core.labels import ORPHAN_SOURCES
from tuogu.core.measures.definitions import DIMENSIONS, Measure
from tuogu.core.measures.periods import month_after
from tuogu.files.bulletin import Chart, Column, Content, Kind, Series, Table, Value
from tuogu.org.scope import Scope
from tuogu.reports import live
from tuogu.reports.bulletins import phrases
from tuogu.reports.bulletins.asked import Asked, called, days_of, institution_names
from tuogu.reports.bulletins.numbers import (
    KINDS,
    basis,
    by_dimension,
    definition,
    history,
    people_by,
    shown,
    totals,
)
from tuogu.reports.failures import AskedWrongly

_AT_ONCE: Final = 4  # figures side by side in one table
_COHORTS: Final = 6  # curves in one picture
_BARS_MAX: Final = 24  # places in one picture
_UNIT_TITLES: Final = {"percent": "%", "per_mille": "‰", "each": "件每人"}
_LIVE_NOTE: Final = "本表按现有记录计算：冻结时没有按机构再分此维度存档。"


@dataclass(frozen=True)
class Figures:
    """One such report: which figures (a key, or a ground's beginning with *), by which dimensions."""

    keys: tuple[str, ...]
    by: tuple[str, ...] = ("department", "team", "person")

    def __call__(self, asked: Asked, key: str, title: str) -> Content:
        chosen = chosen_of(self.keys, asked.known)
        dims = asked.by or self.by
        missing = [name for name in dims if name not in DIMENSIONS]
        if missing:
            raise AskedWrongly(_("没有这项指标或维度：%(keys)s") % {"keys": "、".join(missing)})
        past = history(asked, [one.key for one in chosen])
        base = basis(asked)
        tables = [*_summary(asked, chosen), *(table for name in dims for table in _by(asked, chosen, name))]
        return Content(
            key, title, asked.place, asked.period, (base.words,), tuple(tables),
            tuple(_charts(asked, chosen, past, dims[0])), tuple(definition(one) for one in chosen), base.digest,
        )  # fmt: skip


def chosen_of(keys: Sequence[str], on: date) -> list[Measure]:
    """The measures of the rulebook of a day; 'develop*' = all whose key begins so, none = all."""
    known = live.measures(on)
    if not keys:
        return list(known.values())
    return [
        one for one in known.values()
        if any(one.key == key or (key.endswith("*") and one.key.startswith(key[:-1])) for key in keys)
    ]  # fmt: skip


def _summary(asked: Asked, chosen: list[Measure]) -> list[Table]:
    """Totals with the month before; a table for each unit, so that a column holds one kind of number."""
    now = totals(asked, [one.key for one in chosen])
    then = totals(asked, [one.key for one in chosen], month_after(asked.first, -1))
    found = []
    kinds = list(dict.fromkeys((one.unit, sides_kind(one)) for one in chosen))
    for unit, kind in kinds:
        rows = [_line(one, now, then) for one in chosen if (one.unit, sides_kind(one)) == (unit, kind)]
        sides = ("分子（元）", "分母（元）") if kind == "money" else ("分子", "分母")
        head = (
            Column("指标"), Column(sides[0], kind), Column(sides[1], kind), Column("数值", KINDS[unit]),
            Column("上月", KINDS[unit]), Column("变化", "points"),
        )  # fmt: skip
        said = (phrases.SUMMARY_MONEY if kind == "money" else phrases.SUMMARY) % {"unit": _UNIT_TITLES[unit]}
        found.append(Table(said if len(kinds) > 1 else "汇总", head, tuple(rows)))
    return found


def sides_kind(one: Measure) -> Kind:
    """What both sides are: premiums are kept in fen."""
    return "money" if one.weight else "int"


def _line(
    one: Measure, now: dict[str, tuple[int, int]], then: dict[str, tuple[int, int]]
) -> tuple[Value, ...]:
    sides, here, before = (
        now.get(one.key, (0, 0)),
        shown(one, now.get(one.key)),
        shown(one, then.get(one.key)),
    )
    change = None if here is None or before is None else here - before
    return (one.title, *sides, here, before, change)


def _by(asked: Asked, chosen: list[Measure], dimension: str) -> list[Table]:
    """Tables by a dimension, a few figures each."""
    rows, kept = by_dimension(asked, [one.key for one in chosen], dimension)
    sides = {(key, value): (n, d) for key, value, n, d in rows.rows()}
    values: list[str] = rows["value"].unique(maintain_order=True).to_list()
    words = words_of(dimension, values)
    parts = [chosen[start : start + _AT_ONCE] for start in range(0, len(chosen), _AT_ONCE)]
    found = []
    for place, part in enumerate(parts, 1):
        heads = [Column(DIMENSIONS[dimension], "person" if dimension == "person" else "text")]
        for one in part:
            kind = sides_kind(one)
            heads += [
                Column(phrases.NUMERATOR_OF % {"measure": one.title}, kind),
                Column("分母", kind),
                Column(one.title, KINDS[one.unit]),
            ]
        lines = []
        for value in sorted(values, key=lambda value: (value == "", str(words.get(value, value)))):
            cells: list[Value] = []
            for one in part:
                here = sides.get((one.key, value))
                cells += [*(here or (None, None)), shown(one, here)]
            if any(cell is not None for cell in cells):
                lines.append((words.get(value, value), *cells))
        title = (phrases.BY_PART if len(parts) > 1 else phrases.BY) % {
            "dimension": DIMENSIONS[dimension],
            "n": place,
        }
        found.append(Table(title, tuple(heads), tuple(lines), note="" if kept else _LIVE_NOTE))
    return found


def words_of(dimension: str, values: Sequence[str]) -> dict[str, Value]:
    """What the values of a dimension are called; people stay custodians, whoever shows them names them."""
    if dimension == "person":
        return {value: int(value) if value else None for value in values}
    if dimension == "source":
        return {value: ORPHAN_SOURCES.get(value, value or "未注明") for value in values}
    if dimension in ("district", "street"):
        names = books.place_names(value for value in values if value)
        return {value: names.get(value, value or "待编码") for value in values}
    names = institution_names()
    return {value: called(names, value) for value in values}


def _charts(
    asked: Asked, chosen: list[Measure], past: list[tuple[date, dict[str, tuple[int, int]]]], dimension: str
) -> list[Chart]:
    first = chosen[0]
    alike = [one for one in chosen if one.unit == first.unit][:_AT_ONCE]
    months = tuple(f"{month:%Y-%m}" for month, _sides in past)
    lines = tuple(
        Series(one.title, tuple(shown(one, sides.get(one.key)) for _month, sides in past)) for one in alike
    )
    found = [Chart("lines", "逐月", months, lines, KINDS[first.unit])] if len(months) > 1 else []
    cohorts = _cohorts(chosen, past)
    found += [cohorts] if cohorts else []
    ranked = spread(asked, first, dimension) if dimension in ("branch", "department", "team") else None
    return [*found, *([ranked] if ranked else [])]


def ranking(scope: Scope, measure: Measure, month: date, dimension: str, *, on: date) -> Chart | None:
    """The same picture for whoever asks of one figure alone."""
    first, last = days_of("month", month)
    return spread(Asked(scope, "", "", "month", first, last, on), measure, dimension)


def spread(asked: Asked, measure: Measure, dimension: str) -> Chart | None:
    """Places by their figure, the best first, with those of their people below."""
    rows, _kept = by_dimension(asked, [measure.key], dimension)
    names = words_of(dimension, rows["value"].to_list())
    ranked = [
        (value, found) for value, n, d in rows.select("value", "numerator", "denominator").rows()
        if value and (found := shown(measure, (n, d))) is not None
    ]  # fmt: skip
    ranked.sort(key=lambda one: one[1], reverse=measure.better != "down")
    ranked = ranked[:_BARS_MAX]
    if not ranked:
        return None
    people = people_by(asked, measure.key, dimension).filter(pl.col("denominator") > 0)
    dots: dict[str, list[int]] = {}
    for value, n, d in people.rows():
        one = shown(measure, (n, d))
        if value is not None and one is not None:
            dots.setdefault(value, []).append(one)
    return Chart(
        "spread", phrases.SPREAD % {"measure": measure.title}, tuple(str(names[value]) for value, _found in ranked),
        (Series(measure.title, tuple(found for _value, found in ranked)),), KINDS[measure.unit],
        tuple(tuple(sorted(dots.get(value, []))) for value, _found in ranked),
    )  # fmt: skip


def _cohorts(chosen: list[Measure], past: list[tuple[date, dict[str, tuple[int, int]]]]) -> Chart | None:
    """Development of those who were allocated in one month, 3, 6 and 12 months later."""
    stages = [one for one in chosen if one.ground == "development"]
    curves: dict[date, dict[int, int]] = {}
    for month, sides in past:
        for one in stages:
            found = shown(one, sides.get(one.key))
            if found is not None:
                curves.setdefault(month_after(month, -one.months), {})[one.months] = found
    if not curves or not stages:
        return None
    series = tuple(
        Series(
            phrases.COHORT % {"n_month": f"{cohort:%Y-%m}"}, tuple(points.get(one.months) for one in stages)
        )
        for cohort, points in sorted(curves.items())[-_COHORTS:]
    )
    return Chart(
        "lines", "各月分配客户的开发进程", tuple(phrases.MONTHS % {"n": one.months} for one in stages), series, "percent"
    )  # fmt: skip
