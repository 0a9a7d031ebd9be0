"""Claiming: the branch's desk (who is responsible, by keys), the open round across the city.

In: a viewer, a policy, a person. Out: a naming through the room's action, the next policy. Never: a person of another
branch offered, a claim before the branch's days are over (the room refuses it).
"""

from __future__ import annotations

from typing import Any

import polars as pl
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.renewals.reading import case_or_404, named_person, names_of, places, rooms, told, words
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer, ViewerRequest

_QUEUE = 40
_KEYS = 9  # people who have a button and a key of their own; the others are searched
_PAGE = 40


@require_safe
def desk(request: ViewerRequest) -> HttpResponse:
    """The queue, the nearest claim day first, and the policy that is looked at."""
    viewer = request.viewer
    rows = renewals.pipeline(viewer.scope, viewer.today)
    waiting = rows.filter(~pl.col("named") & (pl.col("days_left") >= 0)).sort(
        "claim_due_date", "expiry_date", "subject_id"
    )
    queue = waiting.head(_QUEUE).to_dicts()
    asked = id_of(request.GET.get("case", ""))
    ids = waiting["subject_id"].to_list()
    current = asked if asked in ids else (ids[0] if ids else None)
    place = ids.index(current) if current is not None else -1
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "claims"), "queue": queue, "total": len(ids), "current": current,
        "next": ids[place + 1] if 0 <= place < len(ids) - 1 else None, "unnamed": not ids,
        "locked": _registers(viewer) if viewer.may("renewals:file_register", "POST") else [],
        "places": places([row["institution_code"] for row in queue]), **words(),
    }  # fmt: skip
    if current is not None:
        context |= _looked_at(viewer, current, waiting)
    return render(request, "renewals/claims.html", context)


def _looked_at(viewer: Viewer, subject: int, waiting: pl.DataFrame) -> dict[str, Any]:
    row = case_or_404(viewer, subject)
    state = waiting.filter(pl.col("subject_id") == subject).to_dicts()[0]
    people = renewals.people_of(row.institution_code, viewer.now)
    known = names_of({*people, row.responsible, row.owner})
    held = waiting.filter(pl.col("custodian_id").is_in(sorted(people)))
    counts = dict(held.group_by("custodian_id").len().iter_rows())
    ordered = sorted(
        people, key=lambda one: (one != row.responsible, one != row.owner, known[one].staff_number)
    )
    offered = [
        {"id": one, "known": known[one], "n": counts.get(one, 0), "key": str(place),
         "why": _("已在其名下") if one == row.responsible else _("原业务员") if one == row.owner else ""}
        for place, one in enumerate(ordered, 1)
    ]  # fmt: skip
    plate, frame = renewals.vehicles([subject]).get(subject, ("", ""))
    return {
        "row": row, "state": state, "plate": plate, "frame": frame, "known": known, "offered": offered[:_KEYS],
        "others": [(one["known"].staff_number, one["known"].name) for one in offered[_KEYS:] if one["known"].staff_number],
        "customer": personal.masked([row.holder_number]).get(row.holder_number),
        "before": renewals.motor_of_customer(viewer.scope, row.holder_number)[:6], "place": places([row.institution_code]),
    }  # fmt: skip


def _registers(viewer: Viewer) -> list[tuple[str, str]]:
    """Branches within scope with a list of this month and nothing waiting: they may file their register now."""
    waiting = {row.institution_code for row in renewals.waiting_by_branch(viewer.scope)}
    month = viewer.today.replace(day=1)
    filed = {row.institution_code for row in renewals.registers(viewer.scope) if row.month == month}
    listed = renewals.listed_branches(viewer.scope, month)
    codes = [code for code in listed if code not in waiting | filed]
    known = places(codes)
    return [(code, known.get(code, code)) for code in codes]


@require_POST
def confirm(request: ViewerRequest, subject: int) -> HttpResponse:
    """Say who is responsible."""
    viewer, post = request.viewer, request.POST
    case_or_404(viewer, subject)

    def act() -> str:
        person = named_person(post)
        actions.confirm(
            subject, person, scope=viewer.scope, note=post.get("note", ""), by=viewer.person,
            at=viewer.now,
        )  # fmt: skip
        known = names_of([person])
        name = known[person].name if person in known else ""
        return _("已确认责任人：%(who)s。要变更的，在这件业务上再确认一次并写明原因。") % {"who": name}

    done = told(request, act)
    if post.get("back") == "case":
        return redirect("renewals:case", subject=subject)
    return redirect("renewals:claims" if done else f"{reverse('renewals:claims')}?case={subject}")


@require_safe
def open_round(request: ViewerRequest) -> HttpResponse:
    """What anybody of the city may claim now."""
    viewer = request.viewer
    if viewer.only_phone:
        return redirect("phone:renewals_open")
    context = open_context(viewer, id_of(request.GET.get("after", "")) or 0)
    return render(request, "renewals/open.html", context | {"rooms": rooms(viewer, "open")})


def open_context(viewer: Viewer, after: int) -> dict[str, Any]:
    """What desk and phone show of the open round: before the claim neither name nor plate."""
    found = renewals.open_to_city(viewer.today, after=after, size=_PAGE + 1)
    rows = found[:_PAGE]
    return {
        "rows": rows, "older": rows[-1].subject if len(found) > _PAGE else None,
        "places": places(row.institution_code for row in rows), "may_claim": viewer.may("renewals:claim", "POST"),
        "cap": viewer.rulebook["renewal.claim_per_day"],
    }  # fmt: skip


@require_POST
def claim(request: ViewerRequest) -> HttpResponse:
    """Claim for oneself, one or several."""
    viewer, post = request.viewer, request.POST
    numbers = [number for number in (post.getlist("pick") or [post.get("one", "")]) if number]
    back = "phone:renewals_open" if post.get("back") == "phone" else "renewals:open"
    try:
        found = actions.claim(numbers, by=viewer.person, at=viewer.now)
    except renewals.RenewalRefused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    done = [one for one in found if one.done]
    if done:
        messages.success(
            request,
            _("已认领 %(n)s 件，现在由您负责；不能跟进的，请机构负责人二次分配。") % {"n": num(len(done))},
        )
    for one in found:
        if not one.done:
            messages.error(request, _("%(number)s：%(why)s") % {"number": one.number, "why": one.why})
    return redirect(back)
