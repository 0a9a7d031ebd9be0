"""Two steps: the choice is counted and shown, then asked for. What is asked for is what was shown, or it is refused.

In: a choice on a list. Out: a page that states exactly how many; then a request that waits for a second person. Never: a
request for another number of policies than the page stated (409 with the new count), a receiver out of the asker's scope.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.transfers import actions
from tuogu.transfers import queries as transfers
from tuogu.web.lists.tools import list_url
from tuogu.web.transfers.chosen import Chosen, chosen
from tuogu.web.viewer import Viewer, ViewerRequest

_CONFLICT = 409
_HOLDERS_SHOWN = 8


@require_POST
def new(request: ViewerRequest) -> HttpResponse:
    """The first step: exactly how many would move, from whom, and to whom."""
    choice = chosen(request)
    if choice is None:
        return _nothing(request)
    return _confirm(request, choice)


@require_POST
def ask(request: ViewerRequest) -> HttpResponse:
    """The second step: the request, over all the rows that were counted."""
    viewer, post, choice = request.viewer, request.POST, chosen(request)
    if choice is None:
        return _nothing(request)
    receiver = _receiver(viewer, post.get("to", ""), post.get("staff_number", ""))
    if receiver is None:
        return _confirm(request, choice, _("没有这位接收人，或不在您的范围内；没有写入任何数据。"), _CONFLICT)
    try:
        made = actions.ask(
            choice.listed.values("pk"),
            confirmed=post.get("confirmed", ""),
            receiver=receiver,
            reason=post.get("reason", ""),
            source=choice.source,
            institution_codes=books.managing_institutions(choice.listed),
            by=viewer.person,
            at=viewer.now,
        )
    except actions.TransferRefused as refused:
        said = _("%(why)s；没有写入任何数据。") % {"why": refused}
        return _confirm(request, choice, said, _CONFLICT)
    messages.success(request, _("已申请；另一人复核后才生效，现在没有任何变动。您可以撤回申请。"))
    return redirect("transfers:record", request_id=made)


def _nothing(request: ViewerRequest) -> HttpResponse:
    messages.warning(request, _("没有选中任何行；没有写入任何数据。"))
    list_name = request.POST.get("list", "policies")
    return redirect("customers:list" if list_name == "customers" else "policies:list")


def _confirm(request: ViewerRequest, choice: Chosen, refusal: str = "", status: int = 200) -> HttpResponse:
    selection = transfers.selection(choice.listed.values("pk"))
    names = org.known_as(selection.holders)
    holders = [(names[i].name, n) for i, n in selection.holders.items() if i in names]
    context: dict[str, Any] = {
        "choice": choice,
        "selection": selection,
        "holders": holders[:_HOLDERS_SHOWN],
        "others": sum(n for _, n in holders[_HOLDERS_SHOWN:]),
        "refusal": refusal,
        "typed": request.POST,
        "back": list_url(choice.list_name, choice.query),
        "ask_url": reverse("transfers:ask"),
    }
    return render(request, "transfers/new.html", context, status=status)


def _receiver(viewer: Viewer, to: str, staff_number: str) -> int | None:
    """The buffer group, or somebody within the viewer's scope."""
    if to == "buffer":
        return org.buffer_group()
    found = org.staff_ids([staff_number.strip()])
    if not found.height:
        return None
    person = int(found["custodian_id"][0])
    within = org.custodians_within(viewer.scope)
    return person if within is None or person in within else None
