"""The second allocation (S3-13, A-44): the leader's final word, a new person of the branch, then of the city, in hours.

In: a case past its final day, who takes it. Out: fired steps, custody moved, namings. Never: the lifetime owner touched; the
same person named again; a claim after its hours or after the end of cover.

What cannot be renewed goes back to the pool, whose duty person answers for it until somebody claims it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tuogu.core.custody import SHANGHAI, business_date
from tuogu.core.motor import second
from tuogu.ledger import actions as ledger
from tuogu.org import queries as org
from tuogu.renewals import clocked, within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.firing import fire_one
from tuogu.renewals.kinds import Round, Step
from tuogu.renewals.models import FiredStep, MotorPolicy, Naming, StepAnswer
from tuogu.renewals.renewed import ended_subjects

RULE, REASON = "S3-13", "second_round"
_LOOK_BACK = timedelta(days=120)  # far longer than a round: keeps the question to the index of days
_STEPS = {Step.SECOND_OPEN: Round.SECOND, Step.SECOND_CITY_OPEN: Round.SECOND_CITY}
_CHAIN = (*_STEPS, Step.HEAD_OFFICE)


@transaction.atomic
def confirm_final(subject: int, *, can_renew: bool, why: str, by: int, at: datetime) -> None:
    """The branch leader's final confirmation. What cannot be renewed opens for a new person at once."""
    today = business_date(at)
    policy = within.running(subject, by=by, on=today)
    final = FiredStep.objects.filter(subject_id=subject, step=Step.FINAL).first()
    if final is None or policy.expiry_date < today:
        raise refused(_("最终确认自最终确认日起、至终保日止"))
    if final.answers.filter(what__startswith="cannot").exists():
        raise refused(_("已确认无法续保，正在二次分配"))
    text = within.said(why, _("请写明确认的情况"))
    StepAnswer.objects.create(fired=final, what=f"{'can' if can_renew else 'cannot'}:{text}", by_id=by, at=at)
    if can_renew:
        return
    former = within.responsible(subject)
    fire_one(subject, Step.SECOND_OPEN, due=today, person=former, reason=text, at=at)
    ledger.return_to_pool(subject, by=by, recorded_at=at, rule=RULE, reason_code=REASON)


def claim_second(subject: int, person: int, *, by: int, at: datetime, note: str = "") -> int:
    """Name a new person while the round is open; returns the naming's id. Of two at once one wins, the other is refused."""
    today = business_date(at)
    policy = MotorPolicy.objects.filter(pk=subject).first()
    opened = _open_step(subject, today)
    if policy is None or opened is None:
        raise RenewalUnknown(subject)
    turn = _STEPS[Step(opened.step)]
    place = policy.institution_code if turn == Round.SECOND else within.city_of(policy.institution_code)
    near = within.colleagues(place)
    if by not in near and not within.policies(org.scope_of(by, today)).filter(pk=subject).exists():
        raise RenewalUnknown(subject)
    state = states([opened], today, at)
    if within.last_end(subject) is not None or state["over"][0] or state["lapsed"][0]:
        raise refused(_("二次认领的期限已过，或业务已经结束"))
    if person not in near or not org.is_person(person):
        raise refused(_("新的责任人须是认领范围内的在职人员"))
    if person in _former(subject):
        raise refused(_("二次分配须换一位责任人"))
    with transaction.atomic():
        moved = ledger.claim(subject, person, by=by, recorded_at=at, rule=RULE, reason_code=REASON)
        if not moved.done:
            raise refused(_("已由别人认领，或这位人员不能接收"))
        return int(
            Naming.objects.create(
                subject_id=subject, round=turn, institution_code=policy.institution_code, person_id=person,
                entry_id=moved.entry_id, note=note.strip(), by_id=by, at=at,
            ).pk
        )  # fmt: skip


