"""Charts of load against the band: a heat table, a histogram, the year by months.

In: a ReportSource. Out: HTML tables and SVG with titles. Never: a band that is not the rulebook's, a colour
without its figure beside it.
"""

from __future__ import annotations

from html import escape

import polars as pl

from tuogu.core.census import census
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.files.report_page import Raw, html
from tuogu.files.report_source import ReportSource

NEAR = 5  # pieces from the band's edge that are tinted as close to it
_BIN = 5  # pieces in a bar of the histogram
_TICKS_MAX = 14
_WIDE, _HIGH = 430.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 38.0, 8.0, 14.0, 26.0


def band(source: ReportSource) -> tuple[int, int]:
    """The rulebook's least and most pieces a month."""
    return source.rulebook["territory.month_load_min"], source.rulebook["territory.month_load_max"]


def heat_class(due: int, low: int, high: int) -> str:
    """q0 below the band, q1 near its floor, q4 near its ceiling, q5 above, q2 between."""
    if due < low:
        return "q0"
    if due > high:
        return "q5"
    if due < low + NEAR:
        return "q1"
    return "q4" if due > high - NEAR else "q2"


def heat_key(source: ReportSource) -> Raw:
    """What the tints mean, with the rulebook's figures."""
    low, high = band(source)
    words = {
        "q0": f"低于 {low}",
        "q1": f"{low}–{low + NEAR - 1}",
        "q2": f"{low + NEAR}–{high - NEAR}",
        "q4": f"{high - NEAR + 1}–{high}",
        "q5": f"高于 {high}",
    }
    return Raw("".join(f'<span><i class="sw {name}"></i>{text}</span>' for name, text in words.items()))


def heat_table(source: ReportSource) -> Raw:
    """A row a manager, a column a month; sums below, and what no manager holds."""
    low, high = band(source)
    head = "".join(f'<th scope="col" class="c">{number}月</th>' for number in range(1, 13))
    rows = []
    team = None
    for person in source.managers.iter_rows(named=True):
        if person["team"] != team:
            team = person["team"]
            rows.append(f'<tr class="group"><th colspan="15" scope="rowgroup">{html(team)}</th></tr>')
        months = "".join(
            f'<td class="c {heat_class(person[name], low, high)}">{person[name]}</td>'
            for name in MONTH_COLUMNS
        )
        rows.append(
            f'<tr><th scope="row">{html(person["name"])}</th>{months}'
            f'<td class="num">{person["year"]:,}</td><td class="num">{person["held"]:,}</td></tr>'
        )
    return Raw(
        f'<div class="scroll"><table class="heat"><thead><tr><th scope="col">姓名</th>{head}'
        '<th scope="col" class="num">全年</th><th scope="col" class="num">持有</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody><tfoot>{_heat_foot(source)}</tfoot></table></div>"
    )


def _heat_foot(source: ReportSource) -> str:
    """Managers, buffer group, stock: the first two add up to the third."""
    sums = source.managers.select(pl.col(*MONTH_COLUMNS, "held").sum()).row(0)
    managed, held = sums[:-1], sums[-1]
    stock = census(source.book, source.rulebook, source.plan.as_of)
    policies = stock.regions.filter(level="total")["main_count"].item()
    rest = tuple(whole - part for whole, part in zip(stock.months, managed, strict=True))
    lines = (
        ("客户经理合计", managed, held),
        ("保全组（未分配）", rest, policies - held),
        ("存量合计", stock.months, policies),
    )
    return "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f'<td class="c">{due:,}</td>' for due in months)
        + f'<td class="num">{sum(months):,}</td><td class="num">{held:,}</td></tr>'
        for name, months, held in lines
    )


