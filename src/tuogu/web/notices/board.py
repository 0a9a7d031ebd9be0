"""The board of the notices, and the red list by institution.

In: the viewer's scope. Out: counts by state and by days left, each a link to its rows; every leaver with progress. Never: a
count of something out of scope.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import names
from tuogu.web.parts import Figure
from tuogu.web.viewer import Viewer, ViewerRequest


@never_cache
@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """How it stands."""
    viewer = request.viewer
    counts = notices.view_counts(viewer.scope, viewer.today, viewer.rulebook)
    leavers = notices.leavers(viewer.scope, viewer.today)
    outbox = notices.outbox_counts(viewer.scope)
    context = {
        **shared("board"),
        "figures": _figures(viewer, counts, outbox),
        "leavers": leavers,
        "people": names(row.person for row in leavers),
        "bands": notices.days_left(viewer.scope, viewer.today),
        "band_words": {
            "late": _("已到期"), "week": _("七天以内"), "ten": _("八至十天"), "later": _("十天以后"),
        },
        "closed": {way: why for way, why in notices.ways_out(viewer.today).items() if why},
        "any": counts["all"],
    }  # fmt: skip
    return render(request, "notices/board.html", context)


def _figures(viewer: Viewer, counts: dict[str, int], outbox: dict[tuple[str, str], int]) -> list[Figure]:
    base = reverse("notices:cases")
    day = viewer.rulebook["notices.warn_day"]
    unsure = sum(n for (_channel, state), n in outbox.items() if state == "unsure")

    def at(**query: str) -> str:
        return f"{base}?{urlencode(query)}"

    warned = _("离司日起第 %(n)s 天起") % {"n": day}
    return [
        Figure(_("待告知"), f"{counts['open']:,}", _("件"), _("没有凭证的全部案件"), at(view="open"), _("未告知、未免告知")),
        Figure(
            _("预警"), f"{counts['warned']:,}", _("件"), warned, at(view="warned"), _("未告知且临近期限"),
            "warn" if counts["warned"] else "",
        ),
        Figure(
            _("红名单"), f"{counts['red']:,}", _("件"), _("到期无凭证，或无法联系"), reverse("notices:red"),
            _("到期日当天仍无凭证的，以及没有可用手机和地址的"), "bad" if counts["red"] else "good",
        ),
        Figure(
            _("已告知"), f"{counts['told']:,}", _("件"), _("有凭证，或经复核免告知"), at(view="told"),
            _("含经两人复核免告知的"),
        ),
        Figure(
            _("待核实"), f"{unsure:,}", _("条"), _("发送中断，须人工核实"), reverse("notices:outbox") + "?state=unsure",
            _("不确定是否发出的消息"), "bad" if unsure else "",
        ),
    ]  # fmt: skip


@never_cache
@require_safe
def red(request: ViewerRequest) -> HttpResponse:
    """The red list: by institution and age, with the wishes that wait for a second person."""
    viewer = request.viewer
    lines = notices.red_lines(viewer.scope, viewer.today)
    page = notices.case_page(
        viewer.scope, notices.CaseFilter(view="red"), viewer.today, viewer.rulebook, size=100
    )
    waivers = notices.waivers_asked(viewer.scope)
    people = {row.leaver for row in page.rows} | {w.asked_by_id for w in waivers}
    context = {
        **shared("red"),
        "lines": [(line, (viewer.today - line.oldest_due).days) for line in lines],
        "institutions": org.institution_names(line.institution_code for line in lines),
        "rows": [(row, (viewer.today - row.due_date).days) for row in page.rows],
        "more": page.after is not None,
        "waivers": [(waiver, notices.case_code(waiver.case_id)) for waiver in waivers],
        "people": names(people),
        "may_decide": viewer.can(Right.APPROVE_NOTICES),
        "total": sum(line.cases for line in lines),
    }
    return render(request, "notices/red.html", context)
