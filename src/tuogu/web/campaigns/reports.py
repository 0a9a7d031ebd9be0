"""Weekly reports: what is due and late, the form filled in from the books, the branch's audit (S2-16, S2-17)."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.campaigns import actions
from tuogu.campaigns import queries as campaigns
from tuogu.web.campaigns.papers import REPORTS
from tuogu.web.campaigns.reading import campaign_or_404, day_or_404, names_of, rooms, told
from tuogu.web.exports.asking import answer
from tuogu.web.personal import masked
from tuogu.web.viewer import ViewerRequest

_WEEKS_SHOWN = 8
_LINES = range(3)  # empty lines for policies that the books do not show yet
_FEN = 100  # of a yuan


@require_safe
def listing(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """Every department's weeks: filed, late, open; what waits to be audited."""
    viewer = request.viewer
    row = campaign_or_404(viewer, campaign_id)
    due = campaigns.due_lines(row, viewer.today, campaigns.seen_departments(row, viewer.scope))
    late = [line for line in due if line.state == campaigns.LATE]
    view = request.GET.get("view", "all")
    filed = campaigns.report_lines(row, viewer.scope)
    waiting = [line for line in filed if line.audited is None]
    weeks = sorted({line.week.first for line in due}, reverse=True)[:_WEEKS_SHOWN]
    context = {
        "campaign": row,
        "rooms": rooms(viewer, row.pk, "reports"),
        "view": view,
        "due": [line for line in due if line.week.first in weeks],
        "late": late,
        "reports": waiting if view == "waiting" else filed,
        "n_filed": len(filed),
        "n_waiting": len(waiting),
        "names": names_of(line.filed_by for line in filed),
        "may_write": viewer.may("campaigns:write", "POST") and not campaigns.ended(row),
    }
    return render(request, "campaigns/reports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: ViewerRequest, campaign_id: int, department: str, first: str) -> HttpResponse:
    """One department's week: figures and policies from the books, words by the department; POST files it."""
    viewer, day = request.viewer, day_or_404(first)
    row = campaign_or_404(viewer, campaign_id)
    try:
        campaigns.require_department(row, department, viewer.scope)
        week = campaigns.week_of(row, day, viewer.today)
    except campaigns.CampaignUnknown as unknown:
        raise Http404 from unknown
    if request.method == "POST" and told(request, lambda: _file(request, campaign_id, department, first)):
        return redirect("campaigns:reports", campaign_id=campaign_id)
    found = campaigns.prefilled(row, department, week, viewer.today)
    policies, post = found.policies.to_dicts(), request.POST
    texts = {name: post.get(name, "") for name in campaigns.TEXTS}
    if request.method != "POST" and found.filed is not None:
        texts |= campaigns.report(found.filed.pk, viewer.scope).texts
    context = {
        "campaign": row,
        "rooms": rooms(viewer, row.pk, "reports"),
        "department": department,
        "name": next((d.name for d in campaigns.due_lines(row, viewer.today, [department])), department),
        "week": week,
        "found": found,
        "quota": found.figures["quota"],
        "figures": [
            (key, word, found.figures[key], post.get(key, found.figures[key]))
            for key, word in campaigns.FIGURES.items()
        ],
        "policies": policies,
        "shown": masked({n for p in policies for n in (p["holder_number"], p["insured_number"]) if n}),
        "texts": [
            (name, word, texts.get(name, ""), name in campaigns.REQUIRED)
            for name, word in campaigns.TEXTS.items()
        ],
        "lines": [_typed(post, i) for i in _LINES],
        "chars": viewer.rulebook["campaigns.text_chars_max"],
        "why": post.get("why", ""),
        "may_write": viewer.may("campaigns:write", "POST") and not campaigns.ended(row),
    }
    return render(request, "campaigns/write.html", context)


def _typed(post: QueryDict, i: int) -> dict[str, str]:
    names = ("policy", "product", "premium", "years", "holder", "insured")
    return {"i": str(i)} | {name: post.get(f"{name}{i}", "").strip() for name in names}


def _file(request: ViewerRequest, campaign_id: int, department: str, first: str) -> str:
    viewer, post = request.viewer, request.POST
    reported = {
        key: _whole(post[key], word) for key, word in campaigns.FIGURES.items() if post.get(key, "").strip()
    }
    rows = [line for line in (_typed(post, i) for i in _LINES) if any(v for k, v in line.items() if k != "i")]
    added = [
        actions.Line(
            line["policy"], line["holder"], line["product"], _fen(line["premium"]),
            _whole(line["years"], _("缴费年期")) if line["years"] else None, line["insured"],
        )
        for line in rows
    ]  # fmt: skip
    actions.file_report(
        viewer.scope, campaign_id, department, day_or_404(first), reported=reported,
        texts={name: post.get(name, "") for name in campaigns.TEXTS}, added=added, why=post.get("why", ""),
        by=viewer.person, at=viewer.now,
    )  # fmt: skip
    return _("周报已报；要更正请再报一版并写明原因，旧版保留。")


def _whole(text: str, word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise actions.CampaignRefused(_("“%(what)s”应为数字") % {"what": _(word)})
    return int(text)


def _fen(text: str) -> int | None:
    """'12,800.50' yuan → fen; nothing → None."""
    if not text:
        return None
    try:
        fen = Decimal(text.replace(",", "")) * _FEN
    except InvalidOperation as error:
        raise actions.CampaignRefused(_("保费应为数字")) from error
    if not fen.is_finite() or fen != int(fen) or not 0 <= fen < 10**14:
        raise actions.CampaignRefused(_("保费应为数字"))
    return int(fen)


@require_safe
def record(request: ViewerRequest, report_id: int) -> HttpResponse:
    """One report: words, figures reported beside those of the books, policies, audits."""
    viewer = request.viewer
    try:
        found = campaigns.report(report_id, viewer.scope)
        beside = campaigns.compared(report_id, viewer.scope, viewer.today)
    except campaigns.CampaignUnknown as unknown:
        raise Http404 from unknown
    line, term = found.line, request.GET.get("term", "")
    years = int(viewer.rulebook["campaign.follow_up.payment_years_min"])
    policies = [p for p in found.policies if term != "long" or (p.payment_term_years or 0) >= years]
    context = {
        "campaign": campaign_or_404(viewer, line.campaign_id),
        "rooms": rooms(viewer, line.campaign_id, "reports"),
        "line": line,
        "found": found,
        "term": term,
        "years": years,
        "policies": policies,
        "shown": masked({n for p in policies for n in (p.holder_number, p.insured_number) if n}),
        "texts": [(word, found.texts.get(name, "")) for name, word in campaigns.TEXTS.items()],
        "why": found.texts.get(campaigns.WHY, ""),
        "beside": beside,
        "rows": [(*one, one[2] - one[3]) for one in beside.rows],
        "words": campaigns.FIGURES,
        "versions": campaigns.versions(report_id, viewer.scope),
        "names": names_of([line.filed_by, *(one.by for one in found.audits)]),
        "may_audit": line.newest and line.filed_by != viewer.person and viewer.may("campaigns:audit", "POST"),
    }
    return render(request, "campaigns/report.html", context)


@require_POST
def audit(request: ViewerRequest, report_id: int) -> HttpResponse:
    """Keep what the branch found."""
    viewer = request.viewer

    def act() -> str:
        agreed = actions.audit_report(
            viewer.scope, report_id, remark=request.POST.get("remark", ""), by=viewer.person, at=viewer.now
        )
        return _("已审核：相符。") if agreed else _("已审核：有差异，差异和意见已留存；由部门更正后再审。")

    told(request, act)
    return redirect("campaigns:report", report_id=report_id)


@require_POST
def file(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """The reports as a workbook: figures by department and week, no customer."""
    viewer = request.viewer
    row = campaign_or_404(viewer, campaign_id)
    rows = len(campaigns.report_lines(row, viewer.scope))
    return answer(
        request, kind=REPORTS.name, title=_("%(title)s 周报汇总") % {"title": row.title}, query={"campaign": row.pk},
        rows=rows, back=reverse("campaigns:reports", args=[row.pk]),
    )  # fmt: skip
