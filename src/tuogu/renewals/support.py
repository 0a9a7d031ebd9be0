"""Help for cases that cannot renew in time (S3-14): asked of the branch's leader or of the city company, and answered.

In: a case, why; an answer. Out: rows of Support and SupportAnswer. Never: an answer without words, a second answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.models import Support, SupportAnswer

ASKED_OF = ("leader", "city")


@dataclass(frozen=True)
class SupportRow:
    """One request. `answer`: '' = not answered."""

    id: int
    subject_id: int
    policy_number: str
    institution_code: str
    asked_of: str
    why: str
    by: int
    at: datetime
    answer: str
    answered_by: int | None


@transaction.atomic
def ask_support(subject: int, asked_of: str, *, why: str, by: int, at: datetime) -> int:
    """Ask for help by hand; the clock asks by itself for the important ones. Returns the id."""
    within.running(subject, by=by, on=business_date(at))
    if asked_of not in ASKED_OF:
        raise refused(_("请选择上报给谁"))
    text = within.said(why, _("请写明需要什么支持"))
    return int(Support.objects.create(subject_id=subject, asked_of=asked_of, why=text, by_id=by, at=at).pk)


@transaction.atomic
def answer_support(support: int, *, answer: str, by: int, at: datetime) -> None:
    """What was granted, or why not."""
    row = Support.objects.filter(pk=support).first()
    if row is None:
        raise RenewalUnknown(support)
    within.policy(row.subject_id, by=by, on=business_date(at))
    text = within.said(answer, _("请写明采取的措施"))
    if row.by_id == by and row.by_id != org.machine():
        raise refused(_("上报的人不能自己答复"))
    if SupportAnswer.objects.filter(support=row).exists():
        raise refused(_("已经答复"))
    SupportAnswer.objects.create(support=row, answer=text, by_id=by, at=at)


def supports(scope: Scope, *, open_only: bool = False, subject: int | None = None) -> list[SupportRow]:
    """Requests within scope, the newest first."""
    seen = within.policies(scope)
    rows = Support.objects.filter(subject_id__in=seen.values("pk")).select_related("answer").order_by("-pk")
    rows = rows.filter(answer__isnull=True) if open_only else rows
    rows = rows if subject is None else rows.filter(subject_id=subject)
    found = list(rows)
    known = within.policies(scope).in_bulk([row.subject_id for row in found])
    return [
        SupportRow(
            row.pk, row.subject_id, known[row.subject_id].number, known[row.subject_id].institution_code, row.asked_of,
            row.why, row.by_id, row.at, row.answer.answer if hasattr(row, "answer") else "",
            row.answer.by_id if hasattr(row, "answer") else None,
        )
        for row in found
    ]  # fmt: skip
