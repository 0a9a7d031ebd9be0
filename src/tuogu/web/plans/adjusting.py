"""A draft revised by hand: rows are chosen (a unit, a manager's list, a filter, some rows, a sheet), judged anew, stored.

In: a draft that awaits, what is chosen, a receiver and a reason. Out: a preview with the certificate beside the one before;
on the second step a new draft. Never: more rows than were counted and confirmed, a whole plan meant by saying nothing, a
sheet with one bad row applied in part.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.files.adjustment_list import SheetRow, read_adjustments
from tuogu.files.listed import write_list
from tuogu.files.refusal import FileRefused
from tuogu.files.strategy_words import objective_text, unit_of
from tuogu.org.scope import Scope
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.plans.takers import offered
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import ViewerRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LISTED = 50  # breaches, errors or receivers that a page names; their number is always given
_FILTERS = ("receiver", "unit", "community", "lever", "street", "text")


class ChoiceRefused(ValueError):
    """What was chosen cannot be adjusted as it stands; the message says why."""


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: ViewerRequest, plan: int) -> HttpResponse:
    """GET and the first POST show what is chosen and what the move would do; POST with `store` makes the revision."""
    viewer, head = request.viewer, head_or_404(request.viewer, plan)
    given: Mapping[str, str] = request.POST if request.method == "POST" else request.GET
    wanted = chosen_of(request)
    found = plans.chosen_rows(plan, viewer.scope, wanted) if wanted.anything else None
    context: dict[str, Any] = {
        "head": head,
        "wanted": wanted,
        "numbers": ",".join(wanted.numbers),
        "rows": 0 if found is None else found.height,
        "first": [] if found is None else found["number"].head(_LISTED).to_list(),
        "receiver": receiver_of(given),
        "reason": given.get("reason", ""),
        "open": head.state == "awaiting",
        "revisions": plans.revisions(head),
    }
    if context["open"] and found is not None and context["rows"]:
        context |= offered(plan, viewer, found["number"].to_list(), context["receiver"])
    if not {"look", "store"} & request.POST.keys():
        return render(request, "plans/adjust.html", context)
    try:
        if found is None or found.is_empty():
            raise ChoiceRefused(_("没有选中任何一行"))
        if request.POST.get("count", "") != str(found.height):
            raise ChoiceRefused(_("选中的是 %(n)s 行，请照此填写件数确认") % {"n": f"{found.height:,}"})
        moves = [
            actions.Move(number, receiver_of(given), given.get("reason", "")) for number in found["number"]
        ]
        return _judged(request, context, moves, source="selection")
    except (ChoiceRefused, actions.PlanRefused) as refused:
        context["refusal"] = str(refused)
        return render(request, "plans/adjust.html", context, status=400)


@require_http_methods(["POST"])
def upload(request: ViewerRequest, plan: int) -> HttpResponse:
    """A sheet of adjustments: every row must be usable; the faulty ones come back, on the page or as a file."""
    viewer, head = request.viewer, head_or_404(request.viewer, plan)
    context: dict[str, Any] = {
        "head": head, "wanted": plans.Chosen(), "rows": 0, "open": head.state == "awaiting",
        "revisions": plans.revisions(head), "sheet": True, "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    file = request.FILES.get("file")
    try:
        if file is None:
            raise ChoiceRefused(_("请选择调整表"))
        rows = _judged_rows(_read(file), plan, viewer.scope)
        faulty = [row for row in rows if row.fault]
        if faulty and "errors" in request.POST:
            return _error_file(request, plan, faulty)
        if faulty:
            said = _("有 %(bad)s 行不能用，全表 %(all)s 行都没有调整") % {
                "bad": len(faulty),
                "all": len(rows),
            }
            context |= {"refusal": said, "faulty": faulty[:_LISTED], "faults": len(faulty)}
            return render(request, "plans/adjust.html", context, status=400)
        moves = [actions.Move(row.number, row.receiver, row.reason) for row in rows]
        return _judged(request, context, moves, source="sheet", always_store=True)
    except (ChoiceRefused, FileRefused, actions.PlanRefused) as refused:
        context["refusal"] = str(refused)
        return render(request, "plans/adjust.html", context, status=400)


@require_safe
def sheet(request: ViewerRequest, plan: int) -> HttpResponse:
    """The sheet to fill in: every row that the filter names, who gets it now, two empty columns."""
    viewer, head = request.viewer, head_or_404(request.viewer, plan)
    rows = plans.chosen_rows(plan, viewer.scope, chosen_of(request))
    number = gettext_noop("客户号") if head.subject_kind == "customer" else gettext_noop("保单号")
    empty: list[str | None] = [None] * rows.height
    columns = [
        (number, rows["number"].to_list()),
        (gettext_noop("本方案接收人"), rows["receiver"].to_list()),
        (gettext_noop("新责任人"), empty),
        (gettext_noop("原因"), empty),
    ]
    buffer = write_list(_("调整表"), columns, created=viewer.now)
    return _xlsx(buffer.getvalue(), _("调整表-方案%(plan)s") % {"plan": plan})


def chosen_of(request: ViewerRequest) -> plans.Chosen:
    """What the query or the form names; the rows of a list by `pick`, a whole view by its filter."""
    given = request.POST if request.method == "POST" else request.GET

    def small(name: str) -> int:
        text = given.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 3 else 0

    picked = tuple(x for x in [*given.getlist("pick"), *given.get("numbers", "").split(",")] if x)
    named = {name: given.get(name, "") for name in _FILTERS}
    named["receiver"] = named["receiver"] or given.get("manager", "")
    whole = bool(given.get("whole_view"))
    month = small("month")
    return plans.Chosen(
        **named,
        month=month if month <= 12 else 0,
        instalment=small("instalment"),
        numbers=() if whole else picked,
    )


def receiver_of(given: Mapping[str, str]) -> str:
    """Who shall get the rows: a number that was typed goes before the list's choice."""
    return given.get("to_other", "").strip() or given.get("to", "").strip()


