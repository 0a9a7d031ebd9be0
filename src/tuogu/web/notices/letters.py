"""Letters: pages to print, a mail-merge list, receipts that come back.

In: prepared letters within scope; a sheet. Out: one page a letter, in clear and logged; counts. Never: a print by GET.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.files.refusal import FileRefused
from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.org.rights import Right
from tuogu.web.exports.asking import answer
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.uploads import uploaded
from tuogu.web.viewer import ViewerRequest, viewer_of

_STATES = ("queued", "printed", "posted")


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """How many letters wait in which state, and what to do with them."""
    counts = notices.outbox_counts(request.viewer.scope)
    letters = {state: counts.get(("letter", state), 0) for state in (*_STATES, "delivered")}
    context = {
        **shared("letters"),
        "letters": letters,
        "at_once": actions.LETTERS_MAX,
        "any": sum(letters.values()),
    }
    return render(request, "notices/letters.html", context)


@never_cache
@require_POST
def print_pages(request: ViewerRequest) -> HttpResponse:
    """The pages themselves: one letter a page; the look is logged and the letters are marked printed."""
    viewer, state = request.viewer, request.POST.get("state", "queued")
    ids = notices.letter_ids(viewer.scope, state if state in _STATES else "queued", actions.LETTERS_MAX)
    try:
        letters = actions.print_letters(ids, by=viewer.person, at=viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
        return redirect("notices:letters")
    return render(
        request, "notices/print.html", {"letters": letters, "insurer": viewer.rulebook["notices.insurer"]}
    )


@require_POST
def merge(request: ViewerRequest) -> HttpResponse:
    """The mail-merge list as a file, in clear: by the room of exports, after a second person agrees."""
    viewer, state = request.viewer, request.POST.get("state", "queued")
    ids = notices.letter_ids(viewer.scope, state if state in _STATES else "queued", actions.LETTERS_MAX)
    if not ids:
        messages.warning(request, _("没有信函可导出。"))
        return redirect("notices:letters")
    return answer(
        request, kind=MERGE.name, title=_("告知信函清单"), query={"letters": ids}, rows=len(ids),
        back=reverse("notices:letters"), fields="name,address", clear=True,
    )  # fmt: skip


def _build(order: Order) -> Table:
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    wanted = [pk for pk in order.query["letters"] if notices.message_within(viewer.scope, pk)]
    columns = tuple(Column(head, values) for head, values in notices.letter_sheet(wanted))
    return Table(_("告知信函"), columns)


MERGE = Kind("notice_letters", gettext_noop("告知信函清单"), Right.SEND_NOTICES, _build)


@require_POST
def receipts(request: ViewerRequest) -> HttpResponse:
    """Tracking numbers and signed days from a sheet."""
    viewer = request.viewer
    try:
        with uploaded(request, "sheet") as path:
            done = actions.file_receipts(path, by=viewer.person, at=viewer.now)
    except (actions.NoticeRefused, FileRefused) as refused:
        messages.error(request, str(refused))
        return redirect("notices:letters")
    said = _("已登记寄出 %(posted)s 封、签收 %(signed)s 封；同一张表再传一次不会重复。")
    messages.success(request, said % {"posted": done.posted, "signed": done.signed})
    if done.unknown:
        rows = _("、").join(str(row) for row in done.unknown[:20])
        messages.warning(request, _("第 %(rows)s 行的案件编号没有对应的信函，未登记。") % {"rows": rows})
    return redirect("notices:letters")
