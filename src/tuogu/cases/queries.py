"""Reads of the cases: lists and boards within a scope, one case with what may be done now, cards, receipts, shares of
income.

Other rooms ask `receipts_for_inspection`, `reinstated`, `cases_of_customer`, `shares_of`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.cases.about_person import step_word
from tuogu.cases.audited import audit_tables
from tuogu.cases.cards import Card, card_of, cards_of
from tuogu.cases.failures import CaseRefused, CaseUnknown
from tuogu.cases.kinds import ASKED_FOR, OF_A_POLICY, Kind, ReceiptAct, machine
from tuogu.cases.models import CaseStep
from tuogu.cases.opening import OPENERS
from tuogu.cases.pending import pending
from tuogu.cases.reads import (
    CaseRecord,
    CaseRow,
    StepRow,
    case_page,
    case_record,
    cases_of_customer,
    counts,
    papers_overdue,
    quality_queue,
    texts_of,
    waiting_count,
)
from tuogu.cases.receipt_reads import (
    ReceiptRow,
    receipt,
    receipt_lines,
    receipt_page,
    receipts_for_inspection,
    receipts_waiting,
    refusals_waiting,
    took_part_in_receipt,
)
from tuogu.cases.shares import of_entries as shares_of
from tuogu.cases.whose import PARTS

__all__ = [
    "ASKED_FOR", "OF_A_POLICY", "OPENERS", "PARTS", "Card", "CaseRecord", "CaseRefused", "CaseRow", "CaseUnknown", "Kind",
    "ReceiptAct", "ReceiptRow", "StepRow", "audit_tables", "card_of", "cards_of", "case_page", "case_record",
    "cases_of_customer", "counts", "machine", "papers_overdue", "pending", "quality_queue", "receipt", "receipt_lines",
    "receipt_page", "receipts_for_inspection", "receipts_waiting", "refusals_waiting", "reinstated", "shares_of",
    "step_word", "texts_of", "took_part_in_receipt", "waiting_count",
]  # fmt: skip
_REINSTATED = {"subject_id": pl.Int64, "policy_number": pl.String, "by": pl.Int64, "approved_date": pl.Date}


def reinstated(first: date, last: date) -> pl.DataFrame:
    """subject_id, policy_number, by (who brought it back), approved_date of the reinstatements that quality approved in a
    period: nothing else counts as one (S1-30)."""
    approved = CaseStep.objects.filter(
        case__kind=Kind.LAPSED, target="reinstated", day__gte=first, day__lte=last
    ).order_by("pk")  # fmt: skip
    told = list(approved.values_list("case_id", "case__subject_id", "case__policy_number", "day"))
    filed = CaseStep.objects.filter(case_id__in=[row[0] for row in told], name="file_reinstated").order_by(
        "seq"
    )
    by = dict(filed.values_list("case_id", "by_id"))
    rows = [(subject, policy, by[case], day) for case, subject, policy, day in told]
    return pl.DataFrame(rows, schema=_REINSTATED, orient="row")
