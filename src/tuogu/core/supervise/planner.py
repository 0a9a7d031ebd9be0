"""The supervision strategy: a specialist beside every serving person who is not of the operations series (P-27).

In: a book, the rulebook. Out: placements in the relation supervision; custody stays. Every collection piece, every piece
in a pool and every piece that has its specialist already is listed as such. The certificate (`heaviest`) adds up, over the
branches, the pieces of the specialist who has most; the bound is what single pieces would allow: customers stay whole.
Never: a change of custody, a specialist of another branch.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.gap import gap_of
from tuogu.core.proposal import Proposal, Request
from tuogu.core.standardise_words import SERIES
from tuogu.core.supervise import sheets
from tuogu.core.supervise.dealing import deal, fewest_at_most
from tuogu.core.supervise.pieces import pieces, specialists
from tuogu.core.tables import CANDIDATES, PLACEMENTS, UNPLACED, Certificate, conform
from tuogu.core.ties import tie_rank

_DETAILS = {
    "collection_piece": "收费件：由运营系列的责任人服务，不配督导",
    "in_pool": "尚无在职责任人，先安置再定收费件或督导件",
    "supervised_already": "已有本分公司的督导专员",
    "no_specialist": "本分公司没有在职的督导专员",
}


def propose(request: Request) -> Proposal:
    """Deal the supervised pieces without a specialist to those of their branch."""
    every = pieces(request.book, request.rulebook, request.as_of)
    people = _people(request, every)
    request.told("supervise", 0.4)
    open_pieces = every.filter((pl.col("kind") == "supervised") & pl.col("supervisor").is_null())
    dealt = _dealt(request, open_pieces, people)
    every = every.join(dealt, on="number", how="left").with_columns(reason=_reason()).sort("number")
    newly = every.filter(pl.col("receiver").is_not_null())
    gained = newly.group_by(staff_number="receiver").agg(newly=pl.len().cast(pl.Int64))
    people = people.join(gained, on="staff_number", how="left").with_columns(pl.col("newly").fill_null(0))
    people = people.with_columns(after=pl.col("before") + pl.col("newly")).sort("staff_number")
    detail = pl.col("reason").replace_strict(_DETAILS, return_dtype=pl.String)
    left = every.filter(pl.col("receiver").is_null()).with_columns(detail=detail, policy_number="number")
    return Proposal(
        placements=_placements(newly),
        unplaced=conform(left, UNPLACED),
        certificate=_certificate(every, people),
        candidates=_candidates(newly, people, request.rulebook["territory.candidates_shown"]),
        tables=_tables(every, newly, people),
    )


def _people(request: Request, every: pl.DataFrame) -> pl.DataFrame:
    """staff_number, branch_code, before (pieces supervised already), tie; by branch and number."""
    fit = specialists(request.book, request.rulebook, request.as_of)
    kept = (
        every.filter(pl.col("kind") == "supervised").group_by(staff_number="supervisor").agg(before=pl.len())
    )
    frame = fit.join(kept, on="staff_number", how="left").with_columns(
        pl.col("before").fill_null(0).cast(pl.Int64)
    )
    tie = tie_rank(request.seed, "supervise.fewest", frame["staff_number"])
    return frame.with_columns(tie=tie).sort("branch_code", "staff_number", nulls_last=True)


def _dealt(request: Request, open_pieces: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """number, receiver of what finds a specialist."""
    customer = pl.coalesce("holder_number", "number")
    branch = pl.col("branch_code").fill_null("")
    frame = open_pieces.select("number", customer=customer, branch=branch)
    groups = frame.group_by("branch", "customer").agg(size=pl.len().cast(pl.Int64)).sort("branch", "customer")
    tie = tie_rank(request.seed, "supervise.order", groups["customer"])
    groups = groups.with_columns(tie=tie).sort("branch", -pl.col("size"), "tie")
    branches = groups["branch"].unique().sort()
    people = people.with_columns(branch=pl.col("branch_code").fill_null("")).sort("branch", "staff_number")
    people = people.filter(pl.col("branch").is_in(branches.implode()))
    staff = branches.to_frame("branch").join(people.group_by("branch").len("staff"), on="branch", how="left")
    start = np.concatenate([[0], staff.sort("branch")["staff"].fill_null(0).cum_sum().to_numpy()]).astype(
        np.int64
    )
    of_group = groups["branch"].rank("dense").to_numpy().astype(np.int64) - 1
    taker = deal(
        groups["size"].to_numpy().astype(np.int64),
        of_group,
        start,
        people["before"].to_numpy().astype(np.int64),
        people["tie"].to_numpy().astype(np.int64),
    )
    found = groups.filter(pl.Series(taker >= 0)).with_columns(
        receiver=people["staff_number"].gather(taker[taker >= 0])
    )
    return frame.join(found.select("branch", "customer", "receiver"), on=["branch", "customer"]).select(
        "number", "receiver"
    )


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("receiver").is_not_null())
        .then(None)
        .when(pl.col("kind") == "collection")
        .then(pl.lit("collection_piece"))
        .when(pl.col("kind") == "in_pool")
        .then(pl.lit("in_pool"))
        .when(pl.col("supervisor").is_not_null())
        .then(pl.lit("supervised_already"))
        .otherwise(pl.lit("no_specialist"))
    )


def _placements(newly: pl.DataFrame) -> pl.DataFrame:
    fixed = {"unit_code": pl.lit(None, pl.String), "place": pl.lit(None, pl.Int64)}
    rows = newly.with_columns(instalment=pl.lit(1, pl.Int64), lever=pl.lit("supervise"), **fixed)
    return conform(rows, PLACEMENTS)


def _candidates(newly: pl.DataFrame, people: pl.DataFrame, shown: int) -> pl.DataFrame:
    """CANDIDATES of each piece: its specialist, and the `shown` of the branch who have fewest after the plan."""
    each = people.select("branch_code", "staff_number", "after", "tie")
    near = each.sort("after", "tie").group_by("branch_code", maintain_order=True).head(shown)
    pieces_of = newly.select("number", "receiver", "branch_code")
    rest = pieces_of.join(near, on="branch_code", nulls_equal=True)
    rest = rest.filter(pl.col("staff_number") != pl.col("receiver"))
    chosen = pieces_of.join(each.drop("branch_code"), left_on="receiver", right_on="staff_number")
    chosen = chosen.with_columns(staff_number="receiver").select(rest.columns)
    own = pl.col("staff_number") == pl.col("receiver")
    rows = (
        pl.concat([chosen, rest]).with_columns(own=own).sort("number", pl.col("own").not_(), "after", "tie")
    )
    word = pl.when("own").then(pl.lit("选定：轮到时督导件最少")).otherwise(pl.lit("轮到时督导件不比选定者少"))
    frame = rows.with_columns(
        unit_code=pl.lit(None, pl.String),
        cost_m=pl.lit(0, pl.Int64),
        rank=pl.int_range(1, pl.len() + 1).over("number"),
        verdict=pl.when("own").then(pl.lit("chosen")).otherwise(pl.lit("more_pieces")),
        detail=pl.format("{}；分配后共{}件", word, "after"),
    )
    return conform(frame.rename({"number": "policy_number"}), CANDIDATES)


def _tables(every: pl.DataFrame, newly: pl.DataFrame, people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    reason, kind = pl.col("reason"), pl.col("kind")
    counts = every.group_by("branch_code").agg(
        collection=(kind == "collection").sum(),
        supervised=(kind == "supervised").sum(),
        newly=pl.col("receiver").is_not_null().sum(),
        already=(reason == "supervised_already").sum(),
        lacking=(reason == "no_specialist").sum(),
        in_pool=(kind == "in_pool").sum(),
    )
    counts = counts.with_columns(pl.exclude("branch_code").cast(pl.Int64)).sort(
        "branch_code", nulls_last=True
    )
    listed = newly.with_columns(series=pl.col("series").replace_strict(SERIES, return_dtype=pl.String))
    found = {
        "piece_kinds": counts,
        "specialists": people.rename({"staff_number": "receiver"}),
        "supervised": listed,
    }
    return {sheet.name: conform(found[sheet.name], sheet.schema) for sheet in sheets.SHEETS}


def _certificate(every: pl.DataFrame, people: pl.DataFrame) -> Certificate:
    value = bound = 0
    for branch in people.partition_by("branch_code", maintain_order=True):
        value += int(branch["after"].to_numpy().max())
        bound += fewest_at_most(branch["before"].to_numpy(), int(branch["newly"].sum()))
    count = dict(every.group_by("kind").len().iter_rows())
    figures = {
        "collection": count.get("collection", 0),
        "supervised": count.get("supervised", 0),
        "in_pool": count.get("in_pool", 0),
        "placed": int(every["receiver"].is_not_null().sum()),
        "specialists": len(people),
    }
    return Certificate(
        metric="heaviest",
        objective=value,
        lower_bound=bound,
        gap=gap_of(value, bound),
        feasibility=(
            ("收费件", f"{figures['collection']:,} 件"),
            ("督导件", f"{figures['supervised']:,} 件"),
        ),
        contiguity="not_judged: 督导不分片区",
        figures=tuple((name, float(number)) for name, number in figures.items()),
    )
