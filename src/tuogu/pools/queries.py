"""Reads of the pools: what lies where, who may claim how much, whose contact is hidden, when somebody was last contacted."""

from __future__ import annotations

from tuogu.pools.audited import audit_tables
from tuogu.pools.claimants import Claimant, claimant
from tuogu.pools.failures import PoolRefused
from tuogu.pools.following import CHANNELS, NOTE_MAX, OUTCOMES, FollowUp, follow_ups, last_followed
from tuogu.pools.hiding import hidden, without_phone
from tuogu.pools.pending import pending
from tuogu.pools.reads import (
    HandedOut,
    HeldClaim,
    PoolLine,
    Reach,
    board,
    claim_within,
    claims_of,
    log,
    reach,
    warned,
)
from tuogu.pools.ruling import Pool, PoolRules, pools
from tuogu.pools.standing import claimed_of

__all__ = [
    "CHANNELS", "NOTE_MAX", "OUTCOMES", "Claimant", "FollowUp", "HandedOut", "HeldClaim", "Pool", "PoolLine",
    "PoolRefused", "PoolRules", "Reach", "audit_tables", "board", "claim_within", "claimant", "claimed_of",
    "claims_of", "follow_ups", "hidden", "last_followed", "log", "pending", "pools", "reach", "warned", "without_phone",
]  # fmt: skip
