"""Writes of the rules: adopting a rulebook, and drafting one that a second person approves.

Keyword-only `by` (custodian id) and `at` (moment). Refusals are RulesError or RulebookProblems; nothing was written then.
"""

from __future__ import annotations

from tuogu.rules.adopting import adopt, adopt_overlay
from tuogu.rules.drafting import approve, begin, change, decline, submit, take_back, withdraw
from tuogu.rules.failures import RulesError

__all__ = [
    "RulesError",
    "adopt",
    "adopt_overlay",
    "approve",
    "begin",
    "change",
    "decline",
    "submit",
    "take_back",
    "withdraw",
]
