"""A campaign plan under examination: screening, own agents, areas, quotas, waves (S2-01…S2-08).

In: Plan, Book, Rulebook. Out: frames of VIOLATIONS. Never: an import from `core.campaign`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.campaign_book import Breach, CampaignBook, breaches, largest_remainder_breaches
from tuogu.core.checks.case import rows
from tuogu.core.labels import CAMPAIGN_AREAS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

_PREFIX = "department:"


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Everything that a campaign plan may get wrong."""
    case = CampaignBook(plan, book, rulebook)
    records = screened(case)
    yield from placed.conservation(plan, records["number"], "S2-01")
    yield from placed.reasons(plan, "S2-01")
    yield from placed.bound(plan)
    free = records.filter(pl.col("developer").is_null() & ~pl.col("number").is_in(case.refused))
    weights = _weights(case)
    yield from _destinations(case, records, weights)
    orphans = free.filter(~pl.col("in_post"))
    yield breaches(_quotas(case, orphans, weights))
    yield breaches(_waves(case))
    yield breaches(_tables(case, records, weights))
    yield from _order(plan, records)


def screened(case: CampaignBook) -> pl.DataFrame:
    """number, area, in_post, agent_number, premium_fen, developer of every record (S2-01, S2-02)."""
    ever = case.mains.group_by("person").agg(
        bought=pl.len(),
        number=pl.col("holder_number").min(),
        protected=pl.col("protection").first(),
        agent_number=pl.col("agent_number").first(),
        source=pl.col("source").first(),
        institution_code=pl.col("institution_code").first(),
        premium_fen=pl.col("premium_fen").first().fill_null(0),
    )
    only = ever.filter(
        (pl.col("bought") == case.rulebook["campaign.policies_ever"]) & pl.col("protected").eq_missing(False)
    )
    only = case.areas_of(only.with_columns(holder_number="number"))
    in_post = pl.col("agent_number").is_in(sorted(case.serving)) & pl.col("source").is_null()
    developers = case.held.filter(pl.col("receiver") != "buffer").select(
        person=case.person("number"), developer="receiver"
    )
    developers = developers.group_by("person").agg(pl.col("developer").min())
    return only.with_columns(in_post=in_post.fill_null(False)).join(developers, on="person", how="left")


def _weights(case: CampaignBook) -> dict[str, int]:
    """Last year's premium by department, only what is above zero (S2-05)."""
    option = dict(case.plan.options).get("premium_year")
    year = int(option) if option else case.plan.as_of.year - 1
    filed = case.filed("premium", date(year, 1, 1), date(year, 12, 1))
    fen: Counter[str] = Counter({c: v for c, v in filed.items() if c in case.departments})
    if not fen:
        policies = case.book.books.policies.filter(pl.col("inception_date").dt.year() == year)
        sums = policies.group_by("agent_number", "institution_code").agg(pl.col("premium_fen").sum())
        for agent, institution, premium in sums.iter_rows():
            code = case.staff_department.get(agent) or case.department_of(institution)
            if code is not None:
                fen[code] += premium
    return {code: premium for code, premium in sorted(fen.items()) if premium > 0}


def _destinations(
    case: CampaignBook, records: pl.DataFrame, weights: dict[str, int]
) -> Iterator[pl.DataFrame]:
    """Whom each record may go to."""
    known = case.plan.placements.join(records, on="number")
    taken = known.filter(pl.col("developer").is_not_null())
    yield rows(
        taken, "already_held", "S2-07", "number", "receiver", "未被持有", pl.lit("该客户的开拓权已有人持有")
    )
    own = pl.col("in_post") & (
        pl.col("receiver").ne_missing(pl.col("agent_number")) | (pl.col("instalment") != 1)
    )
    yield rows(
        known.filter(own),
        "own_agent",
        "S2-03",
        "number",
        "receiver",
        "原销售人员",
        pl.lit("在职人员的客户未交回本人"),
    )
    areas = {f"{_PREFIX}{code}": case.departments[code] for code in weights}
    given = known.filter(~pl.col("in_post")).with_columns(
        there=pl.col("receiver").replace_strict(areas or {"": None}, default=None, return_dtype=pl.String)
    )
    crossing = given.filter(pl.col("there").ne_missing(pl.col("area")) | pl.col("there").is_null())
    yield rows(
        crossing, "area", "S2-04", "number", "receiver", "本区域部门", pl.lit("孤儿客户未分给本区域的部门")
    )
    kept = case.plan.unplaced.filter(~pl.col("policy_number").is_in(case.refused))
    kept = kept.join(records, left_on="policy_number", right_on="number")
    waits = pl.col("in_post") & pl.col("agent_number").is_in(
        sorted(case.away)
    )  # P-06: until the agent is back
    early = kept.filter((pl.col("reason") == "receiver_away") & ~waits)
    yield rows(early, "away", "P-06", "policy_number", "reason", "交回", pl.lit("原销售人员在岗，却未交回"))
    kept = kept.filter(~waits)
    served = [a for a in CAMPAIGN_AREAS if any(case.departments[code] == a for code in weights)]
    mute = kept.filter(pl.col("developer").is_null() & pl.col("in_post"))
    yield rows(mute, "own_agent", "S2-03", "policy_number", "reason", "交回", pl.lit("在职人员的客户未分配"))
    if case.rulebook["campaign.quota_rule"] != "as_printed":
        lost = kept.filter(pl.col("developer").is_null() & pl.col("area").is_in(served))
        yield rows(
            lost, "left_over", "S2-06", "policy_number", "reason", "分配", pl.lit("本区域有部门而未分配")
        )


