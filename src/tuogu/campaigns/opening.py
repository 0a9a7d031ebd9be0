"""A campaign is put into operation under its plan of quotas, and ended.

In: a plan of the strategy `campaign`, a title. Out: a campaign; its end. Never: a second campaign of one plan; a plan that
was sent back or replaced.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from tuogu.campaigns.failures import CampaignRefused
from tuogu.campaigns.models import Campaign, CampaignEnd
from tuogu.campaigns.whose import campaign, ended
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

STRATEGY = "campaign"
_LIVE = ("awaiting", "approved")


def plans_to_open(scope: Scope) -> list[plans.PlanHead]:
    """Plans of quotas within scope that no campaign stands on yet."""
    taken = set(Campaign.objects.values_list("plan_id", flat=True))
    heads = plans.plan_heads(scope)
    return [h for h in heads if h.strategy == STRATEGY and h.state in _LIVE and h.id not in taken]


@transaction.atomic
def open_campaign(scope: Scope, plan: int, *, title: str, by: int, at: datetime) -> int:
    """Put it into operation; its id."""
    if not title.strip():
        raise CampaignRefused("请写明活动名称")
    if not org.is_person(by):
        raise CampaignRefused("活动须由在册人员开立")
    head = next((one for one in plans_to_open(scope) if one.id == plan), None)
    if head is None:
        raise CampaignRefused("请选择范围内一份未退回、未归档、尚未开立活动的二次投保活动方案")
    try:
        with transaction.atomic():
            row = Campaign.objects.create(
                title=title.strip(), year=head.as_of.year, plan_id=plan, opened_by_id=by, opened_at=at
            )
    except IntegrityError as taken:
        raise CampaignRefused("已有同名的活动，或这份方案刚刚开立了活动") from taken
    return int(row.pk)


@transaction.atomic
def end_campaign(scope: Scope, campaign_id: int, *, reason: str, by: int, at: datetime) -> None:
    """No report is due and no month is ranked any more; what was filed stays."""
    row = campaign(campaign_id, scope)
    if not reason.strip():
        raise CampaignRefused("请写明为什么结束")
    if ended(row):
        raise CampaignRefused("活动已经结束")
    CampaignEnd.objects.create(
        campaign=row, ended_date=business_date(at), reason=reason.strip(), by_id=by, at=at
    )
