"""Reads of this room. Lists take a Scope; customers are numbers, people are custodian ids.

Lines of a register and names of a family are personal: pages ask for them through web/personal.py only.
"""

from __future__ import annotations

from tuogu.kit.areas import Reach, estate_report, reach
from tuogu.kit.audited import audit_tables
from tuogu.kit.content import Line
from tuogu.kit.families import Family, family, sheet
from tuogu.kit.high_end import high_end_customers
from tuogu.kit.kinds import VISITS, PrintState, RegisterKind
from tuogu.kit.reading import PageRow, PrintRow, lines, out_count, pages_of, register, registers, scan

__all__ = [
    "VISITS", "Family", "Line", "PageRow", "PrintRow", "PrintState", "Reach", "RegisterKind", "audit_tables",
    "estate_report", "family", "high_end_customers", "lines", "out_count", "pages_of", "reach", "register", "registers",
    "scan", "sheet",
]  # fmt: skip
