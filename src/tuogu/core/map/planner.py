"""The map strategy: who gets what is written in a map of codes and persons (P-26), the exceptions are named (P-15).

In: a book, the rulebook, the options `map` and `scope`. Out: placements by the finest line, the map's own gaps and
overlaps, the exceptions. The certificate counts live orphans of the scope that the map leaves without a person
(`unmapped`); its bound is the same number: a piece is placed exactly
when the finest line that covers it may be used, so no reading of this map places more.
Never: a piece placed by a line that is refused, a coarser line taken because the finest one is faulty.

Read `propose` downwards: scope → lines → matches → the finest → tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.ascription import found_in_book
from tuogu.core.basis import policy_communities
from tuogu.core.classify import in_post
from tuogu.core.map import outcome
from tuogu.core.map.lines import matches, read
from tuogu.core.map.outcome import FAULTS
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import LIVE_STATES, UNPLACED, Certificate, conform
from tuogu.core.written_lines import ignored, quoted

BUFFER = "buffer"
_ASIDE = {  # natures that no map sends to a person, in the order in which they are named
    "problem": "问题件：销售人员有违规，转调查，由保全组保管",
    "hard": "困难件：联系不上或有未了结投诉，由保全组专员跟进",
    "difficult": "疑难件：多种方式均联系不上，由保全组保管",
    "lapsed": "保单已失效，由保全组跟进复效",
}
_DETAILS = {
    "no_holder": "投保人缺失或不在客户档案中，由保全组核实",
    "data_fault": "期交保单缺少生效日期或缴费频次",
    "map_conflict": "对应关系中同一代码写了不同的人，无法确定",
    "collector_left": "对应关系所指的收展员已离司、不在册或系列不符",
    "not_mapped": "对应关系中没有一行覆盖这件保单的代码",
}


_UNREAD = ("malformed", "unknown_code")


@dataclass(frozen=True)
class Scope:
    """`pieces`: number, holder_number, community_code, institution_code, address, custodian, ascription; `aside`: UNPLACED;
    `policies`: the rows of POLICIES behind both."""

    pieces: pl.DataFrame
    aside: pl.DataFrame
    policies: pl.DataFrame


def propose(request: Request) -> Proposal:
    """Place every piece of the scope by the finest line of the map that covers it."""
    book = request.book
    scope = scope_of(request)
    request.told("map", 0.3)
    table = read(request.options["map"], book, request.rulebook, request.as_of)
    _some_line_known(table)
    found = matches(scope.pieces, table, book)
    finest = found.unique("number", keep="first", maintain_order=True)
    placed = finest.filter(pl.col("verdict") == "used").join(scope.pieces, on="number").sort("number")
    request.told("tables", 0.7)
    unplaced = conform(
        pl.concat([scope.aside, _not_placed(scope.pieces, finest)]).sort("policy_number"), UNPLACED
    )
    tables = outcome.Tables(scope.pieces, scope.policies, table, found, finest, placed, unplaced, book)
    left = len(scope.pieces) - len(placed)
    return Proposal(
        placements=tables.placements(),
        unplaced=unplaced,
        certificate=_certificate(left, placed, table, scope),
        candidates=tables.candidates(),
        tables=tables.own(),
    )


def _some_line_known(table: pl.DataFrame) -> None:
    """A map of which no line names a code of this book decides nothing: a plan of it would look sound and be empty."""
    unread = table.filter(pl.col("verdict").is_in(_UNREAD))
    if unread.height == table.height:
        raise StrategyError(f"对应关系没有一行能用：{quoted(unread, FAULTS)}", "map")


def scope_of(request: Request) -> Scope:
    """The live orphans that the option `scope` means, divided into those for the map and those left aside."""
    book, rulebook = request.book, request.rulebook
    policies = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    classes = book.classified.filter("orphan").select(
        "policy_number", "orphan_source", "nature", "service_class"
    )
    frame = policies.join(classes, on="policy_number").sort("policy_number")
    places = policy_communities(frame, book.located, rulebook["territory.address_basis"])
    frame = _with_custodian(frame.join(places, on="policy_number", maintain_order="left"), request)
    if request.options["scope"] == "waiting":
        frame = frame.filter(~pl.col("kept"))
    faults = found_in_book(frame, book)
    fault = pl.col("policy_number")
    tests = {
        "problem": pl.col("nature") == "problem",
        "hard": pl.col("nature") == "hard",
        "difficult": pl.col("service_class") == "difficult",
        "lapsed": pl.col("state") == "lapsed",
        "no_holder": fault.is_in(faults.filter(reason="no_holder")["number"].implode()),
        "data_fault": fault.is_in(faults.filter(reason="data_fault")["number"].implode()),
    }
    reason = pl.coalesce(
        *(pl.when(test).then(pl.lit(name)) for name, test in tests.items()), pl.lit(None, pl.String)
    )
    frame = frame.with_columns(reason=reason)
    address = book.books.customers.select("customer_number", "address")
    basis = f"{rulebook['territory.address_basis']}_number"
    pieces = frame.filter(pl.col("reason").is_null()).join(
        address, left_on=basis, right_on="customer_number", how="left"
    )
    aside = frame.filter(pl.col("reason").is_not_null())
    columns = ("holder_number", "community_code", "institution_code", "address", "custodian", "ascription")
    return Scope(
        pieces.select(pl.col("policy_number").alias("number"), *columns).sort("number"),
        _rows(aside.select("policy_number", "reason", "custodian")),
        policies.join(frame.select("policy_number"), on="policy_number", how="semi"),
    )


def _with_custodian(frame: pl.DataFrame, request: Request) -> pl.DataFrame:
    """Add custodian (who keeps it now), kept (a person in post or a department), left (a leaver's number), ascription."""
    held = request.book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    frame = frame.join(held.select(policy_number="number", held="receiver"), on="policy_number", how="left")
    here = in_post(request.book.books.people, request.as_of)["staff_number"].implode()
    kept = (pl.col("held").is_in(here) | pl.col("held").str.starts_with("department:")).fill_null(False)
    gone = (pl.col("held").is_not_null() & (pl.col("held") != BUFFER) & ~kept).fill_null(False)
    frame = frame.with_columns(kept=kept, custodian=pl.when(kept).then("held").otherwise(pl.lit(BUFFER)))
    return frame.with_columns(
        ascription=pl.when("kept")
        .then(pl.lit("manual"))
        .when(gone)
        .then(pl.lit("leaver"))
        .when((pl.col("orphan_source") == "moved_in").fill_null(False))
        .then(pl.lit("moved"))
        .otherwise(pl.lit("first"))
    )


def _rows(frame: pl.DataFrame) -> pl.DataFrame:
    detail = pl.col("reason").replace_strict(_ASIDE | _DETAILS, return_dtype=pl.String)
    return frame.with_columns(detail=detail).select("policy_number", "reason", "detail", "custodian")


def _not_placed(pieces: pl.DataFrame, finest: pl.DataFrame) -> pl.DataFrame:
    """Pieces whose finest line is refused, or that no line covers."""
    rest = pieces.join(finest.select("number", "verdict"), on="number", how="left")
    rest = rest.filter(pl.col("verdict").ne_missing(pl.lit("used")))
    reason = (
        pl.when(pl.col("verdict") == "conflict")
        .then(pl.lit("map_conflict"))
        .when(pl.col("verdict") == "not_in_post")
        .then(pl.lit("collector_left"))
        .otherwise(pl.lit("not_mapped"))
    )
    return _rows(rest.select("custodian", policy_number="number", reason=reason))


def _certificate(left: int, placed: pl.DataFrame, table: pl.DataFrame, scope: Scope) -> Certificate:
    """Arithmetic: a piece is placed exactly when its finest line may be used."""
    unused = table.filter(pl.col("verdict") != "used")
    facts = [("对应关系没有定下的保单", f"{left:,} 件")]
    if unused.height:
        facts.append(("对应关系的行", ignored(unused, table.height, FAULTS)))
    figures = {
        "scope": len(scope.pieces),
        "placed": len(placed),
        "aside": len(scope.aside),
        "map_lines": len(table),
        "map_lines_used": int((table["verdict"] == "used").sum()),
        "receivers": placed["receiver"].n_unique(),
    }
    return Certificate(
        metric="unmapped",
        objective=left,
        lower_bound=left,
        gap=0.0,
        feasibility=tuple(facts),
        contiguity="not_judged: 按对应关系分配，不判断片区",
        figures=tuple((name, float(value)) for name, value in figures.items()),
    )
