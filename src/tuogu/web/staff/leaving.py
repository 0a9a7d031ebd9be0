"""Leaving: a preview of what would move, then one act.

In: a person within scope, a day, a reason. Out: the whole book with the buffer group, in the transaction that writes the
leave date. Never: a day to come; a preview that writes.
"""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.books import actions as books
from tuogu.core.labels import LEAVE_REASONS
from tuogu.ledger import queries as ledger
from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.notices import actions as notices
from tuogu.org import queries as org
from tuogu.org.failures import OrgError
from tuogu.web.paging import day_of
from tuogu.web.staff.visible import person_or_404
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """GET shows what a leave on the chosen day would move; POST registers it."""
    person = person_or_404(request.viewer, staff_number)
    values = request.POST if request.method == "POST" else request.GET
    day, reason = day_of(values.get("date", "")), values.get("reason", "left")
    refusal = _not_a_day(request, values.get("date", ""), day)
    if request.method == "POST" and not refusal:
        refusal = _register(request, person, day, reason, values.get("formalities", ""))
        if not refusal:
            return redirect("staff:record", staff_number=staff_number)
    possible = day if day is not None and day <= request.viewer.today else request.viewer.today
    context = _preview(request, person, possible, reason) | {"refusal": refusal}
    return render(request, "staff/leave.html", context, status=409 if refusal else 200)


def _not_a_day(request: ViewerRequest, written: str, day: date | None) -> str:
    """Why nobody can leave on what was written as the day, on the first step already; '' when they can or none was."""
    if day is not None and day > request.viewer.today:
        said = _("离司日期 %(day)s 还没有到：不得晚于今天，到那天再登记；没有写入任何数据。")
        return said % {"day": day.isoformat()}
    return _("请选离司日期和原因；没有写入任何数据。") if written.strip() and day is None else ""


def _register(
    request: ViewerRequest, person: org.StaffRow, day: date | None, reason: str, formalities: str
) -> str:
    """Register the leave and open the cases of its notices; returns why not, '' when done."""
    complete = day_of(formalities)
    if day is None or reason not in LEAVE_REASONS:
        return _("请选离司日期和原因；没有写入任何数据。")
    if formalities.strip() and (complete is None or complete > request.viewer.today):
        return _("手续办结日不能在今天之后；没有写入任何数据。")
    try:
        done = books.leave(
            person.person,
            leave_date=day,
            recorded_at=request.viewer.now,
            by=request.viewer.person,
            reason_code=reason,
        )
    except (LedgerError, OrgError) as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
    said = _(
        "已登记 %(name)s 自 %(day)s 离司：%(moved)s 件转入保全组，另补记以往时段 %(past)s 段。名下现为 0 件。"
    )
    if person.left_date and person.left_date <= day and not done.moved + done.past_slices:
        told = _("%(name)s 早已登记自 %(day)s 离司，日期只能改早：日期没有改动，0 件转入保全组。")
        messages.warning(request, told % {"name": person.name, "day": person.left_date})
    else:
        messages.success(
            request,
            said
            % {"name": person.name, "day": day, "moved": f"{done.moved:,}", "past": f"{done.past_slices:,}"},
        )
    _tell_holders(request, person.person, complete)
    for pool in org.names(done.pools_without_duty).values():
        messages.warning(request, _("“%(pool)s”今天没有值班责任人，请立即指定。") % {"pool": pool})
    return ""


def _tell_holders(request: ViewerRequest, person: int, complete: date | None) -> None:
    """L-01: the cases of this leave are opened at once (again by the tick), and its clock runs from the formalities."""
    opened = notices.open_cases(by=request.viewer.person, at=request.viewer.now)
    try:
        if complete is not None:
            notices.set_formalities(person, complete, by=request.viewer.person, at=request.viewer.now)
    except notices.NoticeRefused as refused:
        messages.warning(request, str(refused))
    if opened.cases:
        said = _("%(cases)s 份合同的投保人须在期限内得到离职告知，已立案；见“离职告知”。")
        messages.info(request, said % {"cases": f"{opened.cases:,}"})


def _preview(request: ViewerRequest, person: org.StaffRow, day: date, reason: str) -> dict[str, object]:
    found = ledger.preview_leave(person.person, leave_date=day)
    words = {
        (r.value, k.value): f"{_(str(k.label))} · {_(str(r.label))}" for r in Relation for k in SubjectKind
    }
    rows = [row | {"words": words[(row["relation"], row["kind"])]} for row in found.rows.to_dicts()]
    on_duty = org.duty_person(org.buffer_group(), request.viewer.today)
    duties = [duty for duty in org.duties_of(person.person) if duty.until_date is None]
    return {
        "person": person,
        "day": day,
        "reason": reason,
        "reasons": [(code, _(word)) for code, word in LEAVE_REASONS.items()],
        "rows": rows,
        "moved": found.moved,
        "past": found.past_slices,
        "posts": org.posts_of([person.person], request.viewer.today),
        "pools": list(org.names([duty.pool for duty in duties]).values()),
        "recorded": person.left_date,
        "duty_name": org.names([on_duty])[on_duty] if on_duty else "",
        "today": request.viewer.today,
    }
