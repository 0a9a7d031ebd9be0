"""Reads of this room. Lists of many take a Scope; a campaign or report out of reach raises CampaignUnknown."""

from __future__ import annotations

from tuogu.campaigns.audited import audit_tables
from tuogu.campaigns.auditing import Compared, compared
from tuogu.campaigns.board import CampaignBoard, DepartmentLine, board
from tuogu.campaigns.enrichment import FIELDS, thinnest
from tuogu.campaigns.evaluation import SOURCES, EvaluationDay, evaluation_day
from tuogu.campaigns.failures import CampaignUnknown
from tuogu.campaigns.ground import STAGES, ground
from tuogu.campaigns.measured import measured_mark, resources
from tuogu.campaigns.models import Campaign
from tuogu.campaigns.opening import plans_awaiting, plans_to_open
from tuogu.campaigns.pending import pending
from tuogu.campaigns.ranking import (
    Ranking,
    months_to_freeze,
    ranking,
    rankings,
    since_frozen,
)
from tuogu.campaigns.report_reads import (
    LATE,
    OPEN,
    DueLine,
    Report,
    ReportLine,
    due_lines,
    owed,
    report,
    report_lines,
    to_audit,
    versions,
)
from tuogu.campaigns.reporting import FIGURES, REQUIRED, TEXTS, WHY, Prefilled, prefilled, week_of
from tuogu.campaigns.scripts import Purpose, UsedScript, own_uses, used_scripts
from tuogu.campaigns.whose import campaign, campaigns, ended, require_department, seen_departments

__all__ = [
    "FIELDS",
    "FIGURES",
    "LATE",
    "OPEN",
    "REQUIRED",
    "SOURCES",
    "STAGES",
    "TEXTS",
    "WHY",
    "Campaign",
    "CampaignBoard",
    "CampaignUnknown",
    "Compared",
    "DepartmentLine",
    "DueLine",
    "EvaluationDay",
    "Prefilled",
    "Purpose",
    "Ranking",
    "Report",
    "ReportLine",
    "UsedScript",
    "audit_tables",
    "board",
    "campaign",
    "campaigns",
    "compared",
    "due_lines",
    "ended",
    "evaluation_day",
    "ground",
    "measured_mark",
    "months_to_freeze",
    "owed",
    "own_uses",
    "pending",
    "plans_awaiting",
    "plans_to_open",
    "prefilled",
    "ranking",
    "rankings",
    "report",
    "report_lines",
    "require_department",
    "resources",
    "seen_departments",
    "since_frozen",
    "thinnest",
    "to_audit",
    "used_scripts",
    "versions",
    "week_of",
]  # fmt: skip
