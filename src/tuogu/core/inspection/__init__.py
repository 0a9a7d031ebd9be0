"""Inspection of work logs and receipts, and what follows from it (S1-18…21, S1-32, S1-34, S1-35, N-14).

In: facts of checks, logs, receipts and confirmed falsifications; the rulebook. Out: who is due for which check, whose log
passed, every penalty with its rule, period and source, the same from the same facts for ever. Never: a penalty that nobody
can recompute, a person who checks the own log.

    plan       who is due for which check today; the random sample, drawn by auditable lot
    logs       which log passes; the pass rate of a month
    marking    difference between the supervisor's mark and what the check found: who loses which points
    missing    logs that could not be shown; barred after too many in a row
    found      findings of rooms above (samples, untrue entries): fines and rewards by the rulebook
    handling   receipts late or irregular, refused pieces, falsified logs
    ledger     all penalties of the facts, standing after reversals, compared with what was filed; facts of a month
"""

from tuogu.core.inspection.ledger import (
    deductions,
    differences,
    month_facts,
    penalties,
    standing,
    without_resources,
)
from tuogu.core.inspection.logs import judged_logs, pass_rates
from tuogu.core.inspection.plan import inspection_plan, sample
from tuogu.core.inspection.tables import InspectionFacts

__all__ = [
    "InspectionFacts",
    "deductions",
    "differences",
    "inspection_plan",
    "judged_logs",
    "month_facts",
    "pass_rates",
    "penalties",
    "sample",
    "standing",
    "without_resources",
]
