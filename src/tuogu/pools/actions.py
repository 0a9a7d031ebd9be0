"""Writes of the pools: claim, give back, write down a follow-up, and what happens by itself once a day.

Keyword-only `by` (custodian id) and `at` (moment). Custody and development move by the ledger only; every row here stays.
"""

from __future__ import annotations

from tuogu.pools.claiming import Claimed, claim, give_back
from tuogu.pools.failures import PoolRefused
from tuogu.pools.following import contacted
from tuogu.pools.reclaiming import Rolled, roll

__all__ = ["Claimed", "PoolRefused", "Rolled", "claim", "contacted", "give_back", "roll"]
