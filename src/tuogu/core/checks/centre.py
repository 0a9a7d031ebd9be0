"""The hard rules of a resource centre's plan, recomputed from the book (S1-01…S1-17).

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: an import of `core.centre`; a category, score, share, quota or
worth taken over from the plan.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks import centre_shares, placed
from tuogu.core.checks.case import rows
from tuogu.core.checks.centre_book import Centre
from tuogu.core.checks.centre_shares import Line
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

LEVER = "resource_"


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    centre = Centre(plan, book, rulebook)
    yield from placed.conservation(plan, centre.resources["number"], "S1-17")
    yield from placed.receivers(plan, pl.Series(list(centre.weights), dtype=pl.String), "S1-09")
    yield from placed.reasons(plan, "S1-17")
    yield from placed.bound(plan)
    yield from _categories(centre)
    yield from _barred(centre)
    yield from _first_come(centre)
    for rule, req, lines in (
        ("score", "S1-09", centre_shares.scores),
        ("share", "S1-08", centre_shares.shares),
        ("quota", "S1-17", centre_shares.quotas),
        ("grid", "S1-17", centre_shares.grid),
        ("worth", "S1-17", centre_shares.envy),
        ("stock", "S1-07", _stock),
    ):
        yield _violations(rule, req, lines(centre))


def _violations(rule: str, req: str, lines: Iterator[Line]) -> pl.DataFrame:
    columns = ("key", "value", "bound", "detail")
    found = pl.DataFrame(list(lines), schema=dict.fromkeys(columns, pl.String), orient="row")
    return found.with_columns(rule=pl.lit(rule), req=pl.lit(req))


# --- categories, who may be handed out, the order --------------------------------------------------------------------


def _categories(centre: Centre) -> Iterator[pl.DataFrame]:
    """The lever names the one category that the book gives; the rankings list the stock, each once."""
    true = centre.resources.select("number", "category")
    frame = centre.plan.placements.join(true, on="number").filter(
        pl.col("lever") != LEVER + pl.col("category")
    )
    yield rows(frame, "category", "S1-01", "number", "lever", "账内类别", pl.lit("资源类别与保单不符"))
    said = centre.table("rankings").select("number", "category")
    stock = centre.stock.select("number", "category")
    for one, other, word in ((said, stock, "排列表多列"), (stock, said, "排列表漏列")):
        odd = one.join(other, on=["number", "category"], how="anti")
        yield rows(odd, "category", "S1-01", "number", "category", "账内类别", pl.lit(word))
    twice = said.group_by("number").len().filter(pl.col("len") > 1)
    yield rows(twice, "category", "S1-01", "number", "len", "1", pl.lit("同一客户列入多类"))


def _barred(centre: Centre) -> Iterator[pl.DataFrame]:
    """Problem and hard cases are not handed out, and what is not handed out has its true reason."""
    true = centre.resources.select("number", true_reason=pl.col("barred").fill_null("pool"))
    out = centre.plan.placements.join(true, on="number").filter(pl.col("true_reason") != "pool")
    yield rows(out, "barred", "S1-01", "number", "true_reason", "可分配", pl.lit("问题件、困难件不得分配"))
    left = centre.plan.unplaced.join(true, left_on="policy_number", right_on="number")
    wrong = left.filter(pl.col("reason") != pl.col("true_reason"))
    yield rows(wrong, "reason", "S1-17", "policy_number", "reason", "账内原因", pl.lit("未分配原因与账不符"))


def _first_come(centre: Centre) -> Iterator[pl.DataFrame]:
    """Points are the sum of their parts, rank by points, and nobody is passed over for a lower rank.  # S1-03…S1-05"""
    said = centre.table("rankings")
    parts = [name for name in said.columns if name.endswith("_points")]
    wrong = said.filter(pl.sum_horizontal(parts) != pl.col("points"))
    yield rows(wrong, "ranking", "S1-04", "number", "points", "各项之和", pl.lit("重要性不是各项得分之和"))
    above = said.sort("category", "rank").with_columns(before=pl.col("points").shift(1).over("category"))
    yield rows(
        above.filter(pl.col("before") < pl.col("points")),
        "ranking", "S1-04", "number", "points", "不高于前一名", pl.lit("名次与重要性不符"),
    )  # fmt: skip
    true = centre.stock.select("number", true_times="times", true_fen="amount_fen")
    per_release = centre.rulebook["centre.circulation_points"]
    taken = -pl.col("category").replace_strict(per_release, return_dtype=pl.Int64) * pl.col("true_times")
    shown = said.join(true, on="number")
    odd = shown.filter((pl.col("circulation_points") != taken) | (pl.col("amount_fen") != pl.col("true_fen")))
    yield rows(
        odd, "ranking", "S1-05", "number", "times", "账内流转次数、金额", pl.lit("流转扣减或金额与账不符")
    )
    given = said.join(centre.plan.placements.select("number", "receiver"), on="number", how="left")
    given = given.with_columns(
        last=pl.col("rank").filter(pl.col("receiver").is_not_null()).max().over("category")
    )
    passed = given.filter(pl.col("receiver").is_null() & (pl.col("rank") < pl.col("last")))
    yield rows(passed, "order", "S1-04", "number", "rank", "先排先分", pl.lit("名次在前而未分配"))


def _stock(centre: Centre) -> Iterator[Line]:
    """The month's statistics are the book's."""
    said = centre.table("stock").select("category", "customers", "worth_fen")
    sums = dict(centre.stock.group_by("category").agg(pl.col("amount_fen").sum()).iter_rows())
    for category, customers, worth in said.iter_rows():
        true = (centre.stock_counts[category], sums.get(category, 0))
        if (customers, worth) != true:
            yield category, str((customers, worth)), str(true), "月末存量与账不符"
