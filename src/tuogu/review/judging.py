"""The penalty ledger (N-14): computed from the facts, told to the person, appealed, decided by somebody else, reversed.

In: the facts as they stand; acts of people. Out: penalties and their steps, only ever added. Never: a penalty that the facts
do not give, a step that the machine does not hold, an appeal decided by whoever found the fact, told of it, made it or
suffers from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.cases import queries as cases
from tuogu.core import inspection
from tuogu.core.custody import business_date
from tuogu.core.inspection.tables import PENALTIES
from tuogu.core.machines import PENALTY
from tuogu.core.steps import StepError
from tuogu.org import queries as org
from tuogu.review.closing import follow_reversal
from tuogu.review.facts import computed, facts, filed
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.models import Check, OutsideFinding, Penalty, PenaltyStep, Report
from tuogu.review.reasons import said
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Judged:
    """What judging added: penalties, and those voided because the facts no longer give them."""

    added: int
    voided: int


@transaction.atomic
def judge(*, by: int, at: datetime) -> Judged:
    """Bring the ledger up to what the facts give today. Again changes nothing."""
    hold()
    added = voided = 0
    while True:  # a reversal may take away what followed from it (a bar); then once more finds nothing
        on = business_date(at)
        known = facts()
        found = computed(known, on)
        differing = inspection.differences(filed(), found.select(*PENALTIES), known.reversals)
        missing = found.join(differing.filter(pl.col("kind") == "missing"), on="penalty", how="semi")
        void = differing.filter(pl.col("kind") == "void")["penalty"].to_list()
        added += _add(missing, at)
        for penalty in Penalty.objects.filter(key__in=void).order_by("pk"):
            _step(penalty, "void", {"facts"}, reason="事实已更正，不再成立", by=by, at=at)
            voided += 1
        if not void:
            return Judged(added, voided)


@transaction.atomic
def notify(penalties: Collection[int], *, by: int, at: datetime) -> int:
    """Tell the people of these penalties; from now on they may appeal and the penalty has effect. How many were told."""
    hold()
    told = 0
    for penalty in Penalty.objects.filter(pk__in=penalties).order_by("pk"):
        if state_of(penalty) != "computed":
            continue
        if penalty.person_id == by:
            raise ReviewRefused(_("不能由本人告知自己的处罚"))
        _step(penalty, "notify", (), by=by, at=at)
        told += 1
    return told


@transaction.atomic
def appeal(penalty_id: int, *, reason: str, by: int, at: datetime) -> None:
    """The person concerned objects, within the days of the rulebook."""
    hold()
    penalty = _penalty(penalty_id)
    if penalty.person_id != by:
        raise ReviewRefused(_("只有本人可以申诉"))
    last = penalty.steps.order_by("-number").first()
    if last is not None and last.name == "notify" and appeal_until(last) < business_date(at):
        raise ReviewRefused(_("申诉期已于 %(day)s 届满") % {"day": appeal_until(last).isoformat()})
    text = said(reason, _("请写明申诉的理由"))
    _step(penalty, "appeal", {"reason"}, reason=text, by=by, at=at)


@transaction.atomic
def decide(penalty_id: int, decision: str, *, reason: str, by: int, at: datetime) -> None:
    """Uphold or reverse (`uphold`, `reverse`) an appealed penalty; a reversal corrects the facts of a closed month."""
    hold()
    penalty = _penalty(penalty_id)
    if decision not in ("uphold", "reverse"):
        raise ReviewRefused(_("请选择维持或撤销"))
    if by in concerned(penalty):
        raise ReviewRefused(_("申诉须由没有参与检查、告知和认定的另一人决定"))
    text = said(reason, _("请写明决定的理由"))
    takers = {step.name: str(step.by_id) for step in penalty.steps.order_by("number")}
    try:
        PENALTY.second_person(state_of(penalty), decision, takers, str(by))
    except StepError as error:
        raise ReviewRefused(error.told(_)) from None
    _step(penalty, decision, {"reason"}, reason=text, by=by, at=at)
    if decision == "reverse":
        judge(by=org.machine(), at=at)
        follow_reversal(penalty.from_date, by=by, at=at)


@transaction.atomic
def expire(*, by: int, at: datetime) -> int:
    """Penalties whose time to appeal has run out become final; how many."""
    hold()
    today, done = business_date(at), 0
    for penalty in _in_state("notified"):
        last = penalty.steps.order_by("-number").first()
        if last is not None and appeal_until(last) < today:
            _step(penalty, "expire", (), by=by, at=at)
            done += 1
    return done


def appeal_until(told: PenaltyStep) -> date:
    """The last day on which the person may appeal."""
    days = int(rules.applicable(told.step_date)["inspection.appeal_days"])
    return told.step_date + timedelta(days=days)


def concerned(penalty: Penalty) -> set[int]:
    """Everybody who may not decide on its appeal: whom it concerns, who found the fact, who marked, who confirmed."""
    people: set[int | None] = {penalty.person_id, *penalty.steps.values_list("by_id", flat=True)}
    source = int(penalty.source_ref)
    if penalty.source_kind == "check":
        for check in Check.objects.filter(pk=source):
            people |= {check.by_id, check.marker_id, check.person_id}
    elif penalty.source_kind == "event":
        for report in Report.objects.filter(pk=source).select_related("end"):
            people |= {report.by_id, report.person_id, report.end.by_id}
    elif penalty.source_kind == "finding":
        people |= set(OutsideFinding.objects.filter(pk=source).values_list("by_id", flat=True))
    else:
        people |= cases.took_part_in_receipt(source)
    return {person for person in people if person is not None} - {org.machine()}


def state_of(penalty: Penalty) -> str:
    """Where a penalty stands."""
    last = penalty.steps.order_by("-number").values_list("state", flat=True).first()
    return str(last) if last else PENALTY.first


def _in_state(state: str) -> list[Penalty]:
    rows = PenaltyStep.objects.filter(state=state).values_list("penalty_id", flat=True)
    return [p for p in Penalty.objects.filter(pk__in=rows).order_by("pk") if state_of(p) == state]


def _add(found: pl.DataFrame, at: datetime) -> int:
    ids = dict(org.staff_ids().select("staff_number", "custodian_id").iter_rows())
    Penalty.objects.bulk_create(
        Penalty(
            key=row["penalty"], person_id=ids[row["staff_number"]], at=at,
            **{name: value for name, value in row.items() if name not in ("penalty", "staff_number")},
        )
        for row in found.iter_rows(named=True)
    )  # fmt: skip
    return found.height


def _step(
    penalty: Penalty, name: str, given: Iterable[str], *, by: int, at: datetime, reason: str = ""
) -> None:
    """Take a step of the machine; ReviewRefused when it is not allowed now."""
    try:
        after = PENALTY.after(state_of(penalty), name, set(given))
    except StepError as error:
        raise ReviewRefused(error.told(_)) from None
    PenaltyStep.objects.create(
        penalty=penalty, number=penalty.steps.count() + 1, name=name, state=after,
        reason_sealed=vault.seal_text(reason) if reason else None, step_date=business_date(at), by_id=by, at=at,
    )  # fmt: skip


def _penalty(penalty_id: int) -> Penalty:
    found = Penalty.objects.filter(pk=penalty_id).first()
    if found is None:
        raise ReviewRefused(_("没有这笔处罚"))
    return found
