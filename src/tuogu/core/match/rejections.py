"""Why this receiver and not an earlier one: every candidate that the rules name, with verdict and reason (S4-09, N-03).

In: matched policies, placed customers, the eligibility frame, named receivers. Out: CANDIDATES, UNPLACED. Never: a policy
that left its group, or that nobody takes, without the reason of each named receiver; a person's data but the staff number.

Listed are the named receivers down to the chosen one; where the customer left the own group or stays with nobody, the
group's people too (best first, up to `match.candidates_shown`; the table of eligibility has everybody); and the chosen one.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.match.eligibility import OK
from tuogu.core.match.field import Agents
from tuogu.core.match.placing import AWAY, NAMED, NEAR, NOBODY, OWN
from tuogu.core.match.receivers import GROUND_WORDS
from tuogu.core.presence import away_on
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import CANDIDATES, UNPLACED, Book, conform

_GROUP_FIRST, _CHOSEN_LAST = 10_000, 1_000_000  # places in a list: after the named ones, after everybody
_TIER_WORDS = {
    OWN: "回归原营业组{}，组内按上月产能排序分配",
    NEAR: "原营业组没有余量，由同区{}组的富余承接",
    AWAY: "原营业组与同区各组没有余量，由{}组的富余承接",
}


def candidates(
    outcome: pl.DataFrame, named: pl.DataFrame, judged: pl.DataFrame, agents: Agents, book: Book, rulebook: Rulebook,
    as_of: date,
) -> pl.DataFrame:  # fmt: skip
    """CANDIDATES in handling order. `outcome`: one row a policy (see there); `judged`: the eligibility frame."""
    customers = outcome.unique("row", keep="first", maintain_order=True)
    parts = [
        _by_name(customers, named, judged, book, as_of),
        _own_group(customers, judged, agents, rulebook["match.candidates_shown"]),
        _chosen(customers),
    ]
    listed = pl.concat(parts).sort("row", "order", "staff_number")
    listed = listed.unique(["row", "staff_number"], keep="first", maintain_order=True)
    listed = listed.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("row"))
    rows = outcome.select("row", "policy_number").join(listed, on="row", maintain_order="left_right")
    rows = rows.with_columns(unit_code=pl.lit(None, pl.String), cost_m=pl.lit(0, pl.Int64))
    return conform(rows.select(*CANDIDATES), CANDIDATES)


def _by_name(
    customers: pl.DataFrame, named: pl.DataFrame, judged: pl.DataFrame, book: Book, as_of: date
) -> pl.DataFrame:
    """Named receivers before the chosen one, and the chosen one."""
    word = pl.col("ground").replace_strict(GROUND_WORDS, return_dtype=pl.String)
    taken = (pl.col("tier") == NAMED) & (pl.col("rank") == pl.col("rank_taken"))
    frame = (
        named.join(customers.select("row", "tier", "pieces", rank_taken="rank"), on="row")
        .filter((pl.col("tier") != NAMED) | (pl.col("rank") <= pl.col("rank_taken")))
        .join(judged.select("staff_number", "verdict", "reason"), on="staff_number", how="left")
        .join(_strangers(book, as_of), on="staff_number", how="left")
    )
    short = pl.format("合格，但轮到时余量不足{}件", "pieces")
    return frame.select(
        "row",
        "staff_number",
        order=pl.col("rank"),
        verdict=pl.when(taken)
        .then(pl.lit("chosen"))
        .when(pl.col("verdict") == OK)
        .then(pl.lit("full"))
        .otherwise(pl.coalesce("verdict", "stranger", pl.lit("unknown_person"))),
        detail=pl.format(
            "{}：{}",
            word,
            pl.when(~taken & (pl.col("verdict") == OK))
            .then(short)
            .otherwise(pl.coalesce("reason", "said", pl.lit("不在人员名册中"))),
        ),
    )


def _strangers(book: Book, as_of: date) -> pl.DataFrame:
    """staff_number, stranger, said: why a person who is not judged cannot receive at all."""
    left = pl.col("left_date").is_not_null() & (pl.col("left_date") <= as_of)
    gone = pl.col("staff_number").is_in(away_on(book, as_of)["staff_number"].implode())
    return book.books.people.select(
        "staff_number",
        stranger=pl.when(left)
        .then(pl.lit("not_in_post"))
        .when(gone)
        .then(pl.lit("away"))
        .otherwise(pl.lit("other_series")),
        said=pl.when(left)
        .then(pl.format("已于{}离司", pl.col("left_date").dt.to_string("%Y-%m-%d")))
        .when(gone)
        .then(pl.lit("方案日不在岗"))
        .otherwise(pl.lit("不属于可接收的人员系列")),
    )


def _own_group(customers: pl.DataFrame, judged: pl.DataFrame, agents: Agents, shown: int) -> pl.DataFrame:
    """The own group's people for customers who left it or stay with nobody: qualified ones in dealing order first."""
    away = customers.filter(pl.col("tier").is_in([NEAR, AWAY, NOBODY]) & pl.col("team_code").is_not_null())
    order = agents.frame.select("staff_number", "agent")
    group = judged.join(order, on="staff_number", how="left").sort(
        "team_code", "agent", "staff_number", nulls_last=True
    )
    group = group.with_columns(order=_GROUP_FIRST + pl.int_range(pl.len(), dtype=pl.Int64).over("team_code"))
    group = group.filter(pl.col("order") < _GROUP_FIRST + shown).select(
        "team_code", "staff_number", "verdict", "reason", "order"
    )
    qualified = pl.col("verdict") == OK
    return away.join(group, on="team_code").select(
        "row",
        "staff_number",
        "order",
        verdict=pl.when(qualified).then(pl.lit("full")).otherwise("verdict"),
        detail=pl.format(
            "原营业组：{}",
            pl.when(qualified).then(pl.format("合格，但轮到时余量不足{}件", "pieces")).otherwise("reason"),
        ),
    )


