"""Reads of this room: logs, what is due for whom, lots, the penalty ledger, months."""

from __future__ import annotations

from tuogu.review.audited import audit_tables
from tuogu.review.close_reads import CloseLine, closes
from tuogu.review.closing import Outlook, outlook
from tuogu.review.desk_reads import DueLine, departments_due, due_for, plan_of
from tuogu.review.failures import ReviewUnknown
from tuogu.review.log_reads import (
    CheckLine,
    LogView,
    ReportLine,
    log_of,
    open_reports,
    person_days,
    recent,
)
from tuogu.review.logs import TEXT_CHARS_MAX, closed
from tuogu.review.lot_reads import LotLine, drawn_people, lot_of, lot_record, lot_state, lots
from tuogu.review.models import Finding, Session
from tuogu.review.penalty_reads import (
    VIEWS,
    PenaltyLine,
    PenaltyView,
    penalties_of,
    penalty,
    penalty_counts,
    penalty_page,
    recomputed,
    untold,
    waiting,
)
from tuogu.review.pending import pending
from tuogu.review.prefill import FIGURES, figures_of, suggested
from tuogu.review.reasons import REASON_CHARS_MAX, REASON_CHARS_MIN

__all__ = [
    "FIGURES", "REASON_CHARS_MAX", "REASON_CHARS_MIN", "TEXT_CHARS_MAX", "VIEWS", "CheckLine", "CloseLine", "DueLine",
    "Finding", "LogView", "LotLine", "Outlook", "PenaltyLine", "PenaltyView", "ReportLine", "ReviewUnknown", "Session",
    "audit_tables", "closed", "closes", "departments_due", "drawn_people", "due_for", "figures_of", "log_of",
    "lot_of", "lot_record", "lot_state", "lots", "open_reports", "outlook", "penalties_of", "penalty", "penalty_counts",
    "penalty_page", "pending", "person_days", "plan_of", "recent", "recomputed", "suggested", "untold", "waiting",
]  # fmt: skip
