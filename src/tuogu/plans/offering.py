"""Who said no, or was found to have untrue data, after a plan was made: rows that its release must leave out, each with
the reason (L-03, L-09).

In: a stored plan and rows of STANDING; or a Plan to be shown or printed. Out: the rows that may be posted, and the others as
STALE; the Plan without them, named among the unplaced. Never: a row of a plan of
service left out (custody, territory and supervision are owed whatever was refused); somebody erased handed to a seller.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tuogu.books import queries as books
from tuogu.core.offering import REASON, withheld
from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import UNPLACED, Plan, conform
from tuogu.core.unproven import REASON as UNPROVEN
from tuogu.ledger.results import STALE
from tuogu.plans.models import StoredPlan
from tuogu.plans.withheld import unproven
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel, Purpose


def willing(stored: StoredPlan, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose customers may be allotted and offered something today, and the rest, each with why."""
    rows, waits = _proven(stored, rows)
    if not STRATEGIES[stored.strategy].marketing:
        return rows, waits
    said_no = _refused().implode()
    out = pl.col("number").is_null() | pl.col("number").is_in(said_no)  # without a number: erased
    return rows.filter(~out), pl.concat([waits, _left(rows.filter(out), REASON)])


def _proven(stored: StoredPlan, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows whose customer's data nobody doubts today, and those who wait for it to be corrected (L-09)."""
    marked = unproven()["customer_number"]
    if marked.is_empty() or STRATEGIES[stored.strategy].relation == "supervision":
        return rows, pl.DataFrame(schema=STALE)
    if STRATEGIES[stored.strategy].subject == "customer":
        numbers = marked
    else:
        numbers = books.policies_of_holders(marked.to_list())
    waits = pl.col("number").is_in(numbers.implode()).fill_null(False)
    return rows.filter(~waits), _left(rows.filter(waits), UNPROVEN)


def _left(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    told = rows.with_columns(current_custodian_id=pl.col("holder_id").cast(pl.Int64), reason=pl.lit(reason))
    return told.select(pl.col(name).cast(kind) for name, kind in STALE.items())


def as_offered_today(plan: Plan) -> Plan:
    """`plan` as a list may show it today: who refused since it was made stands among the unplaced, and in no other table.
    What is stored stays as it was approved."""
    if not STRATEGIES[plan.strategy].marketing:
        return plan
    said_no = _refused().implode()
    gone = plan.placements.filter(pl.col("number").is_in(said_no))
    if gone.is_empty():
        return plan
    kept = {name: _without(frame, said_no) for name, frame in plan.tables.items()}
    named = conform(withheld(gone, "receiver"), UNPLACED)
    return replace(
        plan, placements=plan.placements.filter(~pl.col("number").is_in(said_no)), tables=kept,
        unplaced=pl.concat([plan.unplaced, named]).sort("policy_number"),
    )  # fmt: skip


def offered_rows(stored: StoredPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """A table of a stored plan as its pages may list it today: without customers who refused since (L-03)."""
    return _without(frame, _refused().implode()) if STRATEGIES[stored.strategy].marketing else frame


def _without(frame: pl.DataFrame, said_no: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.col("number").is_in(said_no)) if "number" in frame.columns else frame


def _refused() -> pl.Series:
    return privacy.refused(Purpose.MARKETING, Channel.ANY)["customer_number"]
