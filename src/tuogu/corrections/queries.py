"""Reads of this room. Lists take a Scope; customers are numbers, people are custodian ids.

Values of amendments and answers of visits are personal: `shown_changes` masks them, `visit_answers` opens them, and pages
ask for either through web/personal.py only.
"""

from __future__ import annotations

from tuogu.corrections.audited import audit_tables
from tuogu.corrections.batch_reads import (
    BatchHead,
    BatchStep,
    batch,
    batch_lines,
    batches,
    line_outcomes,
    overdue_batches,
)
from tuogu.corrections.content import paper
from tuogu.corrections.pending import pending
from tuogu.corrections.programme_reads import (
    ProgrammeHead,
    Summary,
    Told,
    VisitLine,
    programme,
    programmes,
    summary,
    told_before,
    visit,
    visit_answers,
    visit_page,
    visits_of,
    worklist,
)
from tuogu.corrections.programmes import Selection, mean_bp, select
from tuogu.corrections.register_reads import (
    AmendmentLine,
    RegisterFilter,
    ShownChange,
    amendment,
    customer_within,
    customers_of,
    field_history,
    oldest_open,
    open_count,
    register_count,
    register_page,
    shown_changes,
)
from tuogu.corrections.script_reads import Question, ScriptVersion, script, scripts, usable_scripts
from tuogu.corrections.scripts import ASKS
from tuogu.corrections.truth_reads import (
    CheckHead,
    Drawn,
    Mark,
    Rate,
    SampleHead,
    drawn_items,
    finding_counts,
    finding_rows,
    findings_of,
    held,
    item_within,
    mark,
    newest_check,
    open_marks,
    rates_by_agent,
    rates_by_entrant,
    sample,
    sample_rates,
    samples,
)

__all__ = [
    "ASKS", "AmendmentLine", "BatchHead", "BatchStep", "CheckHead", "Drawn", "Mark", "ProgrammeHead", "Question", "Rate",
    "RegisterFilter", "SampleHead", "ScriptVersion", "Selection", "ShownChange", "Summary", "Told", "VisitLine", "amendment",
    "audit_tables", "batch", "batch_lines", "batches", "customer_within", "customers_of", "drawn_items", "field_history",
    "finding_counts", "finding_rows", "findings_of", "held", "item_within", "line_outcomes", "mark", "mean_bp",
    "newest_check", "oldest_open", "open_count", "open_marks", "overdue_batches", "paper",
    "pending", "programme", "programmes", "rates_by_agent", "rates_by_entrant", "register_count", "register_page", "sample",
    "sample_rates", "samples", "script", "scripts", "select", "shown_changes", "summary", "told_before", "usable_scripts",
    "visit", "visit_answers", "visit_page", "visits_of", "worklist",
]  # fmt: skip