def _quotas(case: CampaignBook, orphans: pl.DataFrame, weights: dict[str, int]) -> Iterator[Breach]:
    """Counts of each department against its share (S2-05, S2-06)."""
    placed_at = case.placed_counts("receiver")
    for area in CAMPAIGN_AREAS:
        here = {code: fen for code, fen in weights.items() if case.departments[code] == area}
        if not here:
            continue
        total = len(orphans.filter(pl.col("area") == area))
        counts = {code: placed_at.get((f"{_PREFIX}{code}",), 0) for code in here}
        if case.rulebook["campaign.quota_rule"] != "as_printed":
            yield from largest_remainder_breaches(counts, here, total, "S2-05")
            continue
        whole = sum(here.values())
        for code, count in counts.items():
            printed = (2 * total * here[code] + whole) // (2 * whole)
            if count != printed:
                yield ("quota", "S2-06", code, str(count), str(printed), "不等于四舍五入的件数")


def _waves(case: CampaignBook) -> Iterator[Breach]:
    """The first wave is its share of the quota, the second the rest (S2-08, A-19)."""
    first, second = case.rulebook["campaign.wave_shares"]
    whole = first + second
    by_wave = case.placed_counts("receiver", "instalment")
    for (receiver,), quota in sorted(case.placed_counts("receiver").items(), key=str):
        if not str(receiver).startswith(_PREFIX):
            continue
        out = by_wave.get((receiver, 1), 0)
        rest = by_wave.get((receiver, 2), 0)
        if case.rulebook["campaign.wave_rounding"] == "half_up":
            fits = out == (2 * quota * first + whole) // (2 * whole)
        else:
            fits = abs(out * whole - quota * first) < whole
        if not fits or out + rest != quota:
            yield (
                "wave",
                "S2-08",
                str(receiver),
                f"{out}+{rest}",
                f"{quota} × {first}/{whole}",
                "两批之和或第一批件数不对",
            )


def _tables(case: CampaignBook, records: pl.DataFrame, weights: dict[str, int]) -> Iterator[Breach]:
    """What the tables say is what the placements and the book say (S2-02, S2-05)."""
    shares, split = case.plan.tables["shares"], case.plan.tables["split"]
    by_wave = case.placed_counts("receiver", "instalment")
    for row in shares.iter_rows(named=True):
        receiver = row["department"]
        said = (row["premium_fen"], row["quota"], row["wave_1"], row["wave_2"])
        one, two = by_wave.get((receiver, 1), 0), by_wave.get((receiver, 2), 0)
        true = (weights.get(receiver.removeprefix(_PREFIX)), one + two, one, two)
        if said != true:
            yield ("shares", "S2-05", receiver, str(said), str(true), "配额表与分配不符")
    sides = {"在职": True, "孤儿": False}
    words = {word: area for area, word in CAMPAIGN_AREAS.items()}
    counted = records.group_by("in_post", "area").agg(n=pl.len(), fen=pl.col("premium_fen").sum())
    true_split = {(side, area): (n, fen) for side, area, n, fen in counted.iter_rows()}
    said_split = {
        (sides[row["side"]], words.get(row["area"])): (row["customers"], row["premium_fen"])
        for row in split.iter_rows(named=True)
    }
    for key in sorted(true_split.keys() | said_split.keys(), key=str):
        if true_split.get(key) != said_split.get(key):
            yield (
                "split",
                "S2-02",
                str(key),
                str(said_split.get(key)),
                str(true_split.get(key)),
                "分列表与名单不符",
            )


def _order(plan: Plan, records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Places run 1..n in each receiver's list, first wave first, most valuable first."""
    known = plan.placements.join(records.select("number", "premium_fen"), on="number").sort(
        "receiver", "place"
    )
    turn = pl.int_range(1, pl.len() + 1).over("receiver")
    before = pl.col("instalment").shift(1).over("receiver"), pl.col("premium_fen").shift(1).over("receiver")
    risen = (before[0] == pl.col("instalment")) & (before[1] < pl.col("premium_fen"))
    odd = known.filter((pl.col("place") != turn) | (before[0] > pl.col("instalment")) | risen)
    yield rows(odd, "place", "S2-08", "number", "place", "次序", pl.lit("名单次序不是先批次、后价值"))
