"""Printed registers: the list with a form to print one, one with its pages, the paper itself, its files (S1-29, N-18).

In: whose, which month or day. Out: pages; the paper masked. Never: a register in clear on a page: that is a file that a
second person agrees to.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.files.page_marks import svg_mark
from tuogu.kit import actions
from tuogu.kit import queries as kit
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.exports.asking import answer
from tuogu.web.kit.papers import REGISTER, form_of
from tuogu.web.kit.reading import dated, framed, month_of, names_of, period_of, register_or_404, title_of
from tuogu.web.paging import day_of, id_of, pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest

_PERSONAL = "name,phone,address"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: ViewerRequest) -> HttpResponse:
    """What was printed, newest first; POST prints a further one."""
    viewer, refusal = request.viewer, ""
    if request.method == "POST":
        try:
            made = _print(request)
        except actions.KitRefused as refused:
            refusal = str(refused)
        else:
            messages.success(
                request, _("已印制，每页有页码。打印后签名，扫描件凭页码登记；再印一次，旧的即作废。")
            )
            return redirect("kit:register", register=made)
    query, size = request.GET, size_of(request.GET)
    state = query.get("state", "")
    rows = kit.registers(viewer.scope, state=state, before=id_of(query.get("after", "")), size=size + 1)
    more, rows = len(rows) > size, rows[:size]
    names = names_of(person for row in rows for person in (row.person, row.made_by))
    base = reverse("kit:registers")
    context = {
        **framed(viewer, "kit:registers"), "rows": [(row, period_of(row)) for row in rows], "names": names,
        "refusal": refusal, "said": request.POST, "kinds": kit.RegisterKind.choices,
        "month": viewer.today.strftime("%Y-%m"), "state": state,
        "tabs": [View(_("全部"), base, None, not state)] + [
            View(_(str(label)), f"{base}?state={code}", None, state == code) for code, label in kit.PrintState.choices
        ],
        "page": pager_of(query, shown=len(rows), before=None, after=str(rows[-1].id) if more else None),
    }  # fmt: skip
    return render(request, "kit/registers.html", context, status=400 if refusal else 200)


def _print(request: ViewerRequest) -> int:
    viewer, said = request.viewer, request.POST
    kind = said.get("kind", "")
    contact = kind == kit.RegisterKind.CONTACT
    first = month_of(said.get("month", "")) if contact else day_of(said.get("day", ""))
    if first is None and kind in kit.VISITS and not said.get("day"):
        first = viewer.today
    if first is None:
        raise actions.KitRefused(_("请写明月份或日期；没有印制"))
    return actions.print_register(
        viewer.scope, kind, _person(request), first, by=viewer.person, at=viewer.now
    )


def _person(request: ViewerRequest) -> int:
    """Whose register: the viewer's own, or of the staff number that a desk gives."""
    number = request.POST.get("person", "").strip()
    if request.viewer.only_phone or not number:
        return request.viewer.person
    found = org.staff_ids([number])
    if found.is_empty():
        raise actions.KitRefused(_("没有工号 %(number)s；没有印制") % {"number": number[:20]})
    return int(found["custodian_id"][0])


@never_cache
@require_safe
def record(request: ViewerRequest, register: int) -> HttpResponse:
    """One register: how far it is signed, page by page."""
    viewer = request.viewer
    row = register_or_404(viewer, register)
    pages = kit.pages_of(register)
    names = names_of([row.person, row.made_by, *(page.signed_by for page in pages)])
    context = {
        **framed(viewer, "kit:registers"), "row": row, "pages": pages, "names": names, "title": title_of(row, names),
        "scans": [(f"scan-{page.place}", page.scan) for page in pages if page.scan],
    }  # fmt: skip
    return render(request, "kit/register.html", context)


@never_cache
@require_safe
def paper(request: ViewerRequest, register: int) -> HttpResponse:
    """The pages as they are printed, masked."""
    viewer = request.viewer
    row = register_or_404(viewer, register)
    lines = personal.register_lines(register, viewer.rulebook)
    names = names_of([row.person, row.made_by])
    parts, first = [], 1
    for page in kit.pages_of(register):
        part = lines[page.place]
        parts.append(
            {"page": page, "lines": list(enumerate(map(dated, part), first)), "mark": svg_mark(page.code)}
        )
        first += page.rows
    context = {
        "row": row, "parts": parts, "names": names, "title": title_of(row, names), "visits": row.kind in kit.VISITS,
    }  # fmt: skip
    return render(request, "kit/paper.html", context)


@require_POST
def file(request: ViewerRequest, register: int) -> HttpResponse:
    """The workbook or the PDF: masked, or (`clear`) in clear once a second person agrees."""
    row = register_or_404(request.viewer, register)
    clear = bool(request.POST.get("clear"))
    return answer(
        request, kind=REGISTER.name, title=title_of(row, names_of([row.person])),
        query={"register": register, "clear": clear, **form_of(request.POST)}, rows=row.rows, fields=_PERSONAL, clear=clear,
        back=reverse("kit:register", args=[register]),
    )  # fmt: skip
