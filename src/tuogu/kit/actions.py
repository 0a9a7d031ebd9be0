"""Writes of this room: printing a register, taking back its signed pages.

Keyword-only `by` (custodian id) and `at` (moment). Each is one transaction; KitRefused says why nothing was written.
"""

from __future__ import annotations

from tuogu.kit.failures import KitRefused
from tuogu.kit.printing import print_register
from tuogu.kit.returning import Returned, take_scan

__all__ = ["KitRefused", "Returned", "print_register", "take_scan"]