@transaction.atomic
def report_risk(subject: int, *, why: str, by: int, at: datetime) -> None:
    """Whoever took the case sees a high risk of losing it: to head office (S3-15). Again changes nothing."""
    today = business_date(at)
    within.running(subject, by=by, on=today)
    person = within.require_own(subject, by=by, on=today)
    text = within.said(why, _("请写明流失风险"))
    if not FiredStep.objects.filter(subject_id=subject, step=Step.HEAD_OFFICE).exists():
        fire_one(subject, Step.HEAD_OFFICE, due=today, person=person, reason=f"risk:{text}", at=at)


@transaction.atomic
def tick(*, by: int, at: datetime) -> int:  # noqa: ARG001 - rounds name who acts; here nobody decides
    """Rounds whose hours are over: the city's after the branch's, head office after the city's. How many went on."""
    ledger.lock_shared()
    today, done = business_date(at), 0
    while True:
        open_now = waiting(today)
        if not open_now:
            return done
        over = states(open_now, today, at).filter("over")
        if over.is_empty():
            return done
        for subject, following in over.select("subject_id", "next").iter_rows():
            reason = "unclaimed" if following == Step.HEAD_OFFICE else ""
            fire_one(subject, following, due=today, person=within.responsible(subject), reason=reason, at=at)
            done += 1


def waiting(on: date) -> list[FiredStep]:
    """The open rounds of a day: the last step of the chain, nobody named since, the case running."""
    chain = FiredStep.objects.filter(step__in=[str(one) for one in _CHAIN], fired_date__gte=on - _LOOK_BACK)
    last = chain.values("subject_id")
    newest = last.annotate(pk_max=Max("pk")).values_list("pk_max", flat=True)
    rows = FiredStep.objects.filter(pk__in=newest, step__in=[str(one) for one in _STEPS])
    rows = rows.exclude(subject_id__in=ended_subjects().values("subject_id")).order_by("pk")
    steps = list(rows)
    named = dict(
        Naming.objects.filter(subject_id__in=[row.subject_id for row in steps])
        .values("subject_id")
        .annotate(last=Max("at"))
        .values_list("subject_id", "last")
    )
    return [row for row in steps if row.subject_id not in named or named[row.subject_id] < row.at]


def is_open(subject: int) -> bool:
    """Whether a round of the second allocation waits for somebody to take this case."""
    last = (
        FiredStep.objects.filter(subject_id=subject, step__in=[str(one) for one in _CHAIN])
        .order_by("-pk")
        .first()
    )
    if last is None or Step(last.step) not in _STEPS:
        return False
    return not Naming.objects.filter(subject_id=subject, at__gte=last.at).exists()


def _open_step(subject: int, on: date) -> FiredStep | None:
    return next((row for row in waiting(on) if row.subject_id == subject), None)


def _former(subject: int) -> set[int]:
    """Everybody from whom the case was taken in its second rounds."""
    rows = FiredStep.objects.filter(subject_id=subject, step=Step.SECOND_OPEN, person__isnull=False)
    return set(rows.values_list("person_id", flat=True))


def states(steps: list[FiredStep], today: date, at: datetime) -> pl.DataFrame:
    """STATES of some rounds, each by the limits of its case."""
    cases = clocked.cases(today, subjects=[row.subject_id for row in steps])
    known = {
        subject: (expiry, version)
        for subject, expiry, version in cases.select("subject_id", "expiry_date", "rulebook").iter_rows()
    }
    rows = pl.DataFrame(
        [
            (row.subject_id, str(_STEPS[Step(row.step)]), _local(row.at), *known[row.subject_id])
            for row in steps
        ],
        schema={**second.OPENED, "rulebook": pl.String}, orient="row",
    )  # fmt: skip
    limits, holidays = clocked.limits_of(cases, today), clocked.holidays(today, today)
    return pl.concat([
        second.states(part.drop("rulebook"), limits[str(key[0])], holidays, _local(at))
        for key, part in rows.partition_by("rulebook", as_dict=True).items()
    ])  # fmt: skip


def _local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(tzinfo=None)
