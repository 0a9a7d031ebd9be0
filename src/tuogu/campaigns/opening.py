"""A campaign is put into operation under its plan of quotas, and ended.

In: a plan of the strategy `campaign`, a title. Out: a campaign; its end. Never: a second campaign of one plan; a plan that
no second person has approved, that was sent back or replaced.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu.campaigns.failures import CampaignRefused
from tuogu.campaigns.models import Campaign, CampaignEnd
from tuogu.campaigns.whose import campaign, ended
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

STRATEGY = "campaign"
APPROVED, AWAITING = "approved", "awaiting"


def plans_to_open(scope: Scope) -> list[plans.PlanHead]:
    """Approved plans of quotas within scope that no campaign stands on yet."""
    taken = set(Campaign.objects.values_list("plan_id", flat=True))
    return [head for head in _plans(scope, APPROVED) if head.id not in taken]


def plans_awaiting(scope: Scope) -> list[plans.PlanHead]:
    """Plans of quotas within scope that a second person has still to approve: nothing is opened on them before."""
    return _plans(scope, AWAITING)


def _plans(scope: Scope, state: str) -> list[plans.PlanHead]:
    return [head for head in plans.plan_heads(scope) if head.strategy == STRATEGY and head.state == state]


@transaction.atomic
def open_campaign(scope: Scope, plan: int, *, title: str, by: int, at: datetime) -> int:
    """Put it into operation; its id."""
    if not title.strip():
        raise CampaignRefused(_("请写明活动名称"))
    if not org.is_person(by):
        raise CampaignRefused(_("活动须由在册人员开立"))
    head = next((one for one in plans_to_open(scope) if one.id == plan), None)
    if head is None:
        raise CampaignRefused(_why_not(scope, plan))
    try:
        with transaction.atomic():
            row = Campaign.objects.create(
                title=title.strip(), year=head.as_of.year, plan_id=plan, opened_by_id=by, opened_at=at
            )
    except IntegrityError as taken:
        raise CampaignRefused(_("已有同名的活动，或这份方案刚刚开立了活动")) from taken
    return int(row.pk)


def _why_not(scope: Scope, plan: int) -> str:
    if any(head.id == plan for head in plans_awaiting(scope)):
        return _("方案 %(n)s 还没有经另一人批准；批准以后才能开立活动") % {"n": plan}
    return _("请选择范围内一份已批准、尚未开立活动的二次投保活动方案")


@transaction.atomic
def end_campaign(scope: Scope, campaign_id: int, *, reason: str, by: int, at: datetime) -> None:
    """No report is due and no month is ranked any more; what was filed stays."""
    row = campaign(campaign_id, scope)
    if not reason.strip():
        raise CampaignRefused(_("请写明为什么结束"))
    if ended(row):
        raise CampaignRefused(_("活动已经结束"))
    CampaignEnd.objects.create(
        campaign=row, ended_date=business_date(at), reason=reason.strip(), by_id=by, at=at
    )
