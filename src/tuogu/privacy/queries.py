"""Reads of this room: what customers said and what follows from it, requests and their clocks, sharing, retention.

Other rooms ask `may_contact`, `may_use`, `refused`, `blocked_numbers`; nothing here is personal data.
"""

from __future__ import annotations

from tuogu.privacy.audited import audit_tables
from tuogu.privacy.blocking import blocked_numbers, ground_of
from tuogu.privacy.consents import (
    Decision,
    Standing,
    may_contact,
    may_use,
    may_use_each,
    refused,
    standings,
)
from tuogu.privacy.erasure import ErasureOutlook, erasure_outlook
from tuogu.privacy.key_events import KeyAct, hash_standing, key_history, key_standing
from tuogu.privacy.register import (
    RequestPage,
    RequestRow,
    StepRow,
    open_requests,
    proposed_erasures,
    request_page,
    request_record,
    requests_of,
    view_counts,
)
from tuogu.privacy.retention import KindStanding, retention
from tuogu.privacy.sharing import (
    PartyRow,
    SharingPage,
    SharingRow,
    parties,
    processing_record,
    sharing_page,
)
from tuogu.privacy.statements import Statement, StatementPage, history, statement_page

__all__ = [
    "Decision", "ErasureOutlook", "KeyAct", "KindStanding", "PartyRow", "RequestPage", "RequestRow", "SharingPage",
    "SharingRow", "Standing", "Statement", "StatementPage", "StepRow", "audit_tables", "blocked_numbers",
    "erasure_outlook", "ground_of", "hash_standing", "history", "key_history", "key_standing", "may_contact", "may_use",
    "may_use_each",
    "open_requests", "parties", "processing_record", "proposed_erasures", "refused",
    "request_page", "request_record",
    "requests_of", "retention", "sharing_page", "standings", "statement_page", "view_counts",
]  # fmt: skip
