"""Draws to look at: the register, the page of one, the record that is published, the drawn numbers. Nothing is drawn here.

Real numbers stand only where the permission table lets the viewer have them (`draws:numbers`); everybody else sees what an
outsider sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import polars as pl
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.campaign.lot import draw_ids
from tuogu.core.lots.record import PARTIES_MIN, from_bytes
from tuogu.core.strategies import RECLAIM
from tuogu.exports.kinds import BuildRefused, Kind, Order, Paper
from tuogu.files.safe_csv import write_csv
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.plans import queries as plans
from tuogu.plans.actions import PlanRefused
from tuogu.web.exports.asking import answer
from tuogu.web.paging import first_of, numbered
from tuogu.web.viewer import Viewer, ViewerRequest, viewer_of

_ROWS_A_PAGE = 40


@dataclass(frozen=True)
class Lot:
    """One drawn pseudonym; `number` only for posts that may have it, None where it was erased."""

    place: int
    pseudonym: str
    number: str | None


@require_safe
def register(request: ViewerRequest) -> HttpResponse:
    """Every draw that the scope covers, newest first."""
    first = first_of(request.GET)
    rows, total = plans.draw_heads(request.viewer.scope, first=first, size=_ROWS_A_PAGE)
    context = {
        "rows": rows,
        "total": total,
        "parties_min": PARTIES_MIN,
        "pager": numbered(reverse("draws:list"), request.GET, first, _ROWS_A_PAGE, total),
    }
    return render(request, "draws/list.html", context)


@never_cache
@require_safe
def draw(request: ViewerRequest, draw: int) -> HttpResponse:
    """One draw: what is published, who has yet to act, the result, and what the viewer may do."""
    viewer = request.viewer
    head = head_or_404(viewer, draw)
    state = plans.draw_state(head.code)
    lots, first = _lots(viewer, head, state), first_of(request.GET)
    bound = {party.custodian: party for party in state.parties}
    own = bound.get(viewer.person)
    revealing = any(party.revealed_at for party in state.parties)
    names = org.names(bound)
    context = {
        "head": head,
        "state": state,
        "parties": [(party, names.get(party.custodian) or "") for party in state.parties],
        "commitments": _commitments(head.code),
        "lots": lots[first - 1 : first - 1 + _ROWS_A_PAGE],
        "pager": numbered(reverse("draws:draw", args=[draw]), request.GET, first, _ROWS_A_PAGE, len(lots)),
        "short_of": max(0, PARTIES_MIN - len(state.parties)),
        "joinable": not revealing,
        "sees_numbers": viewer.may("draws:numbers", "POST"),
        "own": own,
        "may_commit": viewer.may("draws:commit", "POST") and own is None and not revealing,
        "may_reveal": own is not None and own.revealed_at is None and len(state.parties) >= PARTIES_MIN,
        "reclaims": _reclaims(viewer, head, state),
        "reclaim_url": _reclaim_url(head, state),
    }
    return render(request, "draws/draw.html", context)


@require_safe
def public(request: ViewerRequest, draw: int) -> HttpResponse:
    """The record as it is published: what docs/verify_draw.py and `tuogu draw verify` read. Holds no number."""
    head = head_or_404(request.viewer, draw)
    return sent(plans.draw_record(head.code), f"{head.code}.public.json", "application/json")


@require_POST
def numbers(request: ViewerRequest, draw: int) -> HttpResponse:
    """The drawn numbers in their order, for the clerk, the manager and the auditor: through the room of exports."""
    head = head_or_404(request.viewer, draw)
    return answer(
        request, kind=NUMBERS.name, title=_("抽中号码-%(draw)s") % {"draw": head.code}, query={"draw": draw},
        rows=_drawn(request.viewer, head).height, back=reverse("draws:draw", args=[draw]),
    )  # fmt: skip


def _drawn(viewer: Viewer, head: plans.DrawHead) -> pl.DataFrame:
    try:
        return plans.drawn_numbers(head.code, viewer.scope)
    except PlanRefused as refused:
        raise Http404 from refused


def _build_numbers(order: Order) -> Paper:
    """A csv without invented rows: the numbers are counted and verified by outsiders."""
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    try:
        rows = plans.drawn_numbers(plans.draw_head(order.query["draw"], viewer.scope).code, viewer.scope)
    except (PlanRefused, plans.PlanUnknown) as refused:
        raise BuildRefused(str(refused)) from refused
    frame = rows.select(
        pl.col("place").alias(_("次序")),
        pl.col("number").alias(_("号码")),
        pl.col("pseudonym").alias(_("化名")),
    )
    return Paper(rows.height, lambda path: write_csv(frame, path))


NUMBERS = Kind("draw_numbers", gettext_noop("抽中号码"), Right.READ_DRAW_LISTS, _build_numbers, suffix="csv")


def head_or_404(viewer: Viewer, draw: int) -> plans.DrawHead:
    """The draw; 404 when unknown or out of scope."""
    try:
        return plans.draw_head(draw, viewer.scope)
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown


def sent(text: str, name: str, kind: str) -> HttpResponse:
    """Text as a file to keep."""
    answer = HttpResponse(text.encode(), content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def _lots(viewer: Viewer, head: plans.DrawHead, state: plans.DrawState) -> list[Lot]:
    """The result in its order; empty before every party has revealed, or when the stored record does not fit."""
    if state.seed_hex is None or state.fault is not None:
        return []
    if viewer.may("draws:numbers", "POST"):
        rows = plans.drawn_numbers(head.code, viewer.scope)
        return [Lot(*row) for row in rows.select("place", "pseudonym", "number").iter_rows()]
    result = from_bytes(plans.draw_record(head.code).encode()).result
    return [Lot(i, name, None) for i, name in enumerate(result.drawn if result else (), start=1)]


def _commitments(code: str) -> dict[str, str]:
    return dict(from_bytes(plans.draw_record(code).encode()).commitments)


def _reclaims(
    viewer: Viewer, head: plans.DrawHead, state: plans.DrawState
) -> list[tuple[plans.PlanHead, bool]]:
    """Reclaim plans made under this draw's id, and whether they took its order: a seed given by hand is another one."""
    heads = [h for h in plans.plan_heads(viewer.scope) if h.strategy == RECLAIM.name]
    return [
        (h, state.seed_hex is not None and not h.options.get("seed_hex"))
        for h in heads
        if head.code in draw_ids(h.options.get("draw_id", ""))
    ]


def _reclaim_url(head: plans.DrawHead, state: plans.DrawState) -> str:
    """The form of a new reclaim with this draw filled in; '' before there is a result."""
    if state.seed_hex is None:
        return ""
    filled = {"strategy": RECLAIM.name, f"{RECLAIM.name}.draw_id": head.code}
    return f"{reverse('plans:new')}?{urlencode(filled)}"
