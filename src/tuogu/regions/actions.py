"""Writes of this room: changes to the code book, decisions on addresses, zones. Keyword-only `by` and `at`; atomic.

The customers themselves are the books': `books.actions.code_by_hand` decides and codes in one transaction.
"""

from __future__ import annotations

from tuogu.regions.deciding import forget_hashes
from tuogu.regions.deciding import record as record_decision
from tuogu.regions.deciding import withdraw as withdraw_decision
from tuogu.regions.failures import RegionsRefused
from tuogu.regions.home_deciding import record as record_home
from tuogu.regions.home_deciding import withdraw as withdraw_home
from tuogu.regions.learning import forget as forget_addresses
from tuogu.regions.learning import know as know_addresses
from tuogu.regions.proposals import decide as decide_codebook
from tuogu.regions.proposals import propose as propose_codebook
from tuogu.regions.zoning import draw as draw_zone
from tuogu.regions.zoning import end as end_zone
from tuogu.regions.zoning import redraw as redraw_zone
from tuogu.regions.zoning import take_over as take_over_zones

__all__ = [
    "RegionsRefused",
    "decide_codebook",
    "draw_zone",
    "end_zone",
    "forget_addresses",
    "forget_hashes",
    "know_addresses",
    "propose_codebook",
    "record_decision",
    "record_home",
    "redraw_zone",
    "take_over_zones",
    "withdraw_decision",
    "withdraw_home",
]
