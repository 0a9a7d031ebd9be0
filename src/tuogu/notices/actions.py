"""Writes of this room: cases, messages, proofs, wordings, contacts. Keyword-only `by` (custodian id) and `at` (moment).

`tick` does what must happen by itself: it opens cases, delivers what people have prepared, asks after receipts and
hand-overs. Never: a message that nobody prepared.
"""

from __future__ import annotations

from datetime import datetime

from tuogu.notices.contacts import Linked, import_links
from tuogu.notices.delivering import cancel, deliver, receive, settle
from tuogu.notices.departing import set_formalities
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.letters import LETTERS_MAX, Letter, Receipts, file_receipts, merge_list, print_letters
from tuogu.notices.opening import Opened, open_cases
from tuogu.notices.preparing import AUTO, CASES_MAX, Prepared, prepare
from tuogu.notices.proving import EVIDENCE_MAX, ask_waiver, decide_waiver, prove
from tuogu.notices.templating import decide, draft
from tuogu.notices.transferring import Planned, cancel_transfer, hand_over, plan_transfers

__all__ = [
    "AUTO",
    "CASES_MAX",
    "EVIDENCE_MAX",
    "LETTERS_MAX",
    "Letter",
    "Linked",
    "NoticeRefused",
    "Opened",
    "Planned",
    "Prepared",
    "Receipts",
    "ask_waiver",
    "cancel",
    "cancel_transfer",
    "decide",
    "decide_waiver",
    "deliver",
    "draft",
    "file_receipts",
    "hand_over",
    "import_links",
    "merge_list",
    "open_cases",
    "plan_transfers",
    "prepare",
    "print_letters",
    "prove",
    "receive",
    "set_formalities",
    "settle",
    "tick",
]


def tick(*, by: int, at: datetime) -> int:
    """Open cases of leaves, deliver the outbox, follow hand-overs; returns how much was done. Again changes nothing."""
    opened = open_cases(by=by, at=at).cases
    sent = sum(deliver(by=by, at=at).values())
    return opened + sent + sum(hand_over(by=by, at=at).values())
