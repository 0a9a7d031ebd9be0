"""The second allocation: the leader's final confirmation five days before, a new person in hours (S3-13).

In: a viewer, a case, words or a person. Out: the room's acts. Never: the lifetime owner touched, the same person offered.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org.rights import Right
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.renewals.reading import case_or_404, named_person, names_of, places, rooms, told, words
from tuogu.web.viewer import Viewer, ViewerRequest


@require_safe
def desk(request: ViewerRequest) -> HttpResponse:
    """Cases that wait for the leader's word, then open rounds; the one that is looked at."""
    viewer = request.viewer
    finals = renewals.finals_waiting(viewer.scope, viewer.today)
    seconds = renewals.second_waiting(viewer.scope, viewer.now)
    ids = [row.subject_id for row in finals] + [row.subject_id for row in seconds]
    codes = [row.institution_code for row in finals] + [row.institution_code for row in seconds]
    asked = id_of(request.GET.get("case", ""))
    current = asked if asked in ids else (ids[0] if ids else None)
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "second"), "finals": finals, "seconds": seconds, "current": current,
        "places": places(codes), **words(),
    }  # fmt: skip
    if current is not None:
        context |= _looked_at(viewer, current, finals, seconds)
    return render(request, "renewals/second.html", context)


def _looked_at(
    viewer: Viewer, subject: int, finals: list[renewals.FinalRow], seconds: list[renewals.SecondRow]
) -> dict[str, Any]:
    row = renewals.motor_policy(viewer.scope, subject)
    opened = next((one for one in seconds if one.subject_id == subject), None)
    if row is None and opened is None:
        raise Http404
    people: list[int] = []
    if opened is not None:
        people = sorted(renewals.second_people(subject, opened.round, opened.institution_code))
    state = renewals.one_pipeline(subject, viewer.today).to_dicts()
    names = names_of([*people, *([row.responsible, row.owner] if row else [])])
    return {
        "row": row, "opened": opened, "final": next((one for one in finals if one.subject_id == subject), None),
        "state": state[0] if state else None, "names": names,
        "people": [(number, f"{name} {number}") for number, name in
                   sorted((names[one].staff_number, names[one].name) for one in people) if number],
        "customer": personal.masked([row.holder_number]).get(row.holder_number) if row else None,
        "supports": renewals.supports(viewer.scope, subject=subject),
    }  # fmt: skip


@require_POST
def final(request: ViewerRequest, subject: int) -> HttpResponse:
    """The leader's word."""
    viewer, post = request.viewer, request.POST
    case_or_404(viewer, subject)
    word = post.get("word", "")

    def act() -> str:
        if word not in {"can", "cannot"}:
            raise renewals.RenewalRefused(_("请选择可以续保或无法续保；没有写入任何数据"))
        actions.confirm_final(
            subject,
            can_renew=word == "can",
            why=post.get("why", ""),
            by=viewer.person,
            at=viewer.now,
        )
        if word == "can":
            return _("已确认可以续保，责任人不变。")
        return _("已确认无法续保，业务回到公共池，二次认领开始计时；业务归属不变。")

    told(request, act)
    return redirect("renewals:second")


@require_POST
def claim(request: ViewerRequest, subject: int) -> HttpResponse:
    """Name a new person while the round is open; without a right to name, oneself."""
    viewer, post = request.viewer, request.POST
    if subject not in {one.subject_id for one in renewals.second_waiting(viewer.scope, viewer.now)}:
        raise Http404

    def act() -> str:
        names = viewer.can(Right.NAME_RENEWALS)
        person = named_person(post) if names else viewer.person
        actions.claim_second(subject, person, note=post.get("note", ""), by=viewer.person, at=viewer.now)
        return _("二次分配完成，新的责任人已到位；业务归属不变。")

    told(request, act)
    return redirect("phone:renewals_open" if post.get("back") == "phone" else "renewals:second")