def _judged(
    request: ViewerRequest,
    context: dict[str, Any],
    moves: list[actions.Move],
    *,
    source: str,
    always_store: bool = False,
) -> HttpResponse:
    """The preview; with `store`, the stored revision."""
    viewer, head = request.viewer, context["head"]
    if "store" in request.POST or always_store:
        new, found = actions.adjust(
            head.id, moves, reason=request.POST.get("reason", "") or moves[0].reason, source=source,
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
        said = _(
            "已存为修订稿方案 %(new)s：调整 %(n)s 行，公开放宽 %(open)s 项；方案 %(old)s 原样保留。要撤销，请撤回修订稿。"
        )
        words = {"new": new, "n": f"{found.rows:,}", "open": found.openly.height, "old": head.id}
        messages.success(request, said % words)
        return redirect("plans:plan", plan=new)
    found = actions.revision(head.id, moves, by=viewer.person, at=viewer.now)
    metric = head.metric
    context |= {
        "found": found,
        "refusals": found.refused.height,  # a template asks a frame for columns only
        "openings": found.openly.height,
        "refused": found.refused.head(_LISTED).to_dicts(),
        "openly": found.openly.head(_LISTED).to_dicts(),
        "unit": unit_of(metric),
        "proof": [
            (
                _("目标值"),
                objective_text(found.before.objective, metric),
                objective_text(found.after.objective, metric),
            ),
            (
                _("下界"),
                objective_text(found.before.lower_bound, metric),
                objective_text(found.after.lower_bound, metric),
            ),
            (_("差距"), f"{found.before.gap:.2%}", f"{found.after.gap:.2%}"),
            (_("硬性违规"), f"{found.before.violations:,}", f"{found.after.violations:,}"),
        ],
    }
    return render(request, "plans/adjust.html", context)


def _read(file: UploadedFile[bytes]) -> list[SheetRow]:
    with tempfile.TemporaryDirectory(prefix="tuogu-adjust-") as folder:
        path = Path(folder) / f"sheet{Path(file.name or '').suffix.lower()}"
        path.write_bytes(file.read())
        return read_adjustments(path)


def _judged_rows(rows: list[SheetRow], plan: int, scope: Scope) -> list[SheetRow]:
    """The rows, with a fault where the plan does not place them or nobody is called so."""
    placed = dict(plans.chosen_rows(plan, scope, plans.Chosen()).iter_rows())
    known = set(plans.receivers()["receiver"])
    return [_with_fault(row, placed, known) for row in rows]


def _with_fault(row: SheetRow, placed: Mapping[str, str], known: set[str]) -> SheetRow:
    fault = row.fault
    if not fault and row.number not in placed:
        fault = _("方案没有分配这一行")
    elif not fault and row.receiver not in known:
        fault = _("没有这个工号或接收人")
    elif not fault and placed[row.number] == row.receiver:
        fault = _("已归这个接收人，不必调整")
    return SheetRow(row.row, row.number, row.receiver, row.reason, fault)


def _error_file(request: ViewerRequest, plan: int, faulty: list[SheetRow]) -> HttpResponse:
    """The faulty rows as they were written, with what is wrong: to be mended and sent again."""
    columns: list[tuple[str, list[Any]]] = [
        (gettext_noop("保单号"), [row.number for row in faulty]),
        (gettext_noop("新责任人"), [row.receiver for row in faulty]),
        (gettext_noop("原因"), [row.reason for row in faulty]),
        (gettext_noop("原表行号"), [row.row for row in faulty]),
        (gettext_noop("错误"), [row.fault for row in faulty]),
    ]
    buffer = write_list(_("错误行"), columns, created=request.viewer.now)
    return _xlsx(buffer.getvalue(), _("调整表错误行-方案%(plan)s") % {"plan": plan})


def _xlsx(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = str(
        content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    )
    return response