def _chosen(customers: pl.DataFrame) -> pl.DataFrame:
    """Who got the customer through the group (named ones are listed by name)."""
    dealt = customers.filter(pl.col("tier").is_in(list(_TIER_WORDS)))
    said = pl.coalesce(
        *(
            pl.when(pl.col("tier") == tier).then(pl.format(words, "receiver_team"))
            for tier, words in _TIER_WORDS.items()
        )
    )
    return dealt.select(
        "row",
        staff_number="receiver",
        order=pl.lit(_CHOSEN_LAST, pl.Int64),
        verdict=pl.lit("chosen"),
        detail=said,
    )


def unplaced(
    outcome: pl.DataFrame, named: pl.DataFrame, judged: pl.DataFrame, rulebook: Rulebook, *, reach: bool
) -> pl.DataFrame:
    """UNPLACED for customers whom nobody takes, with the counts behind it."""
    asked = named.group_by("row").agg(asked=pl.len())
    group = judged.group_by("team_code").agg(members=pl.len(), qualified=(pl.col("verdict") == OK).sum())
    left = outcome.filter(pl.col("tier") == NOBODY)
    frame = left.join(asked, on="row", how="left").join(group, on="team_code", how="left")
    frame = frame.with_columns(pl.col("asked", "members", "qualified").fill_null(0))
    others = "他组也没有人容得下" if reach else "按选项不转给他组"
    by_name = pl.when(pl.col("asked") > 0).then(pl.format("指定接收人{}位都不能接收", "asked"))
    own = pl.format("原营业组{}在岗{}人、合格{}人，余量不足", "team_code", "members", "qualified")
    detail = pl.format(
        f"{{}}；{{}}；该客户共{{}}件，{others}",
        by_name.otherwise(pl.lit("没有指定接收人")),
        pl.when(pl.col("team_code").is_null()).then(pl.lit("原营业组不详")).otherwise(own),
        "pieces",
    )
    rows = frame.select(
        "policy_number",
        reason=pl.lit("no_receiver"),
        detail=detail,
        custodian=pl.lit(rulebook["match.custodian"]),
    )
    return conform(rows, UNPLACED)
