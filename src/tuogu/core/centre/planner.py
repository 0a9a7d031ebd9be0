"""The resource centre strategy: a Request in, a Proposal out (S1-01…S1-17).

In: a book with facts and circulation counts, the rulebook, a day of the month in which resources are handed out. Out:
customers to planners with stock, per-capita figures, score cards, quotas, grid, rankings and worth. Never: another result
for shuffled input, a resource without planner or reason, a planner who is not in post.

Read `propose` downwards: stock → rankings → score cards → per head → quotas → grid → picking → tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tuogu.core.centre.capita import per_capita
from tuogu.core.centre.certificate import certificate
from tuogu.core.centre.dealing import dealt, grid, grid_frame
from tuogu.core.centre.eligibility import Resources, resources
from tuogu.core.centre.quotas import quotas
from tuogu.core.centre.ranking import ranked
from tuogu.core.centre.score_card import score_cards
from tuogu.core.centre.sheets import STOCK
from tuogu.core.centre.worth import worth_frame
from tuogu.core.classify import in_post
from tuogu.core.facts import of_month
from tuogu.core.labels import RESOURCE_CATEGORIES
from tuogu.core.proposal import Proposal, Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import PLACEMENTS, UNPLACED, Book, conform


def propose(request: Request) -> Proposal:
    """Hand the month's resources to the planners by their scores."""
    book, rulebook, as_of, seed, told = (
        request.book,
        request.rulebook,
        request.as_of,
        request.seed,
        request.told,
    )
    planners = planners_in_post(book, as_of, rulebook)
    told("select", 0.0)
    found = resources(book, as_of, rulebook)
    told("rank", 0.3)
    rankings = ranked(found.stock, book, rulebook, seed)
    cards = score_cards(planners, book.facts, as_of, rulebook)
    told("share", 0.5)
    counts = dict(rankings.group_by("category").len().iter_rows())
    capita = per_capita(counts, _wanted(request.options), len(planners), rulebook, seed)
    available = dict(capita.select("category", "available").iter_rows())
    shares = quotas(cards, _withheld(book, as_of), sum(available.values()), rulebook, seed)
    weights = {name: weight for name, weight in shares.select("staff_number", "weight").iter_rows() if weight}
    cells = grid(dict(shares.select("staff_number", "pieces").iter_rows()), available, seed)
    told("deal", 0.6)
    given = dealt(rankings, cells, weights, seed)
    told("tables", 0.8)
    tables = {
        "stock": _worded(_stock(found.stock, rulebook)),
        "per_capita": _worded(capita),
        "score_cards": cards,
        "quotas": shares,
        "grid": grid_frame(cells, planners["staff_number"], rulebook["centre.category_order"]),
        "rankings": _worded(rankings),
        "worth": worth_frame(given, weights, planners),
        "funnel": found.funnel,
    }
    barred = len(found.found) - len(rankings)
    return Proposal(
        placements=_placements(given),
        unplaced=_unplaced(found, given),
        certificate=certificate(cells, tables, barred, f"{as_of:%Y-%m}", len(weights)),
        tables=tables,
    )


def planners_in_post(book: Book, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """PEOPLE of the series that receive resources, by staff number; StrategyError when there is none."""
    series = rulebook["centre.planner_series"]
    people = in_post(book.books.people, as_of).filter(pl.col("series").is_in(series)).sort("staff_number")
    if not len(people):
        raise StrategyError(
            f"没有在职的保险规划师：人员名册中没有系列为 {'、'.join(series)} 的在职人员；"
            "请导入人员，或修改制度参数 centre.planner_series"
        )
    return people


def _worded(table: pl.DataFrame) -> pl.DataFrame:
    """The table as people read it: 满期 for maturity."""
    return table.with_columns(pl.col("category").replace_strict(RESOURCE_CATEGORIES, return_dtype=pl.String))


def _wanted(options: Mapping[str, str]) -> int | None:
    """Pieces to hand out this month; None = the whole stock."""
    text = options.get("pieces", "")
    return int(text) if text else None


def _withheld(book: Book, as_of: date) -> pl.Series:
    """Planners whose resources are withheld in the plan's month (S1-35)."""
    facts = of_month(book.facts, "withheld", as_of)
    return facts.filter(pl.col("value") > 0)["subject"]


def _stock(stock: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """STOCK: the month's statistics by category, in the rulebook's order.  # S1-07"""
    order = rulebook["centre.category_order"]
    sums = stock.group_by("category").agg(
        customers=pl.len().cast(pl.Int64),
        policies=pl.col("policies").sum(),
        worth_fen=pl.col("amount_fen").sum(),
        first_date=pl.col("date").min(),
        last_date=pl.col("date").max(),
    )
    every = pl.DataFrame({"category": order}, schema={"category": pl.String})
    frame = every.join(sums, on="category", how="left", maintain_order="left")
    frame = frame.with_columns(pl.col("customers", "policies", "worth_fen").fill_null(0))
    return conform(
        frame.with_columns(
            stock_bp=pl.col("customers") * 10_000 // pl.max_horizontal(pl.col("customers").sum(), 1),
        ).select(*STOCK.schema),
        STOCK.schema,
    )


def _placements(given: pl.DataFrame) -> pl.DataFrame:
    """PLACEMENTS by number; a planner's own list begins with the most important customer."""
    listed = given.sort("receiver", "points", "amount_fen", "number", descending=[False, True, True, False])
    rows = listed.select(
        "number",
        "receiver",
        holder_number="number",
        instalment=pl.lit(1, pl.Int64),
        unit_code=pl.lit(None, pl.String),
        lever=pl.format("resource_{}", "category"),
        place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("receiver"),
    )
    return conform(rows.sort("number"), PLACEMENTS)


def _unplaced(found: Resources, given: pl.DataFrame) -> pl.DataFrame:
    """UNPLACED: resources that a reason bars, and what stays in the pool."""
    left = found.found.join(given.select("number"), on="number", how="anti")
    label = pl.col("category").replace_strict(RESOURCE_CATEGORIES, return_dtype=pl.String)
    detail = (
        pl.when(pl.col("barred") == "problem").then(pl.format("{}资源：问题件，转调查，不分配", label))
        .when(pl.col("barred") == "hard").then(pl.format("{}资源：困难件，由保单服务专员跟进，不分配", label))
        .when(pl.col("barred") == "refused_marketing").then(pl.format("{}资源：客户已拒绝营销，不分配；服务照常", label))
        .otherwise(pl.format("{}资源：本月未分完，留在资源池", label))
    )  # fmt: skip
    rows = left.select(
        "custodian",
        policy_number="number",
        reason=pl.col("barred").fill_null("pool"),
        detail=detail,
    )
    return conform(rows.select(*UNPLACED).sort("policy_number"), UNPLACED)
