"""The monthly return visit by lot (S3-22): renewed and lapsed customers of a month, four answers each.

In: a month, a public draw of `plans` (two parties commit and reveal: N-05), answers. Out: Sampled, SampleAnswers, marks of
truth. Never: a customer chosen by hand, a second sample of a month, an answer changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans
from tuogu.plans import queries as drawn
from tuogu.renewals import consequences, truth, within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.kinds import Outcome
from tuogu.renewals.models import MotorPolicy, SampleAnswers, Sampled
from tuogu.renewals.renewed import ended_subjects
from tuogu.rules import queries as rules

SAMPLE_DRAWN = "XBCC"  # how the name of a sample's draw begins
_ALL_BP = 10_000
_YEAR = 12  # months of the calendar
FINDINGS = {
    "subject_id": pl.Int64, "policy_number": pl.String, "institution_code": pl.String, "month": pl.Date,
    "custodian_id": pl.Int64, "entrant_number": pl.String, "data_true": pl.Boolean, "service_done": pl.Boolean,
    "procedure_kept": pl.Boolean, "satisfied": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class SampleRow:
    """One customer of a sample. `answers`: data_true, service_done, procedure_kept, satisfied; None = not called yet."""

    id: int
    month: date
    subject_id: int
    policy_number: str
    institution_code: str
    draw: str
    answers: tuple[bool, bool, bool, bool] | None
    note: str


def sampled_from(month: date, scope: Scope, on: date) -> list[int]:
    """Subjects that renewed in the month (or the longer period that ends with it), and those that expired in it and are
    lapsed on the day."""
    first, until = _first(month, on), _next_month(month)
    seen = within.policies(scope)
    renewed = ended_subjects().filter(
        outcome=Outcome.RENEWED, ended_date__gte=first, ended_date__lt=until, subject_id__in=seen.values("pk")
    )
    lapsed = seen.filter(expiry_date__gte=first, expiry_date__lt=min(until, on)).exclude(
        pk__in=ended_subjects().values("subject_id")
    )
    return sorted({*renewed.values_list("subject_id", flat=True), *lapsed.values_list("pk", flat=True)})


@transaction.atomic
def open_sample(month: date, *, key: bytes, by: int, at: datetime) -> str:
    """Announce the draw of a month among what `by` may see; returns its id. Parties then commit and reveal as in every draw;
    `take_sample` ends it."""
    today = business_date(at)
    if _next_month(month) > today:
        raise refused(_("这个月还没有结束"))
    if month.month % int(rules.applicable(today)["renewal.sample_every_months"]):
        raise refused(_("这个月不是抽查周期的最后一个月"))
    scope = org.scope_of(by, today)
    subjects = sampled_from(month, scope, today)
    if not subjects:
        raise refused(_("这个月没有可以抽查的业务"))
    if Sampled.objects.filter(month=month.replace(day=1), subject_id__in=subjects).exists():
        raise refused(_("这个月已经抽查"))
    numbers = custody.numbers_of(subjects)
    book = rules.applicable(today)
    share, least = int(book["renewal.sample_share_bp"]), int(book["renewal.sample_min"])
    count = min(len(subjects), max(least, -(-len(subjects) * share // _ALL_BP)))
    codes = sorted(
        set(MotorPolicy.objects.filter(pk__in=subjects).values_list("institution_code", flat=True))
    )
    draw_id = f"{SAMPLE_DRAWN}-{codes[0]}-{month:%Y%m}"
    plans.open_draw(
        pl.Series([numbers[subject] for subject in subjects], dtype=pl.String), kind=SubjectKind.VEHICLE_CASE, count=count,
        draw_id=draw_id, purpose=f"{month:%Y-%m} 车险续保脱保客户抽查回访", key=key, institution_codes=codes, by=by, at=at,
    )  # fmt: skip
    return draw_id


@transaction.atomic
def take_sample(draw_id: str, month: date, *, by: int, at: datetime) -> int:
    """The drawn ones become the sample, once every party has revealed; returns how many are new."""
    scope = org.scope_of(by, business_date(at))
    numbers = drawn.drawn_numbers(draw_id, scope)["number"].drop_nulls().to_list()
    first = month.replace(day=1)
    if not draw_id.endswith(f"-{first:%Y%m}"):
        raise refused(_("这次抽取不是这个月的"))
    ids = MotorPolicy.objects.filter(number__in=numbers).values_list("pk", flat=True)
    known = set(Sampled.objects.filter(month=first, subject_id__in=ids).values_list("subject_id", flat=True))
    rows = [
        Sampled(month=first, subject_id=subject, draw=draw_id, at=at) for subject in sorted(set(ids) - known)
    ]
    return len(Sampled.objects.bulk_create(rows))


@transaction.atomic
def file_answers(
    sampled: int, *, data_true: bool, service_done: bool, procedure_kept: bool, satisfied: bool, by: int, at: datetime,
    note: str = "",
) -> None:  # fmt: skip
    """The four answers of one return visit; whoever was responsible does not ask. The first one is a mark of truth, and an
    untrue one takes the owner's lifetime right away (A-28)."""
    row = Sampled.objects.filter(pk=sampled).first()
    if row is None:
        raise RenewalUnknown(sampled)
    policy = within.policy(row.subject_id, by=by, on=business_date(at))
    if SampleAnswers.objects.filter(sampled=row).exists():
        raise refused(_("这位客户已经回访"))
    people = _concerned(row.subject_id)
    if by in people:
        raise refused(_("抽查回访须由责任人以外的人进行"))
    SampleAnswers.objects.create(
        sampled=row, data_true=data_true, service_done=service_done, procedure_kept=procedure_kept, satisfied=satisfied,
        note=note.strip(), by_id=by, at=at,
    )  # fmt: skip
    answers = {
        "data_true": data_true, "service_done": service_done, "procedure_kept": procedure_kept, "satisfied": satisfied
    }  # fmt: skip
    consequences.of_sample(row.pk, policy.number, people, answers, by=by, at=at)
    truth.file_mark(policy.holder_number, true=data_true, found_by="sample", note="", by=by, at=at)


