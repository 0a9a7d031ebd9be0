"""WeCom contacts handed over: who waits for which state; contacts imported; hand-overs planned and taken back.

In: customers and a receiver. Out: hand-overs that the worker asks of WeCom. Never: custody moved by them.
"""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.files.refusal import FileRefused
from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.uploads import uploaded
from tuogu.web.notices.words import names, table
from tuogu.web.paging import first_of, numbered
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest

_ROWS = 40
_PASTED_MAX = 200_000  # characters
_BETWEEN = re.compile(r"[\s,;\uff0c\uff1b\u3001]+")


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Hand-overs, newest first."""
    viewer, query, first = request.viewer, request.GET, first_of(request.GET)
    state, words = query.get("state", ""), table("transfer_state")
    page = notices.transfer_page(viewer.scope, state=state if state in words else "", first=first, size=_ROWS)
    counts, base = notices.transfer_counts(viewer.scope), reverse("notices:contacts")
    people = {i for row in page.rows for i in (row.giver, row.receiver, row.asked_by)}
    context = {
        **shared("contacts"),
        "rows": page.rows,
        "total": page.total,
        "transfer_words": words,
        "kind_words": table("transfer_kind"),
        "people": names(people),
        "tabs": [
            View(_("全部"), base, sum(counts.values()), not state),
            *(
                View(word, f"{base}?state={name}", counts.get(name, 0), state == name)
                for name, word in words.items()
            ),
        ],
        "closed": notices.ways_out(viewer.today).get("wecom", ""),
        "limits": {
            name: viewer.rulebook[f"notices.wecom_{name}"]
            for name in ("call_max", "leaver_days_max", "effect_hours", "in_post_max", "in_post_days")
        },
        "giver": query.get("giver", ""),
        "pager": numbered(base, query, first, _ROWS, page.total),
    }
    return render(request, "notices/contacts.html", context)


@require_POST
def import_sheet(request: ViewerRequest) -> HttpResponse:
    """Contacts from a sheet."""
    viewer = request.viewer
    try:
        with uploaded(request, "sheet") as path:
            done = actions.import_links(path, by=viewer.person, at=viewer.now)
    except (actions.NoticeRefused, FileRefused) as refused:
        messages.error(request, str(refused))
        return redirect("notices:contacts")
    said = _("企微联系人：新增 %(added)s 位、改变 %(changed)s 位、相同 %(same)s 位；导入不改变责任人。")
    messages.success(request, said % {"added": done.added, "changed": done.changed, "same": done.same})
    if done.left:
        rows = _("；").join(
            _("第 %(row)s 行%(why)s") % {"row": row, "why": why} for row, why in done.left[:10]
        )
        messages.warning(request, _("%(n)s 行没有导入：%(rows)s。") % {"n": len(done.left), "rows": rows})
    return redirect("notices:contacts")


@require_POST
def move(request: ViewerRequest) -> HttpResponse:
    """Plan hand-overs: of pasted customers, or of everybody who is connected with `giver`."""
    viewer, given = request.viewer, request.POST
    receiver, giver = _person(given.get("receiver", "")), _person(given.get("giver", ""))
    customers = [n for n in _BETWEEN.split(given.get("customers", "")[:_PASTED_MAX]) if n]
    try:
        if receiver is None:
            raise actions.NoticeRefused(_("没有这个接替人工号；没有写入任何数据"))
        if giver is not None and not customers:
            customers = notices.contacts_with(giver)
        if not customers:
            raise actions.NoticeRefused(_("请写明客户号，或写明由谁转出；没有写入任何数据"))
        customers = notices.customers_within(viewer.scope, customers)
        done = actions.plan_transfers(customers, receiver=receiver, by=viewer.person, at=viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
        return redirect("notices:contacts")
    said = _("已排定 %(n)s 位客户的企微转接，由后台提交；提交前可以取消。责任人不变。")
    messages.success(request, said % {"n": done.planned})
    words = {
        "open": _("已在转接"), "same": _("已是此人"), "unknown": _("没有企微联系人"), "too_old": _("离职已超过一年"),
        "too_often": _("在职转接次数已满"),
    }  # fmt: skip
    left = [f"{words[why]} {n}" for why, n in done.left.items()]
    if left:
        messages.warning(request, _("未排定：%(why)s。") % {"why": _("；").join(left)})
    return redirect("notices:contacts")


@require_POST
def cancel(request: ViewerRequest, transfer: int) -> HttpResponse:
    """Take back a hand-over that was not submitted."""
    if not notices.transfer_within(request.viewer.scope, transfer):
        raise Http404
    try:
        actions.cancel_transfer(transfer, by=request.viewer.person, at=request.viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已取消；需要时可以重新排定。"))
    return redirect("notices:contacts")


def _person(staff_number: str) -> int | None:
    found = org.staff_ids([staff_number.strip()]) if staff_number.strip() else None
    return int(found["custodian_id"][0]) if found is not None and found.height else None
