"""Messages for many cases at once: first a page that says how many, then the act, for exactly that many.

In: picked cases or the whole view. Out: rows of the outbox. Never: more cases than the page had counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.web.notices.reading import picked_ids, wanted_of
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import options, table
from tuogu.web.viewer import ViewerRequest


@require_POST
def prepare(request: ViewerRequest) -> HttpResponse:
    """`pick`, or `whole_view` with the `query` of the page; with `sure`, `channel` and `expected` it is done."""
    viewer, given = request.viewer, request.POST
    query = QueryDict(given.get("query", "").lstrip("?"))
    ids = _meant(request, query)
    back = f"{reverse('notices:cases')}?{query.urlencode()}"
    if not ids:
        messages.warning(request, _("没有选中任何案件；请先勾选，或选中本视图全部。"))
        return redirect(back)
    if not given.get("sure"):
        return _confirmed(request, ids, query)
    if given.get("expected") != str(len(ids)):
        messages.error(
            request,
            _("案件数已从 %(before)s 变为 %(now)s，没有准备任何消息；请重新确认。")
            % {"before": given.get("expected", "?"), "now": len(ids)},
        )
        return redirect(back)
    try:
        done = actions.prepare(
            ids, channel=given.get("channel", ""), to=given.get("to", ""), by=viewer.person, at=viewer.now
        )
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    _say(request, done)
    return redirect(back)


def _meant(request: ViewerRequest, query: QueryDict) -> list[int]:
    """Ids within scope: the picked ones, or everything that the page's filter means."""
    viewer, wanted = request.viewer, wanted_of(query)
    if not request.POST.get("whole_view"):
        picked = picked_ids(request.POST.getlist("pick"))
        if not picked:
            return []
        wanted = notices.CaseFilter(view="all", picked=tuple(picked))
    return notices.case_ids(viewer.scope, wanted, viewer.today, viewer.rulebook)


def _confirmed(request: ViewerRequest, ids: list[int], query: QueryDict) -> HttpResponse:
    viewer, whole = request.viewer, bool(request.POST.get("whole_view"))
    wanted = wanted_of(query) if whole else notices.CaseFilter(view="all", picked=tuple(ids))
    closed = {way: why for way, why in notices.ways_out(viewer.today).items() if why}
    context = {
        **shared("cases"),
        "totals": notices.case_totals(viewer.scope, wanted, viewer.today, viewer.rulebook),
        "picked": [] if whole else ids,
        "query": query.urlencode(),
        "whole": whole,
        "expected": len(ids),
        "channels": [("auto", _("自动：按制度的先后")), *options("channel")],
        "closed": closed,
        "merged": viewer.rulebook["notices.merged"],
    }
    return render(request, "notices/prepare.html", context)


def _say(request: ViewerRequest, done: actions.Prepared) -> None:
    if done.messages:
        said = _("已为 %(cases)s 件准备 %(messages)s 条消息。") % {
            "cases": f"{done.cases:,}",
            "messages": f"{done.messages:,}",
        }
        messages.success(request, said + "".join(_what_follows(request, done)))
    words = {
        "under_way": _("已有消息在途 %(n)s 件"),
        "done": _("已告知 %(n)s 件"),
        "no_contact": _("该渠道联系不上 %(n)s 件，列入红名单"),
    }
    left = [words[why] % {"n": f"{n:,}"} for why, n in done.left.items()]
    if left:
        messages.warning(request, _("未准备：%(why)s。") % {"why": _("；").join(left)})


def _what_follows(request: ViewerRequest, done: actions.Prepared) -> Iterator[str]:
    """What becomes of the messages by itself, and what does not."""
    closed = {way for way, why in notices.ways_out(request.viewer.today).items() if why}
    waits = {way: n for way, n in done.by_channel.items() if way in closed}
    printed = done.by_channel.get("letter", 0)
    if done.messages > sum(waits.values()) + printed:
        yield _("由后台发出，发出前可在“发送”中取消。")
    if waits:
        words = table("channel")
        listed = _("、").join(f"{words[way]} {n:,}" for way, n in waits.items())
        yield _("渠道还没有开通，暂不发出，在“发送”中等待，可取消：%(ways)s。") % {"ways": listed}
    if printed:
        yield _("信函 %(n)s 封请到“信函”打印，打印前可在“发送”中取消。") % {"n": f"{printed:,}"}
