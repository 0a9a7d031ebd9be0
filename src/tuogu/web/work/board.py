"""Care at a glance: what is late, by whom, since when and where; what waits for a decision.

In: the viewer's scope. Out: figures that lead to their rows, a table of people and duties, a map and the same counts as a
table. Never: a count of something out of scope; a map without its table.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.clock import BUSINESS_ZONE
from tuogu.org import queries as org
from tuogu.web.home.links import link
from tuogu.web.parts import Figure
from tuogu.web.templatetags.tuogu import day, num
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.web.work.rooms import rooms, titles
from tuogu.work import queries as work

_AREAS_SHOWN = 20
_PEOPLE_SHOWN = 60
_HIGH_PERCENT = 90  # of the cells lie below the darkest shade
_HEAT = 3  # shades of a count: css classes q3 (few) to q5 (most)


@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """How care stands in the viewer's scope."""
    viewer = request.viewer
    counted = work.late(viewer.scope, viewer.today)
    duties = _by(counted, "obligation")["obligation"].to_list()
    people = _by(counted, "person")
    areas = work.late_places(viewer.scope, viewer.today)
    context = {
        "rooms": rooms(viewer, "board"),
        "figures": _figures(viewer, counted),
        "duties": [(duty, titles(viewer.rulebook).get(duty, duty)) for duty in duties],
        "people": _people(people.head(_PEOPLE_SHOWN), counted, duties, viewer.today),
        "more_people": max(0, people.height - _PEOPLE_SHOWN),
        "sums": dict(_by(counted, "obligation").select("obligation", "count").iter_rows()),
        "total": int(counted["count"].sum() or 0),
        "areas": _areas(areas.head(_AREAS_SHOWN)),
        "more_areas": max(0, areas.height - _AREAS_SHOWN),
        "estates_url": link(viewer, "kit:estates"),
    }
    return render(request, "work/board.html", context)


@require_safe
def ground(request: ViewerRequest) -> JsonResponse:
    """Late tasks on the map, by community; each leads to its rows."""
    areas = work.late_places(request.viewer.scope, request.viewer.today)
    found = books.counted_ground(dict(areas.select("community_code", "count").iter_rows()))
    drawn = [
        {
            "code": place.row.display_code or place.row.code, "name": place.name, "title": place.title,
            "n": place.row.policies, "at": place.at, "ring": place.ring, "who": -1, "now": -1, "served": [],
            "url": _late_url(area=place.row.code),
        }
        for place in found.places
    ]  # fmt: skip
    words = {"pieces": _("项逾期"), "pool": "", "home": "", "chief": "", "now": ""}
    picture = {"places": drawn, "people": [], "missing": found.elsewhere, "synthetic": found.synthetic}
    return JsonResponse(picture | {"words": words})


def _by(counted: pl.DataFrame, column: str) -> pl.DataFrame:
    """column, count, oldest: the most first."""
    sums = counted.group_by(column).agg(pl.col("count").sum(), pl.col("oldest").min())
    return sums.sort("count", column, descending=[True, False], nulls_last=True)


def _figures(viewer: Viewer, counted: pl.DataFrame) -> list[Figure]:
    total, people = int(counted["count"].sum() or 0), counted["person"].n_unique()
    oldest: date | None = counted["oldest"].min()  # type: ignore[assignment]  # a column of days
    waiting, told = (
        len(work.conflicts(viewer.scope)),
        work.escalated_count(viewer.scope, midnight(viewer.today)),
    )
    week = next_monday(viewer.today)
    missing = len(work.week_plans_missing(viewer.scope, week))
    since = _("最早的应在 %(day)s 前完成") % {"day": day(oldest)} if oldest else _("没有逾期")
    return [
        Figure(
            _("逾期任务"), num(total), _("项"), since, link(viewer, "work:late"),
            _("已过期限、既未完成也未免办的任务"), "bad" if total else "good",
        ),
        Figure(
            _("有逾期的人"), num(people), _("人"), _("责任人按台账此刻为准"), link(viewer, "work:board") + "#people",
            _("名下至少有一项逾期任务的责任人"), "warn" if people else "good",
        ),
        Figure(
            _("今天升级"), num(told), _("项"), _("逾期越久，报到越高一级"), link(viewer, "work:escalations"),
            _("今天报到上一级的逾期任务，每级只报一次"), "warn" if told else "",
        ),
        Figure(
            _("待定记录"), num(waiting), _("条"), _("责任已转移，等人决定计入谁"), link(viewer, "work:conflicts"),
            _("离线记录送到时，客户已换责任人"), "warn" if waiting else "good",
        ),
        Figure(
            _("下周计划未交"), num(missing), _("人"), _("%(day)s 开始的一周") % {"day": day(week)},
            link(viewer, "work:week_plans"), _("名下有客户、还没有为下周交计划的人"), "warn" if missing else "good",
        ),
    ]  # fmt: skip


def next_monday(today: date) -> date:
    """The Monday after today."""
    return today + timedelta(days=7 - today.weekday())


def midnight(today: date) -> datetime:
    """The first moment of a business day."""
    return datetime.combine(today, time.min, BUSINESS_ZONE)


def _people(
    people: pl.DataFrame, counted: pl.DataFrame, duties: list[str], today: date
) -> list[dict[str, Any]]:
    """A row a person: a cell a duty, shaded by how many of all cells' most; each leads to its rows."""
    known = org.known_as(people["person"].to_list())
    cells = {
        (person, duty): count
        for person, duty, count in counted.group_by("person", "obligation").agg(pl.col("count").sum()).iter_rows()
    }  # fmt: skip
    most = _high(list(cells.values()))
    return [
        {
            "known": known.get(person), "total": total, "url": _late_url(person=person),
            "oldest": oldest, "days": (today - oldest).days,
            "cells": [_cell(cells.get((person, duty), 0), most, person=person, duty=duty) for duty in duties],
        }
        for person, total, oldest in people.iter_rows()
    ]  # fmt: skip


def _cell(count: int, most: int, **query: Any) -> dict[str, Any]:
    return {"n": count, "css": shade(count, most), "url": _late_url(**query) if count else ""}


def _high(counts: list[int]) -> int:
    """A count that few exceed: a pool's hundreds leave no shade for people's tens."""
    return max(1, sorted(counts)[len(counts) * _HIGH_PERCENT // 100]) if counts else 1


def shade(count: int, most: int) -> str:
    """'' for none, then three shades up to `most` and beyond."""
    return f"q{2 + min(_HEAT, -(-count * _HEAT // most))}" if count else ""


def _areas(areas: pl.DataFrame) -> list[dict[str, Any]]:
    names = books.community_names(areas["community_code"].to_list())
    most = _high(areas["count"].to_list())
    return [
        {
            "name": names.get(code, code), "n": count, "oldest": oldest, "css": shade(count, most),
            "url": _late_url(area=code) if code else "",
        }
        for code, count, oldest in areas.iter_rows()
    ]  # fmt: skip


def _late_url(**query: Any) -> str:
    return f"{reverse('work:late')}?{urlencode(query)}"