def sample(month: date, scope: Scope) -> list[SampleRow]:
    """The sample of a month within scope, by policy."""
    known = within.policies(scope)
    rows = list(
        Sampled.objects.filter(month=month.replace(day=1), subject_id__in=known.values("pk")).select_related(
            "answers"
        )
    )
    policies = known.in_bulk([row.subject_id for row in rows])
    told = [_told(row, policies[row.subject_id]) for row in rows]
    return sorted(told, key=lambda one: one.policy_number)


def sample_findings(first: date, last: date, scope: Scope) -> pl.DataFrame:
    """FINDINGS of return visits of the months from `first` to `last`: what rewards and penalties are decided from. The
    person is who is responsible, or was at last."""
    rows = SampleAnswers.objects.filter(
        sampled__month__gte=first,
        sampled__month__lte=last,
        sampled__subject_id__in=within.policies(scope).values("pk"),
    ).select_related("sampled")
    found = []
    for row in rows.order_by("sampled_id"):
        policy = MotorPolicy.objects.get(pk=row.sampled.subject_id)
        people = sorted(_concerned(policy.pk))
        found.append((
            policy.pk, policy.number, policy.institution_code, row.sampled.month, people[0] if people else None,
            policy.entrant_number or None, row.data_true, row.service_done, row.procedure_kept, row.satisfied,
        ))  # fmt: skip
    return pl.DataFrame(found, schema=FINDINGS, orient="row")


def _concerned(subject: int) -> set[int]:
    """Who is responsible; of a closed case, who was at last."""
    now = within.responsible(subject)
    if now is not None:
        return {now}
    number = custody.numbers_of([subject])[subject]
    told = custody.history(number, relation="custody").filter(pl.col("subject_id") == subject)
    return set(told["new_custodian_id"].drop_nulls().to_list()[-1:])


def _told(row: Sampled, policy: MotorPolicy) -> SampleRow:
    got = row.answers if hasattr(row, "answers") else None
    four = (got.data_true, got.service_done, got.procedure_kept, got.satisfied) if got else None
    return SampleRow(
        row.pk,
        row.month,
        row.subject_id,
        policy.number,
        policy.institution_code,
        row.draw,
        four,
        got.note if got else "",
    )


def _first(month: date, on: date) -> date:
    """The first day of the period of samples that ends with this month."""
    earlier = int(rules.applicable(on)["renewal.sample_every_months"]) - 1
    year, place = divmod(month.year * _YEAR + month.month - 1 - earlier, _YEAR)
    return date(year, place + 1, 1)


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
