"""Motor renewal on the phone: my policies by days left, one with the intention in one tap, the open round to claim from.

In: a viewer, taps. Out: small pages; a record of `work` with the purpose of renewal and the intention heard in it. Never: a
policy of somebody else (404), an intention without its record, a name or plate before the claim.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.privacy.failures import PrivacyRefused
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.whose import FIELD, colleagues, holder_of, whose
from tuogu.web.renewals.case import case_context
from tuogu.web.renewals.claims import open_context
from tuogu.web.renewals.reading import shown
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import actions as work
from tuogu.work import queries as records
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Kind, Outcome, Purpose, Reason
from tuogu.work.said import CARD, Said

KINDS = (Kind.CALL, Kind.WECHAT, Kind.VISIT)
_SPOKEN = {Kind.CALL: Outcome.REACHED, Kind.WECHAT: Outcome.REACHED, Kind.VISIT: Outcome.MET}
_MISSED = {Kind.CALL: Outcome.NO_ANSWER, Kind.VISIT: Outcome.NOT_HOME}
_SHOWN = 100


@require_safe
def mine(request: ViewerRequest) -> HttpResponse:
    """What the viewer, or a colleague stood in for, is responsible for: the nearest end of cover first."""
    viewer = request.viewer
    of = whose(viewer, request.GET.get(FIELD, ""))
    found = renewals.own_pipeline(of.person, viewer.today)
    rows = found.head(_SHOWN).to_dicts()
    urged = {row["subject_id"] for row in renewals.urgings(of.person).to_dicts()}
    context: dict[str, Any] = {
        "rows": rows, "total": found.height, "urged": urged, "whose": of, "colleagues": colleagues(viewer), **shown(rows),
    }  # fmt: skip
    return masked_page(render(request, "phone/renewals.html", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ViewerRequest, subject: int) -> HttpResponse:
    """One policy; POST records a contact, with the intention in one tap."""
    viewer = request.viewer
    row = renewals.motor_policy(viewer.scope, subject)
    if row is None or not renewals.answers_for(viewer.person, row.responsible, viewer.today):
        raise Http404
    if request.method == "POST":
        try:
            messages.success(request, _record(viewer, row, request.POST))
        except (WorkRefused, PrivacyRefused, renewals.RenewalRefused) as refused:
            messages.error(request, str(refused))
        except renewals.RenewalUnknown as unknown:
            raise Http404 from unknown
        return redirect("phone:renewal", subject=subject)
    personal.opened(viewer, subject_kind="vehicle_case", subject=str(subject))
    verdict = records.may_contact(row.holder_number, str(Purpose.RENEWAL), str(Kind.CALL), viewer.now)
    context = case_context(viewer, row) | {
        "phone": True, "client_key": uuid4().hex, "verdict": verdict,
        "kinds": [(str(kind), _(str(kind.label))) for kind in KINDS], "card": [(key, _(word)) for key, word in CARD.items()],
        "life": _serves(viewer, row.holder_number),
    }  # fmt: skip
    return render(request, "phone/renewal.html", context)


def _serves(viewer: Viewer, customer: str) -> bool:
    """Whether the customer's own page is open to the viewer: also served beyond the car."""
    try:
        holder_of(viewer, customer)
    except Http404:
        return False
    return True


def _record(viewer: Viewer, row: renewals.MotorRow, post: Any) -> str:
    """A contact with the purpose of renewal; with it what the customer wants, where it was heard."""
    kind, intention = post.get("kind", ""), post.get("intention", "")
    if kind not in {str(one) for one in KINDS}:
        raise renewals.RenewalRefused(_("请选择联系方式；没有写入任何数据"))
    if intention not in {"none", *renewals.Intention.values}:
        raise renewals.RenewalRefused(_("请选择续保意向"))
    missed = intention == "none"
    outcome = _MISSED.get(Kind(kind), Outcome.SENT) if missed else _SPOKEN[Kind(kind)]
    card = (
        {key: post.get(f"card_{key}", "").strip() for key in CARD}
        if kind == Kind.VISIT and not missed
        else {}
    )
    said = Said(
        client_key=post.get("client_key", "").strip(), customer=row.holder_number, kind=kind, outcome=str(outcome),
        reason=str(Reason.DUE), happened_at=viewer.now, purpose=str(Purpose.RENEWAL), card=card,
        note=post.get("note", "").strip(), policies=(row.number,),
    )  # fmt: skip
    # Two acts: a record that must wait for a person stays in its conflict, and the same key again states the intention.
    filed = work.record(said, by=viewer.person, at=viewer.now)
    if missed:
        return _("已登记联系未果；不计入联系次数，请另约时间再联系。")
    actions.state_intention(row.subject, intention, record=filed.record_id, by=viewer.person, at=viewer.now)
    return _("已登记联系和续保意向；客户改变主意的，下次联系时再登记，以最后一次为准。")


def instead(viewer: Viewer, number: str) -> HttpResponse | None:
    """Where a customer is known to the viewer by a car alone: that policy's page; None for anybody else."""
    for row in renewals.motor_of_customer(viewer.scope, number):
        if renewals.answers_for(viewer.person, row.responsible, viewer.today):
            return redirect("phone:renewal", subject=row.subject)
    return None


@require_safe
def open_round(request: ViewerRequest) -> HttpResponse:
    """What may be claimed in the open round, and second rounds of the city."""
    viewer = request.viewer
    after = id_of(request.GET.get("after", "")) or 0
    context = open_context(viewer, after) | {"seconds": renewals.second_waiting(viewer.scope, viewer.now)}
    return render(request, "phone/renewals_open.html", context)


def at_home(viewer: Viewer) -> dict[str, Any]:
    """What the first page says: how many policies end soon, how many urgings wait."""
    rows = renewals.own_pipeline(viewer.person, viewer.today)
    covered = rows.filter(rows["days_left"] >= 0)
    urged = renewals.urgings(viewer.person).height if rows.height else 0
    return {
        "renewals_mine": rows.height, "renewals_next": covered["expiry_date"].min() if covered.height else None,
        "renewals_urged": urged, "renewals_late": rows.filter("late").height,
    }  # fmt: skip
