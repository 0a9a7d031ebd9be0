"""The fairness account as a board: a person a row with running totals and the deviation from equals, evenness by group.

In: a relation, months (`from`, `to`: 2026-10), a group of equals, a column to sort by. Out: figures, one chart, two
tables. Never: a person outside the scope; a deviation shown without what it is measured against.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from tuogu.core.fairness import MEASURES
from tuogu.core.standardise_words import SERIES
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web.paging import day_of, filter_chips, first_of, numbered
from tuogu.web.parts import Chip, Figure, View
from tuogu.web.viewer import ViewerRequest

_ROWS_A_PAGE = 40
_MONTHS = 12  # shown where nothing is asked for
_MONTHS_MAX = 60
_BINS = (-5000, -3000, -2000, -1000, 0, 1000, 2000, 3000, 5000)  # edges, in hundredths of a percent
_BETWEEN, _SUPERVISOR = " · ", gettext_noop("主管")  # as the account writes a group of equals
_SORTS = ("staff_number", *(f"{m}_total" for m in MEASURES), *(f"{m}_off_bp" for m in MEASURES))


@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """Everybody's account up to the last month asked for."""
    viewer, query, first_row = request.viewer, request.GET, first_of(request.GET)
    first, last = months_of(query, viewer.today)
    relation = _relation(query)
    found = plans.fairness_account(viewer.scope, viewer.rulebook, relation=relation, first=first, last=last)
    stand = _compared(standing(found.account), found.evenness)
    groups = stand["equals"].unique().sort().to_list()
    group = query.get("equals", "")
    given = stand.filter(pl.col("pieces_total") > 0)["equals"].unique()
    every = query.get("all") == "1" or given.is_empty()
    shown = stand if every else stand.filter(pl.col("equals").is_in(given.implode()))
    shown = stand.filter(equals=group) if group in groups else shown
    even = found.evenness.group_by("equals", maintain_order=True).last()  # of the last month in post
    even = even.join(shown.select("equals").unique(), on="equals", how="semi")
    sort = _sort(query)
    ordered = shown.sort(
        sort.strip("-"), "staff_number", descending=[sort[:1] == "-", False], nulls_last=True
    )
    rows = ordered.slice(first_row - 1, _ROWS_A_PAGE).to_dicts()
    url = reverse("fairness:board")
    context = {
        "first": first,
        "last": last,
        "until": last.replace(day=monthrange(last.year, last.month)[1]),
        "relation": relation,
        "relations": _relations(query, url, relation),
        "unit": units()[relation],
        "rows": rows,
        "names": _names([row["staff_number"] for row in rows]),
        "sums": {name: int(shown[f"{name}_total"].sum()) for name in MEASURES},
        "people": shown.height,
        "any": not given.is_empty(),
        "tabs": _tabs(query, url, relation, every=every) if given.len() and group not in groups else [],
        "even": even.to_dicts(),
        "figures": _figures(shown, even, relation),
        "definition": _definition(),
        "bars": _bars(shown),
        "compared": bool(shown["pieces_off_bp"].count()),
        "groups": [(name, group_words(name)) for name in groups],
        "words": {name: group_words(name) for name in groups},
        "sort": sort,
        "chips": _chips(query),
        "clear_url": url,
        "pager": numbered(url, query, first_row, _ROWS_A_PAGE, shown.height),
    }
    return render(request, "fairness/board.html", context)


def months_of(query: Mapping[str, str], today: date) -> tuple[date, date]:
    """The first days of the first and the last month: what is asked for, else the last twelve."""
    this = today.replace(day=1)
    last = min(day_of(f"{query.get('to', '')}-01") or this, this)
    first = day_of(f"{query.get('from', '')}-01") or _before(last, _MONTHS - 1)
    return max(min(first, last), _before(last, _MONTHS_MAX - 1)), last


def standing(account: pl.DataFrame) -> pl.DataFrame:
    """The last line of each person, which carries the totals: columns of ACCOUNT."""
    return account.sort("staff_number", "month").group_by("staff_number", maintain_order=True).last()


def _compared(stand: pl.DataFrame, evenness: pl.DataFrame) -> pl.DataFrame:
    """Without the deviations of who has no equal to compare with: of one alone it is nought by definition."""
    size = evenness.group_by("equals").agg(most=pl.col("people").max())
    rows = stand.join(size, on="equals", how="left")
    alone = pl.col("most").fill_null(0) < 2
    hidden = [pl.when(~alone).then(pl.col(f"{name}_off_bp")).alias(f"{name}_off_bp") for name in MEASURES]
    return rows.with_columns(*hidden).drop("most")


def group_words(equals: str) -> str:
    """'collection · 中级' → 收展 · 中级, in the chosen language where it has a word."""
    known = SERIES | {_SUPERVISOR: _SUPERVISOR}
    return _BETWEEN.join(_(known[part]) if part in known else part for part in equals.split(_BETWEEN))


