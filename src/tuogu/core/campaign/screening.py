"""Customers who have ever bought exactly one policy, and that one no protection (S2-01).

In: a book, the rulebook, the as-of date. Out: `Screening`: the records of the campaign, the funnel, the duplicates.
Never: a rider counted as a policy; a policy left out because it has ended; a policy under which one is merely insured.

A person with several customer numbers (A-41) is one customer: all his policies count together, the number under which
the one policy stands is the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.campaign.identities import as_person, shared_identities
from tuogu.core.campaign.regions import area_of, districts_of_institutions
from tuogu.core.classify import in_post
from tuogu.core.offering import refused
from tuogu.core.proposal import Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book


@dataclass(frozen=True)
class Screening:
    """`records`: number, policy_number, premium_fen, agent_number, in_post, district_code, area, holder (who develops
    the customer already; null = nobody), refused (L-03), by number. `funnel`: (step, customers left). `duplicates`: see
    `identities`.
    """

    records: pl.DataFrame
    funnel: tuple[tuple[str, int], ...]
    duplicates: pl.DataFrame


def screen(request: Request) -> Screening:
    """The funnel from all policyholders down to the records of the campaign."""
    book, rulebook = request.book, request.rulebook
    duplicates = shared_identities(book.books.customers)
    mains = book.books.policies.filter((pl.col("kind") == "main") & pl.col("holder_number").is_not_null())
    mains = mains.with_columns(person=as_person(pl.col("holder_number"), duplicates))
    single = mains.filter(pl.len().over("person") == rulebook["campaign.policies_ever"])  # S2-01
    other = single.filter(~pl.col("protection").fill_null(True))
    records = _described(other, book, rulebook, request.as_of, duplicates)
    holders = mains["holder_number"].n_unique()
    funnel = (
        ("曾购买主险的投保人（客户号）", holders),
        ("重复身份合并后的客户", mains["person"].n_unique()),
        ("至今只买过一份主险的客户", single["person"].n_unique()),
        ("其中非保障性产品", len(other)),
        ("其中尚无开拓责任人", records["holder"].null_count()),
        *_offered(records),
    )
    return Screening(records, funnel, duplicates)


def _offered(records: pl.DataFrame) -> list[tuple[str, int]]:
    """The last steps of the funnel: who said no, and where the others go."""
    free = records.filter(pl.col("holder").is_null())
    willing = free.filter(~pl.col("refused"))
    said_no = [("其中没有拒绝营销的", len(willing))] if len(willing) < len(free) else []
    return [
        *said_no,
        ("其中销售人员在职，交回原销售人员", len(willing.filter("in_post"))),
        ("其中孤儿客户，按区域分配", len(willing.filter(~pl.col("in_post")))),
    ]


def _described(
    mains: pl.DataFrame, book: Book, rulebook: Rulebook, as_of: date, duplicates: pl.DataFrame
) -> pl.DataFrame:
    """The records with everything that decides where they go."""
    regions = districts_of_institutions(book).rename({"district_code": "managed_in"})
    lives = book.located.select(holder_number="key", lives_in=pl.col("community_code").str.head(6))
    serving = in_post(book.books.people, as_of)["staff_number"]
    district = pl.coalesce("lives_in", "managed_in")
    frame = mains.join(lives, on="holder_number", how="left").join(regions, on="institution_code", how="left")
    # S2-02: a policy that the branch has registered as moved to after-sales is no longer its agent's
    served = pl.col("agent_number").is_in(serving.implode()).fill_null(False) & pl.col("source").is_null()
    frame = frame.select(
        "person",
        "policy_number",
        "agent_number",
        number="holder_number",
        premium_fen=pl.col("premium_fen").fill_null(0),
        in_post=served,
        district_code=district,
        area=area_of(district, rulebook),
    ).with_columns(refused=refused(book))
    return frame.join(_developers(book, duplicates), on="person", how="left").drop("person").sort("number")


def _developers(book: Book, duplicates: pl.DataFrame) -> pl.DataFrame:
    """person, holder: who may develop the customer already (S2-07, S2-09), under whichever of his numbers."""
    held = book.held.filter((pl.col("kind") == "customer") & (pl.col("relation") == "development"))
    held = held.filter(pl.col("receiver") != "buffer")
    held = held.with_columns(person=as_person(pl.col("number"), duplicates)).sort("person", "number")
    return held.group_by("person", maintain_order=True).agg(holder=pl.col("receiver").first())
