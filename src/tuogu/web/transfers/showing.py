"""Transfers as pages: the list, and one with its policies and what became of it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.transfers import queries as transfers
from tuogu.web.paging import id_of, pager_of, size_of
from tuogu.web.parts import Moment
from tuogu.web.policies.rows import lines
from tuogu.web.templatetags.tuogu import moment, num
from tuogu.web.viewer import Viewer, ViewerRequest


def asked_or_404(viewer: Viewer, request_id: int) -> transfers.Asked:
    """The request; 404 when unknown or out of scope."""
    try:
        return transfers.asked(viewer.scope, viewer.person, request_id)
    except transfers.TransferUnknown as unknown:
        raise Http404 from unknown


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The newest requests first."""
    viewer, size = request.viewer, size_of(request.GET)
    found = transfers.asked_page(
        viewer.scope, viewer.person, before=id_of(request.GET.get("before", "")), size=size + 1
    )
    rows = found[:size]
    names = org.known_as({i for row in rows for i in (row.receiver, row.asked_by)})
    older = "?" + urlencode({"before": rows[-1].id, "size": size}) if len(found) > size else ""
    context = {"rows": rows, "names": names, "older": older}
    return render(request, "transfers/list.html", context)


@require_safe
def record(request: ViewerRequest, request_id: int) -> HttpResponse:
    """One request: what would move or moved, where it stands, and what the viewer may do about it."""
    viewer, asked, query = request.viewer, asked_or_404(request.viewer, request_id), request.GET
    wanted = books.PolicyFilter(view="", subjects=transfers.subjects_of(request_id))
    page = books.policy_page(
        viewer.scope, wanted, as_of=viewer.today, sort="number", after=query.get("after"),
        before=query.get("before"), size=size_of(query),
    )  # fmt: skip
    ids = {asked.receiver, asked.asked_by, *(step.by for step in asked.steps)}
    names = {i: known.name for i, known in org.known_as(ids).items()}
    own = asked.last.by == viewer.person
    context = {
        "asked": asked,
        "names": names,
        "lines": lines(viewer, page.rows),
        "page": pager_of(query, shown=len(page.rows), before=page.before, after=page.after),
        "moments": _moments(asked, names),
        "own": own,
        "may_decide": viewer.may("transfers:decide", "POST") and not own,
        "may_withdraw": viewer.may("transfers:withdraw", "POST") and own,
        "may_undo": viewer.may("transfers:undo", "POST"),
        "batches": [step.batch for step in asked.steps if step.batch is not None],
    }
    return render(request, "transfers/record.html", context)


def _moments(asked: transfers.Asked, names: dict[int, str]) -> list[Moment]:
    """What became of it, newest first."""
    return [
        Moment(
            head=names.get(step.by, ""),
            tag=_(step.label),
            when=moment(step.at),
            text=_("，").join(part for part in (step.reason, _outcome(step.outcome)) if part),
            mark=_("批次 %(n)s") % {"n": step.batch} if step.batch else "",
            current=step is asked.last,
        )
        for step in reversed(asked.steps)
    ]


def _outcome(outcome: dict[str, int]) -> str:
    words = {
        "posted": _("%(n)s 件已变更"), "stale": _("%(n)s 件此前已变动、留在原处"),
        "conflicts": _("%(n)s 件此后已变动、保留不动"), "redirected": _("%(n)s 件原责任人已离司、转保全组"),
    }  # fmt: skip
    told = [words[name] % {"n": num(n)} for name, n in outcome.items() if name in words and n]
    return _("，").join(told)
