"""The named receivers of a customer, in the order of the rules (S4-06, S4-08).

In: the customers, a book, the as-of date. Out: NAMED rows: customer row, rank, staff number, ground. Never: two rows of one
person for one customer, somebody who merely belongs to the group.

Which rule applies is a matter of fact, not of the order of handling (our reading of A-51): a holder who has a main policy
with an agent in post (`non_pure`) has the agents who sold one; everybody else has the leaver's people. Where a holder's
orphans come from several leavers, the best-ranked policy's leaver counts.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.match.eligibility import in_post
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Schema

RECRUITER, SUPERVISOR, DEVELOPER = "recruiter", "group_supervisor", "developer"
YEAR_SELLER, LATEST_SELLER = "year_seller", "latest_seller"
GROUND_WORDS = {
    RECRUITER: "直接增员者",
    SUPERVISOR: "直辖组主管",
    DEVELOPER: "直接培育者",
    YEAR_SELLER: "最近一年内签订主险的在职营销员",
    LATEST_SELLER: "最近一位签订主险的在职营销员",
}
NAMED: Schema = {"row": pl.Int64, "rank": pl.Int64, "staff_number": pl.String, "ground": pl.String}


def named_receivers(customers: pl.DataFrame, book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """NAMED, by row and rank; ranks are 1, 2, …"""
    found = pl.concat(
        [
            _of_leaver(customers.filter(~pl.col("non_pure")), book, rulebook, as_of),
            _sellers(customers.filter("non_pure"), book, rulebook, as_of),
        ]
    )
    once = found.sort("row", "rank").unique(["row", "staff_number"], keep="first", maintain_order=True)
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("row")
    return once.with_columns(rank=rank).select(*NAMED)


def _of_leaver(customers: pl.DataFrame, book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """S4-06. Business series: direct recruiter, then the supervisor of the group; supervisor series: direct developer,
    who stands in the recruiter's column."""
    people = book.books.people.select("staff_number", "supervisor", "recruiter_number", "team_code")
    leavers = customers.select("row", staff_number="agent_number").join(people, on="staff_number")
    led = pl.col("supervisor").fill_null(False)
    first = leavers.filter(pl.col("recruiter_number").is_not_null()).select(
        "row",
        rank=pl.lit(1, pl.Int64),
        staff_number="recruiter_number",
        ground=pl.when(led).then(pl.lit(DEVELOPER)).otherwise(pl.lit(RECRUITER)),
    )
    heads = in_post(book, as_of, rulebook["match.series"]).filter(pl.col("supervisor").fill_null(False))
    second = (
        leavers.filter(~led)
        .join(heads.select("team_code", head="staff_number"), on="team_code")
        .filter(pl.col("head") != pl.col("staff_number"))
        .sort("row", "head")
        .select(
            "row",
            rank=1 + pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("row"),
            staff_number="head",
            ground=pl.lit(SUPERVISOR),
        )
    )
    return pl.concat([first, second])


def _sellers(customers: pl.DataFrame, book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """S4-08: agents in post who signed a main policy with the holder within the year, latest first; then the latest of the
    earlier ones. Equal dates: staff number, as the rule's check says. The holder's orphans themselves are no sale of his.
    """
    orphans = book.classified.filter("orphan").select("policy_number")
    signed = (
        book.books.policies.filter((pl.col("kind") == "main") & (pl.col("inception_date") <= as_of))
        .join(customers.select("row", "holder_number"), on="holder_number")
        .join(orphans, on="policy_number", how="anti")
        .join(
            in_post(book, as_of, rulebook["match.series"]).select("staff_number"),
            left_on="agent_number",
            right_on="staff_number",
            how="semi",
        )
        .group_by("row", staff_number="agent_number")
        .agg(signed=pl.col("inception_date").max())
    )
    edge = pl.lit(as_of).dt.offset_by(f"-{rulebook['match.seller_months']}mo")
    ranked = signed.with_columns(recent=pl.col("signed") >= edge).sort(
        "row", "signed", "staff_number", descending=[False, True, False]
    )
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("row"))
    first_old = (~pl.col("recent")) & (pl.col("recent").not_().cum_sum().over("row") == 1)
    ground = pl.when("recent").then(pl.lit(YEAR_SELLER)).otherwise(pl.lit(LATEST_SELLER))
    return ranked.filter(pl.col("recent") | first_old).select("row", "rank", "staff_number", ground=ground)
