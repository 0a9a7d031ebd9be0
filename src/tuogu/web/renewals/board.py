"""The board by stage, as lanes and as a table, and a branch's own day.

In: a viewer, filters. Out: pages. Never: a case out of scope, a customer or plate in clear.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.renewals import queries as renewals
from tuogu.web.paging import filter_chips, first_of, numbered, size_of
from tuogu.web.parts import Figure
from tuogu.web.renewals.dues import dues
from tuogu.web.renewals.reading import Row, choices, names_of, places, rooms, shown, words
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer, ViewerRequest

_CARDS = 8  # of a lane; the table has them all
_NOBODY = 0  # a person who is not found is responsible for nothing
_FILTERS = ("institution", "band", "stage", "person", "important", "late")


@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """Every running case within scope by the stage in which it stands."""
    viewer, query = request.viewer, request.GET
    rows = renewals.pipeline(viewer.scope, viewer.today)
    people = _people(rows)
    found = renewals.narrowed(rows, _wanted(query, people))
    table = query.get("as") == "table"
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "board"), "as_table": table, "total": found.height, "figures": _figures(rows),
        "counts": renewals.stage_counts(found), **_filters(viewer, rows, query, people),
    }  # fmt: skip
    if table:
        size, first = size_of(query), first_of(query)
        page = found.slice(first - 1, size).to_dicts()
        context |= {
            "rows": page,
            "page": numbered(reverse("renewals:board"), query, first, size, found.height),
            **shown(page),
        }
    else:
        cards = found.group_by("stage", maintain_order=True).head(_CARDS).to_dicts()
        context |= {"lanes": _lanes(cards, context["counts"]), "dues": dues(viewer, cards), **shown(cards)}
    return render(request, "renewals/board.html", context)


def _people(rows: pl.DataFrame) -> dict[str, tuple[int, str]]:
    """Who is responsible, by what a filter says: the staff number, of a pool its id."""
    known = names_of(rows["custodian_id"].unique().to_list())
    return {one.staff_number or str(key): (key, one.name) for key, one in known.items()}


def _wanted(query: QueryDict, people: dict[str, tuple[int, str]]) -> renewals.Narrowed:
    person = query.get("person", "").strip()
    return renewals.Narrowed(
        institution=query.get("institution", ""),
        band=query.get("band", ""),
        stage=query.get("stage", "") if query.get("stage", "") in renewals.STAGES else "",
        person=people.get(person, (_NOBODY, ""))[0] if person else None,
        important=query.get("important") == "1",
        late=query.get("late") == "1",
    )


def _filters(
    viewer: Viewer, rows: pl.DataFrame, query: QueryDict, people: dict[str, tuple[int, str]]
) -> dict[str, Any]:
    who = sorted(((key, name) for key, (_person, name) in people.items()), key=lambda one: one[1])
    houses = choices(viewer, rows["institution_code"].unique().to_list())
    known = words()
    told = {
        "institution": dict(houses), "band": known["bands"], "stage": known["stages"], "person": dict(who),
        "important": {"1": _("是")}, "late": {"1": _("是")},
    }  # fmt: skip
    titles = {
        "institution": _("机构"), "band": _("分段"), "stage": _("阶段"), "person": _("责任人"),
        "important": _("重要客户"), "late": _("逾期"),
    }  # fmt: skip
    return {
        "houses": houses, "who": who, "band_options": list(known["bands"].items()),
        "stage_options": list(known["stages"].items()), "yes": [("1", _("是"))],
        "chips": filter_chips(query, titles, told, ["as"]),
    }  # fmt: skip


def _lanes(cards: list[Row], counts: dict[str, int]) -> list[dict[str, Any]]:
    rules = {
        "claim": _("清单下发后确认并认领"), "city": _("全辖公开认领"), "kept": _("已明确责任人"),
        "contact": _("到期前一个月"), "call_all": _("到期前 15 天"), "urge": _("到期前 10 天"),
        "final": _("到期前 5 天"), "second": _("按小时计"), "head_office": _("统一呼出跟进"),
        "lapsed": _("直至已投保"),
    }  # fmt: skip
    return [
        {"stage": stage, "rule": rules[stage], "count": counts[stage],
         "cards": [row for row in cards if row["stage"] == stage]}
        for stage in renewals.STAGES
    ]  # fmt: skip


def _figures(rows: pl.DataFrame) -> list[Figure]:
    covered = rows.filter(pl.col("days_left") >= 0)
    unnamed = rows.filter(~pl.col("named")).height
    late, big = rows.filter("late").height, rows.filter("important").height
    url = reverse("renewals:board")
    return [
        Figure(_("在续保清单上"), num(rows.height), _("件"), _("其中未到期 %(n)s 件") % {"n": num(covered.height)},
               f"{url}?as=table", _("已进入月度清单、还没有结果的保单，脱保的直至投保为止")),
        Figure(_("待明确责任人"), num(unnamed), _("件"), "", f"{url}?as=table&stage=claim",
               _("进入清单后还没有人确认、认领或指派"), "warn" if unnamed else "good"),
        Figure(_("逾期"), num(late), _("件"), "", f"{url}?as=table&late=1",
               _("过了认领期仍无人认领，或过了联系期限责任人还没有联系"), "bad" if late else "good"),
        Figure(_("重要客户与大型团单"), num(big), _("件"), "", f"{url}?as=table&important=1",
               _("标为重要，或保费、车辆数达到制度界线；制度未设定时只按标记")),
        Figure(_("脱保挽救"), num(rows.height - covered.height), _("件"), "", f"{url}?as=table&stage=lapsed",
               _("终保日已过，本公司没有续保，也没有他处投保、报废或过户的凭证")),
    ]  # fmt: skip


@require_safe
def branch(request: ViewerRequest) -> HttpResponse:
    """What a branch does today: what to confirm and until when, what falls due, what waits for its leader."""
    viewer = request.viewer
    waiting = renewals.waiting_by_branch(viewer.scope)
    coming = renewals.calendar(viewer.scope, viewer.today, viewer.today + timedelta(days=1))
    few = renewals.few_contacts(viewer.scope, viewer.today, viewer.today + timedelta(days=6))
    context = {
        "rooms": rooms(viewer, "branch"), "waiting": waiting, "places": places(row.institution_code for row in waiting),
        "finals": renewals.finals_waiting(viewer.scope, viewer.today),
        "seconds": renewals.second_waiting(viewer.scope, viewer.now),
        "supports": renewals.supports(viewer.scope, open_only=True),
        "typed": renewals.typed_count(viewer.scope),
        "unanswered": renewals.unacknowledged(viewer.scope, viewer.today).height,
        "few": few.to_dicts(), "due": coming.group_by("step").len().sort("step").rows(),
        "happened": sorted(renewals.fired_on(viewer.scope, viewer.today).items()),
        "orders": [one for one in renewals.improvements(viewer.scope, viewer.today)
                   if not {"causes", "measures"} <= one.filed.keys()],
        "rows": few.height, **words(),
    }  # fmt: skip
    context["names"] = names_of(row["custodian_id"] for row in few.to_dicts())
    return render(request, "renewals/branch.html", context)
