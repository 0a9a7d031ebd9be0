"""Who serves what today, and which orphans have newly arisen.

In: a Book (with what the ledger says in `held`), the rulebook, the as-of date, the earlier plan. Out: `Standing`. Never:
an orphan in two of its tables or in none; a piece that waits for its quarter of the earlier plan taken for a new one.

Who serves a piece: whoever the ledger names, if in post; else, while the ledger says 'buffer' (or says nothing), the
manager of the earlier plan, if in post. What nobody serves has newly arisen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.classify import in_post
from tuogu.core.dues import due_months
from tuogu.core.presence import REASON, away_on
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, MONTH_COLUMNS, UNPLACED, Book, Plan, conform
from tuogu.core.territory.selection import managers, select

BUFFER = "buffer"


@dataclass(frozen=True)
class Standing:
    """All sorted by policy number (managers by staff number).

    `pieces`: policy_number, holder_number, community_code, unit_code, receiver, basis (held | planned), ground (it makes its
    community part of the receiver's area), m01..m12: what a manager of the planned series serves. `elsewhere`:
    policy_number, receiver: orphans that somebody else in post or a department keeps. `arriving`: policy_number,
    holder_number, community_code (null = not coded), custodian, ascription, left (who served it and has left; null =
    nobody), m01..m12. `aside`: UNPLACED rows.
    """

    pieces: pl.DataFrame
    elsewhere: pl.DataFrame
    arriving: pl.DataFrame
    aside: pl.DataFrame
    managers: pl.DataFrame
    populated: pl.Series  # communities of all live orphans: what touches what is judged among them


def standing(book: Book, rulebook: Rulebook, as_of: date, earlier: Plan) -> Standing:
    """Divide the live orphan main policies into served, kept elsewhere, newly arisen and left aside."""
    chosen = select(book, rulebook, as_of)
    orphans = _orphans(book, rulebook)
    uncoded = chosen.unplaced.filter(pl.col("reason") == "no_address_code")
    every = _with_today(orphans.join(due_months(orphans, as_of), on="policy_number"), book, as_of, earlier)
    uncoded_due = pl.col("policy_number").is_in(uncoded["policy_number"].implode()) & (
        pl.sum_horizontal(MONTH_COLUMNS) > 0
    )
    planned = pl.col("policy_number").is_in(chosen.planned["policy_number"].implode())
    placeable = every.filter(planned | uncoded_due)
    staff = managers(book, rulebook, as_of)
    mine = pl.col("receiver").is_in(staff["staff_number"].implode()).fill_null(False)
    served = pl.col("receiver").is_not_null()
    columns = ("policy_number", "holder_number", "community_code")
    rest = every.join(placeable, on="policy_number", how="anti").select("policy_number", "custodian")
    left_aside = chosen.unplaced.drop("custodian").join(rest, on="policy_number")
    gone = pl.col("receiver").is_in(away_on(book, as_of)["staff_number"].implode()).fill_null(False)
    waiting = placeable.filter(
        served & gone & (pl.col("basis") == "planned")
    )  # P-06: planned, not yet handed over
    return Standing(
        _with_ground(placeable.filter(mine)).select(
            *columns, "unit_code", "receiver", "basis", "ground", *MONTH_COLUMNS
        ),
        placeable.filter(served & ~mine).select("policy_number", "receiver"),
        placeable.filter(~served).select(*columns, "custodian", "ascription", "left", *MONTH_COLUMNS),
        conform(
            pl.concat([conform(left_aside, UNPLACED), _waiting(waiting)]).sort("policy_number"), UNPLACED
        ),
        staff,
        orphans["community_code"].drop_nulls().unique().sort(),
    )


def _waiting(pieces: pl.DataFrame) -> pl.DataFrame:
    """UNPLACED rows of pieces whose planned receiver is away: the earlier plan goes on, this one gives nothing."""
    rows = pieces.select(
        "policy_number",
        "custodian",
        reason=pl.lit(REASON),
        detail=pl.format("前一方案的接收人 {} 在方案日不在岗，仍按前一方案安排", "receiver"),
    )
    return conform(rows, UNPLACED)


def _with_ground(pieces: pl.DataFrame) -> pl.DataFrame:
    """Add `ground`: the piece says whose area its community is. Units do; pieces handed over or taken one by one only where
    no unit does.
    """
    unit = (pl.col("whole_unit") & (pl.col("receiver") == pl.col("planned"))).fill_null(False)
    return pieces.with_columns(
        ground=pl.col("community_code").is_not_null() & (unit | ~unit.any().over("community_code"))
    )


def _orphans(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """Rows of POLICIES with orphan_source and community_code."""
    policies = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    classes = book.classified.filter(pl.col("orphan")).select("policy_number", "orphan_source")
    frame = policies.join(classes, on="policy_number").sort("policy_number")
    places = policy_communities(frame, book.located, rulebook["territory.address_basis"])
    return frame.join(places, on="policy_number", maintain_order="left")


def _with_today(orphans: pl.DataFrame, book: Book, as_of: date, earlier: Plan) -> pl.DataFrame:
    """Add receiver (null = nobody), basis, unit_code, custodian as the ledger has it, ascription and left."""
    planned = earlier.assignments.select(
        "policy_number",
        "unit_code",
        planned="staff_number",
        planned_community="community_code",
        whole_unit=pl.col("lever") == "unit",
    )
    ledger = book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    ledger = ledger.select(policy_number="number", held="receiver")
    frame = orphans.join(planned, on="policy_number", how="left").join(ledger, on="policy_number", how="left")
    here = in_post(book.books.people, as_of)["staff_number"].implode()
    held, plan = pl.col("held"), pl.col("planned")
    keeps = (held.is_in(here) | held.str.starts_with("department:")).fill_null(False)
    planned_here = plan.is_in(here).fill_null(False)
    gone = pl.coalesce(
        pl.when(held.is_not_null() & (held != BUFFER) & ~keeps).then(held),
        pl.when(plan.is_not_null() & ~planned_here).then(plan),
    )
    elsewhere = pl.col("planned_community").is_not_null() & pl.col("planned_community").ne_missing(
        pl.col("community_code")
    )
    moved = (pl.col("orphan_source") == "moved_in").fill_null(False) | elsewhere
    return frame.with_columns(
        receiver=pl.when(keeps).then(held).when(planned_here).then(plan),
        basis=pl.when(keeps).then(pl.lit("held")).when(planned_here).then(pl.lit("planned")),
        custodian=pl.when(keeps).then(held).otherwise(pl.lit(BUFFER)),
        left=gone,
    ).with_columns(
        ascription=pl.when(pl.col("left").is_not_null())
        .then(pl.lit("leaver"))
        .when(moved)
        .then(pl.lit("moved"))
        .otherwise(pl.lit("first"))
    )
