"""The department's random check: announced under pseudonyms, bound by two parties, drawn by their seeds together.

In: a department, the parties' files. Out: a public record, the people drawn. Never: the pseudonym key or a seed kept on this
side.
"""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.draw import DrawError, commitment
from tuogu.core.lots.record import PARTIES_MIN
from tuogu.org import queries as org
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.draws import secret as files
from tuogu.web.draws.opening import KEY_BYTES
from tuogu.web.draws.secret import SecretRefused
from tuogu.web.draws.showing import sent
from tuogu.web.paging import id_of
from tuogu.web.review.reading import names_of, rooms
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS = 40


@require_safe
def register(request: ViewerRequest) -> HttpResponse:
    """The lots within scope, the newest first; the departments that have to draw."""
    viewer = request.viewer
    found = review.lots(viewer.scope, size=_ROWS + 1, before=id_of(request.GET.get("before", "")))
    rows = found[:_ROWS]
    context = {
        "rooms": rooms(viewer, "lots"),
        "rows": rows,
        "names": names_of(row.opened_by for row in rows),
        "departments": review.departments_due(viewer.scope, viewer.today),
        "older": rows[-1].id if len(found) > _ROWS else None,
    }
    return render(request, "review/lots.html", context)


@never_cache
@require_POST
def open_lot(request: ViewerRequest) -> HttpResponse:
    """Announce today's lot of a department; the page shows the pseudonym key once."""
    viewer, code = request.viewer, request.POST.get("department", "")
    if not viewer.scope.all_rows and code not in org.institutions_within(viewer.scope):
        raise Http404
    key = secrets.token_bytes(KEY_BYTES)
    try:
        made = actions.open_lot(code, key=key, by=viewer.person, at=viewer.now)
    except actions.ReviewRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": refused})
        return redirect("review:lots")
    line = review.lot_of(viewer.scope, made)
    return render(request, "review/lot_opened.html", {"line": line, "key": key.hex()})


@never_cache
@require_safe
def lot(request: ViewerRequest, lot: int) -> HttpResponse:
    """One lot: who has yet to act, the result, what the viewer may do."""
    viewer = request.viewer
    line = _line(viewer, lot)
    state = review.lot_state(lot)
    own = next((party for party in state.parties if party.custodian == viewer.person), None)
    revealing = any(party.revealed_at for party in state.parties)
    drawn = review.drawn_people(lot)
    context = {
        "line": line,
        "state": state,
        "drawn": drawn,
        "names": names_of([line.opened_by, *(p.custodian for p in state.parties), *(i for _n, i in drawn)]),
        "short_of": max(0, PARTIES_MIN - len(state.parties)),
        "own": own,
        "may_commit": viewer.may("review:lot_commit", "POST") and own is None and not revealing,
        "may_reveal": own is not None and own.revealed_at is None and len(state.parties) >= PARTIES_MIN,
    }
    return render(request, "review/lot.html", context)


@require_safe
def public(request: ViewerRequest, lot: int) -> HttpResponse:
    """The record as it is published: holds no name and no staff number but the parties'."""
    line = _line(request.viewer, lot)
    return sent(review.lot_record(lot), f"{line.code}.public.json", "application/json")


@never_cache
@require_POST
def secret(request: ViewerRequest, lot: int) -> HttpResponse:
    """A new secret as a file: nothing is written, nothing is promised."""
    line, party = _line(request.viewer, lot), request.viewer.staff_number
    text = files.as_text(files.new_secret(), review.lot_state(lot), party)
    return sent(text, f"{line.code}.{party}.secret.json", "application/json")


@never_cache
@require_POST
def commit(request: ViewerRequest, lot: int) -> HttpResponse:
    """Bind the viewer to the seed of a file, or to a commitment made elsewhere."""
    viewer = request.viewer
    _line(viewer, lot)
    try:
        made = request.POST.get("commitment", "").strip()
        if not made:
            held = files.uploaded(request, review.lot_state(lot))
            made = commitment(held.salt, held.seed)
        actions.commit_lot(lot, commitment=made, by=viewer.person, at=viewer.now)
    except (SecretRefused, DrawError, actions.ReviewRefused) as refused:
        messages.error(request, _("没有作出承诺：%(why)s") % {"why": refused})
    else:
        messages.success(request, _("已记下你的承诺，不能更换。请保管好密件：两方都承诺之后，用它公开种子。"))
    return redirect("review:lot", lot=lot)


@never_cache
@require_POST
def reveal(request: ViewerRequest, lot: int) -> HttpResponse:
    """Publish the viewer's seed; with the last one comes the result."""
    viewer = request.viewer
    _line(viewer, lot)
    try:
        held = files.uploaded(request, review.lot_state(lot))
        actions.reveal_lot(lot, salt=held.salt, seed=held.seed, by=viewer.person, at=viewer.now)
    except (SecretRefused, DrawError, actions.ReviewRefused) as refused:
        messages.error(request, _("没有公开种子：%(why)s") % {"why": refused})
    else:
        messages.success(request, _("已公开你的种子，不能收回；各方都公开后即有结果。"))
    return redirect("review:lot", lot=lot)


def _line(viewer: Viewer, lot: int) -> review.LotLine:
    try:
        return review.lot_of(viewer.scope, lot)
    except review.ReviewUnknown as unknown:
        raise Http404 from unknown
