"""Writes of this room: consents, requests of data subjects, blocks, sharing, retention, acts on keys.

Keyword-only `by` (custodian id) and `at` (moment); each is atomic, and PrivacyRefused says why nothing was written.
"""

from __future__ import annotations

from tuogu.privacy.blocking import block, lift
from tuogu.privacy.consents import record_consent, release_development
from tuogu.privacy.copying import also_in_copies, fetch_copy, make_copy
from tuogu.privacy.emptying import empty_texts
from tuogu.privacy.erasing import also_erased
from tuogu.privacy.erasure import approve_erasure, block_instead, decline_erasure, propose_erasure
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.key_events import add_hash_key, add_key, rehash, reseal, retire_key
from tuogu.privacy.requests import answer, check_identity, receive, start_work
from tuogu.privacy.retention import Remover, keep_periods
from tuogu.privacy.sharing import record_sharing, register_party, require_party

__all__ = [
    "PrivacyRefused",
    "Remover",
    "add_hash_key",
    "add_key",
    "also_erased",
    "also_in_copies",
    "answer",
    "approve_erasure",
    "block",
    "block_instead",
    "check_identity",
    "decline_erasure",
    "empty_texts",
    "fetch_copy",
    "keep_periods",
    "lift",
    "make_copy",
    "propose_erasure",
    "receive",
    "record_consent",
    "record_sharing",
    "register_party",
    "rehash",
    "release_development",
    "require_party",
    "reseal",
    "retire_key",
    "start_work",
]  # fmt: skip
