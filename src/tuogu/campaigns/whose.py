"""Which campaigns and departments somebody sees, and for which department he may report.

In: a scope, a person. Out: campaigns, department codes; CampaignUnknown for what is not there or out of reach. Never: a
department of another branch.
"""

from __future__ import annotations

from tuogu.campaigns.failures import CampaignUnknown
from tuogu.campaigns.models import Campaign
from tuogu.moment import once
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans


@once
def departments_of(campaign: Campaign) -> tuple[str, ...]:
    """Every department with a quota, by code."""
    return tuple(plans.departments_of(campaign.plan))


def seen_departments(campaign: Campaign, scope: Scope) -> list[str]:
    """The departments whose figures the scope shows: within it, or with its holder inside them (a team lead)."""
    found = departments_of(campaign)
    if scope.all_rows:
        return list(found)
    within = org.institutions_within(scope)
    return [
        code for code in found if code in within or scope.institution_codes & org.institutions_below(code)
    ]


def campaigns(scope: Scope, *, running: bool = False) -> list[Campaign]:
    """Those with a department in reach, the newest first."""
    rows = Campaign.objects.select_related("plan", "end").order_by("-pk")
    rows = rows.filter(end__isnull=True) if running else rows
    return [row for row in rows if scope.all_rows or seen_departments(row, scope)]


def campaign(campaign_id: int, scope: Scope) -> Campaign:
    """One campaign; CampaignUnknown."""
    row = Campaign.objects.select_related("plan", "end").filter(pk=campaign_id).first()
    if row is None or not (scope.all_rows or seen_departments(row, scope)):
        raise CampaignUnknown(f"没有活动 {campaign_id}")
    return row


def ended(row: Campaign) -> bool:
    """Whether it is over."""
    return hasattr(row, "end")


def require_department(row: Campaign, code: str, scope: Scope) -> None:
    """CampaignUnknown where the scope does not show this department of the campaign."""
    if code not in seen_departments(row, scope):
        raise CampaignUnknown(f"没有部门 {code}")
