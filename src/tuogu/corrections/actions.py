"""Writes of this room: scripts, programmes, visits, the amendment register, batches, checks, samples and holds.

Keyword-only `by` (custodian id) and `at` (moment). Each is one transaction; CorrectionRefused says why nothing was written.
"""

from __future__ import annotations

from tuogu.corrections.batches import (
    Applied,
    apply,
    collect,
    file_copy,
    freeze,
    keep_scan,
    receive,
    send_back,
    sign,
    undo,
)
from tuogu.corrections.checking import check_truth, draw_sample, record_verdict
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.holding import close_corrected, close_hold, open_holds
from tuogu.corrections.programmes import Selection, make_programme
from tuogu.corrections.registering import register, withdraw
from tuogu.corrections.scripts import approve_script, write_script
from tuogu.corrections.visiting import Filed, Said, correct_visit, record_visit

__all__ = [
    "Applied", "CorrectionRefused", "Filed", "Said", "Selection", "apply", "approve_script", "check_truth",
    "close_corrected", "close_hold", "collect", "correct_visit", "draw_sample", "file_copy", "freeze", "keep_scan",
    "make_programme", "open_holds", "receive", "record_verdict", "record_visit", "register", "send_back", "sign", "undo",
    "withdraw", "write_script",
]  # fmt: skip