def _before(month: date, count: int) -> date:
    whole = month.year * 12 + month.month - 1 - count
    return date(whole // 12, whole % 12 + 1, 1)


def _sort(query: Mapping[str, str]) -> str:
    asked = query.get("sort", "")
    return asked if asked.removeprefix("-") in _SORTS else "-pieces_total"


def _relation(query: Mapping[str, str]) -> str:
    """The relation asked for, else custody."""
    asked = query.get("relation", "")
    return asked if asked in units() else Relation.CUSTODY.value


def units() -> dict[str, tuple[str, str, str]]:
    """(what the account is of, heading of its count, its unit) by relation. What nobody releases has no account."""
    return {
        Relation.CUSTODY.value: (_("责任（件）"), _("件数"), _("件")),
        Relation.DEVELOPMENT.value: (_("开发权（客户）"), _("客户数"), _("位客户")),
        Relation.SUPERVISION.value: (_("督导（件）"), _("件数"), _("件")),
    }


def _relations(query: Mapping[str, str], url: str, chosen: str) -> list[View]:
    """A tab for each account, for the same months."""
    kept = {name: query[name] for name in ("from", "to") if query.get(name)}
    return [
        View(words[0], f"{url}?{urlencode(kept | {'relation': relation})}", None, relation == chosen)
        for relation, words in units().items()
    ]


def _figures(shown: pl.DataFrame, even: pl.DataFrame, relation: str) -> list[Figure]:
    """What was given out, and of each measure the least even group."""
    mine = even.filter(pl.col("people") > 1)
    _name, counted, unit = units()[relation]
    words = dict(zip(MEASURES, (counted, _("保费"), _("难度分"), _("距离")), strict=True))
    pieces = int(shown["pieces_total"].sum())
    received = int((shown["pieces_total"] > 0).sum())
    given = Figure(
        _("已下发"), f"{pieces:,}", unit, _("%(n)s 人收到") % {"n": f"{received:,}"}, "#people",
        _("所选月份内已正式下发给个人的；后来撤销、回收或退回公共池的不算。同一客户只算一次。"),
    )  # fmt: skip
    figures = [given]
    for name in MEASURES:
        known = mine.drop_nulls(f"{name}_even_bp").sort(f"{name}_even_bp", "equals")
        value = f"{known[f'{name}_even_bp'][0] / 100:.2f}" if known.height else "—"
        note = _least(known)
        figures.append(
            Figure(
                _("%(what)s均衡度") % {"what": words[name]},
                value,
                "%" if known.height else "",
                note,
                "#even",
                _definition(),
            )
        )
    return figures


def _least(known: pl.DataFrame) -> str:
    """Which group the figure is of."""
    if known.is_empty():
        return _("还没有可以比较的同级")
    return _("最低：%(group)s") % {"group": group_words(known["equals"][0])}


def _definition() -> str:
    return _(
        "均衡度＝(Σr)²÷(n·Σr²)：r 为一人累计所得与同级同期平均之比，n 为同级人数。"
        "100% 表示人人相同；n 人中只有 k 人有、且各人相同时为 k/n。"
    )


def _bars(shown: pl.DataFrame) -> dict[str, Any]:
    """How many people deviate how far in pieces; people whose equals had nothing are not counted."""
    off = shown["pieces_off_bp"].drop_nulls().to_list()
    edges = [None, *_BINS, None]
    bins, counts = [], []
    for low, high in pairwise(edges):
        bins.append(_bin(low, high))
        counts.append(sum((low is None or o >= low) and (high is None or o < high) for o in off))
    return {
        "bins": bins, "now": None, "plan": counts, "inside": [bins[4], bins[5]],
        "words": {"unit": _("人"), "plan": _("人数"), "now": ""},
    }  # fmt: skip


def _bin(low: int | None, high: int | None) -> str:
    def said(edge: int) -> str:
        return f"{edge // 100:+d}".replace("-", "−") if edge else "0"

    if low is None:
        return f"< {said(high or 0)}%"
    return f"≥ {said(low)}%" if high is None else f"{said(low)}…{said(high)}%"


def _names(numbers: list[str]) -> dict[str, str]:
    ids = dict(org.staff_ids(numbers).select("staff_number", "custodian_id").iter_rows())
    known = org.names(ids.values())
    return {number: known.get(person) or "" for number, person in ids.items()}


def _tabs(query: Mapping[str, str], url: str, relation: str, *, every: bool) -> list[View]:
    """Groups that were given something (who got nothing in them stands there too), or everybody."""
    kept = {"relation": relation} | {n: query[n] for n in ("from", "to", "sort") if query.get(n)}
    return [
        View(_("有下发的同级"), f"{url}?{urlencode(kept)}", None, not every),
        View(_("全部人员"), f"{url}?{urlencode(kept | {'all': '1'})}", None, every),
    ]


def _chips(query: Mapping[str, str]) -> list[Chip]:
    words = {"equals": {query.get("equals", ""): group_words(query.get("equals", ""))}}
    names = {"from": _("自"), "to": _("至"), "equals": _("同级")}
    return filter_chips(query, names, words, kept=("sort", "all", "relation"))
