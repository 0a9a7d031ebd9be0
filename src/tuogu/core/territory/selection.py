"""Who is planned, and by whom: the planned policies, the managers, and the reason of everything left aside.

In: a Book, the rulebook, the as-of date. Out: planned policies with their months, managers in post,
UNPLACED rows. Never: a live orphan main policy in neither table or in both; a manager who has left; a guess
about a missing address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.dues import due_months
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, MONTH_COLUMNS, UNPLACED, Book, conform

BUFFER = "buffer"
_DETAILS = {  # order = which reason is named first
    "problem": "问题件：销售人员有违规，转调查，由保全组保管",
    "hard": "困难件：联系不上或有未了结投诉，由保全组专员跟进",
    "difficult": "疑难件：多种方式均联系不上，由保全组保管",
    "lapsed": "保单已失效，由保全组跟进复效",
    "not_regular": "非期交保单，不参与区域划分",
    "no_address_code": "地址未编码到社区，待人工编码后再分配",
    "paid_up": "今后一年没有应收，不参与区域划分",
}


@dataclass(frozen=True)
class Selection:
    """`planned`: policy_number, holder_number, community_code, inception_date, m01..m12, sorted by policy
    number. `unplaced`: UNPLACED. `managers`: rows of PEOPLE in post whose series is planned, sorted by
    staff number.
    """

    planned: pl.DataFrame
    unplaced: pl.DataFrame
    managers: pl.DataFrame


def select(book: Book, rulebook: Rulebook, as_of: date) -> Selection:
    """Divide the live orphan main policies into planned and left aside."""
    orphans = _orphans(book, rulebook)
    planned = (pl.col("route") == "territory") & pl.col("community_code").is_not_null()
    chosen = orphans.filter(planned.fill_null(False))
    dues = due_months(chosen, as_of)
    frame = chosen.join(dues, on="policy_number", maintain_order="left")
    columns = ("policy_number", "holder_number", "community_code", "inception_date", *MONTH_COLUMNS)
    return Selection(
        frame.select(columns),
        _left_aside(orphans.filter(~planned.fill_null(False))),
        managers(book, rulebook, as_of),
    )


def managers(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """People in post on `as_of` of the planned series; a supervisor who holds a territory counts as one."""
    people = book.books.people
    in_post = pl.col("left_date").is_null() | (pl.col("left_date") > as_of)
    return people.filter(pl.col("series").is_in(rulebook["territory.planned_series"]) & in_post).sort(
        "staff_number"
    )


def _orphans(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    policies = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    classes = book.classified.filter(pl.col("orphan")).select(
        "policy_number", "nature", "service_class", "route"
    )
    frame = policies.join(classes, on="policy_number").sort("policy_number")
    places = policy_communities(frame, book.located, rulebook["territory.address_basis"])
    return frame.join(places, on="policy_number", maintain_order="left")


def _left_aside(orphans: pl.DataFrame) -> pl.DataFrame:
    reasons = {
        "problem": pl.col("nature") == "problem",
        "hard": pl.col("nature") == "hard",
        "difficult": pl.col("service_class") == "difficult",
        "lapsed": pl.col("state") == "lapsed",
        "not_regular": pl.col("premium_mode") != "regular",
        "no_address_code": pl.col("community_code").is_null(),
    }
    reason = pl.coalesce(
        *(pl.when(test).then(pl.lit(name)) for name, test in reasons.items()), pl.lit("paid_up")
    )
    return unplaced_rows(orphans.select("policy_number", reason=reason))


def unplaced_rows(frame: pl.DataFrame, details: dict[str, str] = _DETAILS) -> pl.DataFrame:
    """UNPLACED from policy_number and reason, all with the buffer group as custodian."""
    detail = pl.col("reason").replace_strict(details, return_dtype=pl.String)
    return conform(
        frame.with_columns(detail=detail, custodian=pl.lit(BUFFER)).sort("policy_number"), UNPLACED
    )
