"""The year's policy of assessment and rewards (S3-24): fixed for its months, changed only as a version that a second person
approves.

In: a year, its text, who. Out: versions and approvals. Never: a text changed, a version in force that its author approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.renewals import within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.models import RewardApproval, RewardPolicy
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Policy:
    """One version. `approved_at`: None = not in force."""

    id: int
    year: int
    version: int
    text: str
    reason: str
    by: int
    at: datetime
    approved_by: int | None
    approved_at: datetime | None


@transaction.atomic
def file_policy(year: int, text: str, *, by: int, at: datetime, reason: str = "") -> int:
    """File the policy of a year, or a further version while it is fixed: then with the reason. Returns its id."""
    today = business_date(at)
    words = within.said(text, _("请填写政策内容"), within.PAPER_MAX)
    last = RewardPolicy.objects.filter(year=year).order_by("-version").first()
    if last is not None and not hasattr(last, "approval"):
        raise refused(_("上一版还没有审批，请先审批"))
    if last is not None and _fixed(year, today) and not reason.strip():
        raise refused(_("当年政策已经固定，年中调整须写明理由并经另一人审批"))
    if year < today.year:
        raise refused(_("不能改动以往年度的政策"))
    return int(
        RewardPolicy.objects.create(
            year=year,
            version=last.version + 1 if last else 1,
            text=words,
            reason=reason.strip(),
            by_id=by,
            at=at,
        ).pk
    )


@transaction.atomic
def approve_policy(policy: int, *, by: int, at: datetime) -> None:
    """The second person's yes; from now on this version counts."""
    row = RewardPolicy.objects.select_for_update().filter(pk=policy).first()
    if row is None:
        raise RenewalUnknown(policy)
    if row.by_id == by:
        raise refused(_("政策须由另一人审批"))
    if RewardApproval.objects.filter(policy=row).exists():
        raise refused(_("已经审批"))
    RewardApproval.objects.create(policy=row, by_id=by, at=at)


def reward_policies(year: int) -> list[Policy]:
    """All versions of a year, the newest first."""
    rows = RewardPolicy.objects.filter(year=year).select_related("approval").order_by("-version")
    return [_told(row) for row in rows]


def reward_policy_in_force(on: date) -> Policy | None:
    """The version that counts on a day: the newest that was approved by then."""
    return next(
        (
            one for one in reward_policies(on.year)
            if one.approved_at is not None and business_date(one.approved_at) <= on
        ),
        None,
    )  # fmt: skip


def _fixed(year: int, today: date) -> bool:
    """Whether the year has begun and its fixed months still run."""
    months = int(rules.applicable(today)["renewal.rewards_fixed_months"])
    begun = (today.year - year) * 12 + today.month - 1
    return 0 <= begun < months


def _told(row: RewardPolicy) -> Policy:
    approval = row.approval if hasattr(row, "approval") else None
    return Policy(
        row.pk, row.year, row.version, row.text, row.reason, row.by_id, row.at,
        approval.by_id if approval else None, approval.at if approval else None,
    )  # fmt: skip
