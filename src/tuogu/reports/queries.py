"""Reads of this room: figures as they are, frozen months, rows behind a figure, allowances, reports.
Lists of many take a Scope."""

from __future__ import annotations

from tuogu.reports.allowed import Allowed, allowances_of
from tuogu.reports.audited import audit_tables
from tuogu.reports.bulletins import GROUPS, REPORTS, Report, report
from tuogu.reports.bulletins.asked import CADENCES, Asked, before, days_of, institution_names
from tuogu.reports.bulletins.by_figures import ranking, words_of
from tuogu.reports.chances import (
    Advice,
    ChanceHead,
    chance_model,
    chance_models,
    counts_seen,
    renewal_advice,
    renewal_order,
    repurchase_advice,
)
from tuogu.reports.failures import AskedWrongly, ReportsRefused, ReportUnknown
from tuogu.reports.frozen import FrozenHead, Recount, frozen, frozen_months, frozen_renewal_rate, recount
from tuogu.reports.issuing import (
    IssueHead,
    customers_in,
    issued,
    issues,
    people_in,
    preview,
    staff_numbers,
)
from tuogu.reports.live import drill, figures, measures
from tuogu.reports.mailing import why_closed
from tuogu.reports.scheduling import MailRow, ScheduleRow, mailings, schedules
from tuogu.reports.telling import own_words, said, titled, told, told_chart

__all__ = [
    "CADENCES", "GROUPS", "REPORTS", "Advice", "Allowed", "Asked", "AskedWrongly", "ChanceHead", "FrozenHead",
    "IssueHead", "MailRow", "Recount", "Report", "ReportUnknown", "ReportsRefused", "ScheduleRow", "allowances_of",
    "audit_tables", "before", "chance_model", "chance_models", "counts_seen", "customers_in", "days_of", "drill",
    "figures", "frozen", "frozen_months", "frozen_renewal_rate", "institution_names", "issued", "issues", "mailings",
    "measures", "own_words", "people_in", "preview", "ranking", "recount", "renewal_advice", "renewal_order",
    "report", "repurchase_advice", "said", "schedules", "staff_numbers", "titled", "told", "told_chart", "why_closed",
    "words_of",
]  # fmt: skip
