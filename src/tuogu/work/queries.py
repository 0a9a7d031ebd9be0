"""Reads of this room. Lists of many take a Scope; what is personal opens through web/personal.py only (`record_detail`,
`members`, `named_people`, `outside_policies`, `attachment`, `conflict`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from tuogu.work.audited import audit_tables
from tuogu.work.conflicts import ConflictRow, conflict, conflicts
from tuogu.work.contact import Verdict, may_contact, may_contact_for
from tuogu.work.covered import coverage
from tuogu.work.customer_service import call_list, default_service, nobody_to_call, suggestions
from tuogu.work.evidence import evidence as _evidence
from tuogu.work.families import (
    Member,
    Named,
    Outside,
    members,
    named_people,
    outside_policies,
    referral_chain,
    referred_by,
)
from tuogu.work.limits import limits
from tuogu.work.measured import contacts_measured, duties_measured, heard, measured_mark
from tuogu.work.name_list import NameRow, name_list
from tuogu.work.pending import pending
from tuogu.work.purposes import contacts_for
from tuogu.work.record_reads import (
    Detail,
    Page,
    RecordRow,
    attachment,
    card_entries,
    counts,
    day_of,
    filed,
    record,
    record_detail,
    records_of_customer,
    records_of_customers,
)
from tuogu.work.reports import attended, birthdays, no_visit_report, service_counts
from tuogu.work.said import CARD, Limits
from tuogu.work.supervision import LatePage, LateRow, late, late_count, late_rows, pieces
from tuogu.work.task_reads import ORDERS, VIEWS, TaskRow, attitudes_of, tasks_of, tasks_of_customer
from tuogu.work.watching import (
    EscalationRow,
    FiledPlan,
    Told,
    escalated_count,
    escalation_rows,
    late_places,
    task_within,
    told_open,
    week_plans_filed,
)
from tuogu.work.week_plans import PlanLine, Week, week_plan, week_plans_missing

__all__ = [
    "CARD", "ORDERS", "VIEWS", "ConflictRow", "Detail", "EscalationRow", "FiledPlan", "LatePage", "LateRow", "Limits",
    "Member", "NameRow", "Named", "Outside", "Page", "PlanLine", "RecordRow", "TaskRow", "Told", "Verdict", "Week",
    "attachment", "attended", "attitudes_of", "audit_tables", "birthdays", "call_list", "card_entries", "conflict",
    "conflicts", "contacts_for", "contacts_measured", "counts", "coverage", "day_of", "default_service",
    "duties_measured", "escalated_count", "escalation_rows", "evidence", "filed", "heard", "late", "late_count",
    "late_places",
    "late_rows", "limits", "may_contact", "may_contact_for", "measured_mark", "members", "name_list", "named_people",
    "no_visit_report",
    "nobody_to_call", "outside_policies", "pending", "pieces", "record", "record_detail", "records_of_customer",
    "records_of_customers", "referral_chain", "referred_by", "service_counts", "suggestions", "task_within", "tasks_of",
    "tasks_of_customer", "told_open", "week_plan", "week_plans_filed", "week_plans_missing",
]  # fmt: skip


def evidence(customers: Iterable[str] | None, since: date) -> pl.DataFrame:
    """core.timeline EVIDENCE of these customers (None = all) from a day on."""
    return _evidence(customers, since)