def histogram(source: ReportSource) -> Raw:
    """How many (manager, month) have how many pieces; the band lies behind the bars."""
    low, high = band(source)
    due = source.plan.loads["due"]
    if due.is_empty():
        return Raw('<p class="none">没有客户经理。</p>')
    found = due.to_list()
    first = min(*found, low) // _BIN * _BIN
    edges = list(range(first, max(*found, high) + 1, _BIN))
    counts = [sum(edge <= pieces < edge + _BIN for pieces in found) for edge in edges]
    most = max(counts)
    step = (_WIDE - _LEFT - _RIGHT) / len(edges)
    high_part = _HIGH - _TOP - _BOTTOM
    left, right = _LEFT + (low - first) / _BIN * step, _LEFT + (high + 1 - first) / _BIN * step
    parts = [
        f'<rect class="band" x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{high_part}">'
        f"<title>限内 {low}–{high} 件</title></rect>"
    ]
    for i, (edge, count) in enumerate(zip(edges, counts, strict=True)):
        x, tall = _LEFT + i * step, high_part * count / most
        kind = "low" if edge + _BIN - 1 < low else "high" if edge > high else "in"
        y = _HIGH - _BOTTOM - tall
        parts.append(
            f'<rect class="bar {kind}" x="{x + 1.5:.1f}" y="{y:.1f}" width="{step - 3:.1f}" '
            f'height="{tall:.1f}"><title>{edge}–{edge + _BIN - 1} 件：{count:,} 个人月</title></rect>'
        )
        if i % (1 + len(edges) // _TICKS_MAX) == 0:
            parts.append(f'<text class="tick" x="{x:.1f}" y="{_HIGH - 9}">{edge}</text>')
    return _chart("人月分布", parts, most, "人月")


def year_chart(source: ReportSource) -> Raw:
    """Pieces due with managers in each month, between what all of them together must and may carry."""
    low, high = band(source)
    people = source.managers.height
    if not people:
        return Raw('<p class="none">没有客户经理。</p>')
    months = source.managers.select(pl.col(MONTH_COLUMNS).sum()).row(0)
    most = max(max(months), high * people)
    step = (_WIDE - _LEFT - _RIGHT) / 12
    high_part = _HIGH - _TOP - _BOTTOM

    def level(pieces: int) -> float:
        return float(_HIGH - _BOTTOM - high_part * pieces / most)

    upper, lower = level(high * people), level(low * people)
    parts = [
        f'<rect class="band" x="{_LEFT}" y="{upper:.1f}" width="{_WIDE - _LEFT - _RIGHT:.1f}" '
        f'height="{lower - upper:.1f}"><title>{people} 人合计可承担 '
        f"{low * people:,}–{high * people:,} 件</title></rect>"
    ]
    for i, due in enumerate(months):
        x, y = _LEFT + i * step, level(due)
        kind = "low" if due < low * people else "high" if due > high * people else "in"
        parts.append(
            f'<rect class="bar {kind}" x="{x + 4:.1f}" y="{y:.1f}" width="{step - 8:.1f}" '
            f'height="{_HIGH - _BOTTOM - y:.1f}"><title>{i + 1}月应收 {due:,} 件</title></rect>'
            f'<text class="tick mid" x="{x + step / 2:.1f}" y="{_HIGH - 9}">{i + 1}月</text>'
        )
    return _chart("各月应收", parts, most, "件")


def _chart(title: str, parts: list[str], most: int, unit: str) -> Raw:
    """Parts over three grid lines with figures."""
    high_part = _HIGH - _TOP - _BOTTOM
    grid = []
    for share in (0.5, 1.0):
        y = _HIGH - _BOTTOM - high_part * share
        grid.append(
            f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDE - _RIGHT}"/>'
            f'<text class="tick end" x="{_LEFT - 5}" y="{y + 4:.1f}">{round(most * share):,}</text>'
        )
    base = f'<path class="axis" d="M{_LEFT} {_HIGH - _BOTTOM}H{_WIDE - _RIGHT}"/>'
    label = f'<text class="tick end" x="{_LEFT - 5}" y="{_HIGH - _BOTTOM}">{escape(unit)}</text>'
    box = f'viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" aria-label="{escape(title)}"'
    drawn = "".join([parts[0], *grid, *parts[1:], base, label])  # the grid lies on the band, under the bars
    return Raw(f'<div class="chart"><svg {box}>{drawn}</svg></div>')
