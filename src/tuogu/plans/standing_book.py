"""The book of a plan made on what is stored: with the facts that count today, who holds what in every relation, and who
refused to be offered anything.

In: a Book, as prepared from the stored tables. Out: the same with `facts`, `held` and `refused`. Never: a fact or a holding
left out because of who asks (jobs.plan_ground narrows the whole book to the planner's scope afterwards).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from tuogu.core.tables import LOT_ORDER, Book, empty
from tuogu.org.scope import Scope
from tuogu.plans.draw_records import lot_order
from tuogu.plans.facts_read import facts_of
from tuogu.plans.held import held_frame
from tuogu.plans.withheld import unproven
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel, Purpose


def for_planning(book: Book, draws: Sequence[str] = ()) -> Book:
    """`book` with FACTS, HELD, REFUSED (L-03) and UNPROVEN (L-09) as stored now, and the order of draws that all parties
    have revealed: a dozen queries and a few a draw, however many rows. PlanUnknown, PlanRefused: a draw is not there, not
    revealed, or does not fit."""
    lots = pl.concat([empty(LOT_ORDER), *(lot_order(code) for code in draws)])
    said_no = privacy.refused(Purpose.MARKETING, Channel.ANY)
    return replace(
        book,
        facts=facts_of(Scope.everything()),
        held=held_frame(),
        lots=lots,
        refused=said_no,
        unproven=unproven(),
    )
