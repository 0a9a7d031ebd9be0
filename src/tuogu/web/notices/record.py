"""One case: both clocks, messages, proofs, history; proofs filed; a wish to close it without proof, and its decision.

In: a case within scope. Out: append-only rows. Never: the text of a message or a customer in clear.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.ledger import queries as ledger
from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.notices.reading import picked_ids
from tuogu.web.notices.rooms import record_or_404, shared
from tuogu.web.notices.words import names, options, table
from tuogu.web.paging import day_of
from tuogu.web.parts import Moment
from tuogu.web.templatetags.tuogu import moment
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_safe
def record(request: ViewerRequest, case: int) -> HttpResponse:
    """Everything of one case; opening it is noted."""
    viewer = request.viewer
    found = record_or_404(viewer, case)
    personal.opened(viewer, subject_kind="customer", subject=found.row.holder_number)
    people = names({found.row.leaver, *(line.by for line in found.lines), *(p.by_id for p in found.proofs)})
    waiver = found.waiver
    context = {
        **shared("cases"),
        "found": found,
        "row": found.row,
        "holder": personal.masked([found.row.holder_number]).get(found.row.holder_number),
        "people": people,
        "custodian": _custodian(found.row.policy_number),
        "moments": [_moment(line, people) for line in found.lines],
        "proof_words": table("proof"),
        "outcome_words": table("outcome"),
        "proof_kinds": options("proof"),
        "outcomes": options("outcome"),
        "script": viewer.rulebook["notices.call_script"],
        "counting": viewer.rulebook["notices.proof_kinds"],
        "open": found.row.state in ("waiting", "prepared", "sent"),
        "waiver": waiver,
        "may_decide": waiver is not None
        and waiver.asked_by_id != viewer.person
        and viewer.may("notices:decide_waiver", "POST"),
        "internal_left": (found.row.internal_due_date - viewer.today).days,
    }
    return render(request, "notices/case.html", context)


def _custodian(number: str) -> org.KnownAs | None:
    holder = ledger.holders_by_number([number], kind="policy").get(number)
    return org.known_as([holder]).get(holder) if holder is not None else None


def _moment(line: notices.Line, people: Mapping[int, org.KnownAs]) -> Moment:
    kinds = {
        "event": table("event"), "proof": table("proof"), "opened": {"served": _("立案"), "sold": _("立案")},
        "waiver": {"asked": _("申请免告知"), "granted": _("同意免告知"), "declined": _("不同意免告知")},
        "clock": {"leave_date": _("离司日更正为"), "formalities_date": _("登记手续办结日")},
    }  # fmt: skip
    words = {"event": table("channel"), "proof": table("outcome"), "opened": {"": ""}}.get(line.what, {})
    detail, who = words.get(line.detail, line.detail), people[line.by].name if line.by in people else ""
    event = line.what == "event"
    return Moment(
        head=kinds[line.what].get(line.kind, line.kind), tag=detail if event else "", when=moment(line.at),
        text="" if event else detail, mark=who,
    )  # fmt: skip


@require_POST
def prove(request: ViewerRequest, case: int) -> HttpResponse:
    """File a proof for this case, and for the holder's other cases of the leaver where they are ticked."""
    viewer, given = request.viewer, request.POST
    found = record_or_404(viewer, case)
    also = set(picked_ids(given.getlist("also"))) & {row.id for row in found.siblings}
    day = day_of(given.get("day", ""))
    scan = request.FILES.get("scan")
    if scan is not None and (scan.size or 0) > actions.EVIDENCE_MAX:
        messages.error(request, _("扫描件太大，请压缩后再传；没有写入任何数据。"))
        return redirect("notices:case", case)
    try:
        if day is None:
            raise actions.NoticeRefused(_("请选告知日期；没有写入任何数据"))
        proved = actions.prove(
            [case, *also], kind=given.get("kind", ""), on_date=day, outcome=given.get("outcome") or "told",
            script=given.get("script", ""), note=given.get("note", "").strip(), evidence=scan.read() if scan else b"",
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        if proved:
            messages.success(
                request,
                _("已登记凭证，%(n)s 件记为已告知。凭证不能删除；登错的请再登记一条说明。") % {"n": proved},
            )
        else:
            messages.warning(request, _("已登记这次联系；它不算作告知凭证，案件仍待告知。"))
    return redirect("notices:case", case)


@require_POST
def ask_waiver(request: ViewerRequest, case: int) -> HttpResponse:
    """Ask a second person to close the case without proof."""
    viewer = request.viewer
    found = record_or_404(viewer, case)
    also = set(picked_ids(request.POST.getlist("also"))) & {row.id for row in found.siblings}
    try:
        asked = actions.ask_waiver(
            [case, *also], reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now
        )
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        said = _("已申请 %(n)s 件免告知，须另一人复核；复核前仍在红名单上。")
        messages.success(request, said % {"n": asked})
    return redirect("notices:case", case)


@require_POST
def decide_waiver(request: ViewerRequest, waiver: int) -> HttpResponse:
    """Grant or decline a wish within scope."""
    viewer = request.viewer
    if waiver not in {one.pk for one in notices.waivers_asked(viewer.scope)}:
        raise Http404
    grant = request.POST.get("decision") == "grant"
    try:
        actions.decide_waiver(waiver, grant=grant, by=viewer.person, at=viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        said = _("已同意免告知；日后有凭证仍可登记。") if grant else _("未同意，案件留在红名单上。")
        messages.success(request, said)
    return redirect("notices:red")
