"""Writes of this room: a campaign in operation, weekly reports, audits, rankings, bulletins, scripts used.

Keyword-only `by` (custodian id) and `at` (moment). Everything is append-only; a report is corrected by a further version.
"""

from __future__ import annotations

from datetime import datetime

from tuogu.campaigns.auditing import audit_report
from tuogu.campaigns.enrichment import take_released, take_visited
from tuogu.campaigns.failures import CampaignRefused
from tuogu.campaigns.opening import end_campaign, open_campaign
from tuogu.campaigns.ranking import freeze_months, grant_seminar, publish
from tuogu.campaigns.reporting import Line, file_report
from tuogu.campaigns.scripts import use_script

__all__ = [
    "CampaignRefused", "Line", "audit_report", "end_campaign", "file_report", "grant_seminar", "open_campaign",
    "publish", "roll", "tick", "use_script",
]  # fmt: skip


def tick(*, by: int, at: datetime) -> int:
    """What is known of the customers of a wave that went out. No human decision; again changes nothing."""
    return take_released(by=by, at=at)


def roll(*, by: int, at: datetime) -> int:
    """Once a day: what visits brought, months that are over. Again changes nothing."""
    return take_visited(by=by, at=at) + freeze_months(by=by, at=at)
