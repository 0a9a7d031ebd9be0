"""Who qualifies, who is named, which groups are near: the rules on people, read a second time for the checker.

In: a book, the rulebook, the plan's day. Out: frames for `match_world.World`. Never: code of `core.match`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book


def units_above(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """team_code, near: the first unit above each group that `match.near_levels` names, else its people's institution."""
    listed = book.books.institutions.select("institution_code", "parent_code", "level")
    parents = {code: (parent, level) for code, parent, level in listed.iter_rows()}
    grouped = book.books.people.filter(pl.col("team_code").is_not_null()).group_by("team_code")
    home = dict(grouped.agg(pl.col("institution_code").min()).iter_rows())
    levels = rulebook["match.near_levels"]
    found = {team: _unit_above(team, parents, levels) or home[team] for team in home}  # a few thousand groups
    return pl.DataFrame(
        {"team_code": list(found), "near": list(found.values())},
        schema={"team_code": pl.String, "near": pl.String},
    )


def _unit_above(team: str, parents: dict[str, tuple[str | None, str]], levels: list[str]) -> str | None:
    above: dict[str, str] = {}
    at: str | None = team
    seen: set[str] = set()
    while at is not None and at in parents and at not in seen:
        seen.add(at)
        parent, level = parents[at]
        above.setdefault(level, at)
        at = parent
    return next((above[level] for level in levels if level in above), None)


# --- who may receive (S4-07) ----------------------------------------------------------------------------------------


def qualified(staff: pl.DataFrame, facts: pl.DataFrame, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """Those of `staff` with a recruit and without a complaint in the window."""
    months = _months(as_of, rulebook["match.months"])
    recruits = _total(facts, "effective_recruits", months)
    enough = recruits.filter(pl.col("total") >= rulebook["match.recruits_min"])
    if rulebook["match.running_month_complaints"]:
        months = [*months, as_of.replace(day=1)]
    complaints = _total(facts, "valid_complaints", months)
    blamed = complaints.filter(pl.col("total") > rulebook["match.complaints_max"])
    return staff.join(enough, on="staff_number", how="semi").join(blamed, on="staff_number", how="anti")


def quota(facts: pl.DataFrame, rulebook: Rulebook, as_of: date, most: int) -> pl.Expr:
    """What one plan may give a person by class, never more than `most`."""
    made = _total(facts, "productivity", _months(as_of, 1)).filter(
        pl.col("total") >= rulebook["match.best_min_fen"]
    )
    best = pl.col("staff_number").is_in(made["staff_number"].implode())
    limits = [int(rulebook[f"match.{name}_quota"]) or most for name in ("best", "other")]
    chosen = pl.when(best).then(pl.lit(limits[0], pl.Int64)).otherwise(pl.lit(limits[1], pl.Int64))
    return pl.min_horizontal(chosen, pl.lit(most, pl.Int64))


def reached(starts: list[int], as_of: date) -> pl.Expr:
    """How many of the later months in post a person has reached."""
    level = pl.lit(0, pl.Int64)
    for months in starts[1:]:
        level = level + (pl.col("hired_date").dt.offset_by(f"{months}mo") <= as_of).fill_null(False).cast(
            pl.Int64
        )
    return level


def _months(as_of: date, back: int) -> list[date]:
    """First days of the `back` months before the plan's month."""
    start = as_of.year * 12 + as_of.month - 1
    return [date(m // 12, m % 12 + 1, 1) for m in range(start - back, start)]


def _total(facts: pl.DataFrame, key: str, months: list[date]) -> pl.DataFrame:
    found = facts.filter((pl.col("key") == key) & pl.col("month").is_in(months))
    last = (
        found.group_by("subject", "month", maintain_order=True).last().filter(pl.col("value").is_not_null())
    )
    return last.group_by(staff_number="subject").agg(total=pl.col("value").sum())


# --- who is named (S4-06, S4-08) ------------------------------------------------------------------------------------


def of_the_leaver(customers: pl.DataFrame, book: Book, agents: pl.DataFrame) -> pl.DataFrame:
    """holder_number, rank, staff_number, ground: the leaver's recruiter, then the heads of the group."""
    everyone = book.books.people.select(
        "staff_number", "recruiter_number", "team_code", leads=pl.col("supervisor").fill_null(False)
    )
    mine = customers.filter(~pl.col("non_pure")).select("holder_number", staff_number="seller")
    mine = mine.join(everyone, on="staff_number")
    recruiter = mine.filter(pl.col("recruiter_number").is_not_null()).select(
        "holder_number",
        rank=pl.lit(1, pl.Int64),
        staff_number="recruiter_number",
        ground=pl.when("leads").then(pl.lit("developer")).otherwise(pl.lit("recruiter")),
    )
    heads = agents.filter(pl.col("supervisor")).select("team_code", head="staff_number")
    head = (
        mine.filter(~pl.col("leads"))
        .join(heads, on="team_code")
        .filter(pl.col("head") != pl.col("staff_number"))
    )
    head = head.select(
        "holder_number",
        rank=1 + pl.col("head").rank("ordinal").over("holder_number").cast(pl.Int64),
        staff_number="head",
        ground=pl.lit("group_supervisor"),
    )
    return pl.concat([recruiter, head])


def sellers(
    customers: pl.DataFrame, book: Book, agents: pl.DataFrame, rulebook: Rulebook, as_of: date
) -> pl.DataFrame:
    """The same of agents in post who sold the holder a main policy: those of the year, and one earlier."""
    here = agents.select(agent_number="staff_number")
    orphan = book.classified.filter(pl.col("orphan")).select("policy_number")
    sold = book.books.policies.filter((pl.col("kind") == "main") & (pl.col("inception_date") <= as_of))
    sold = sold.join(customers.filter("non_pure").select("holder_number"), on="holder_number")
    sold = sold.join(here, on="agent_number").join(orphan, on="policy_number", how="anti")
    last = sold.group_by("holder_number", staff_number="agent_number").agg(day=pl.col("inception_date").max())
    last = last.sort("day", "staff_number", descending=[True, False])
    edge = pl.lit(as_of).dt.offset_by(f"-{rulebook['match.seller_months']}mo")
    last = last.with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("holder_number"), recent=pl.col("day") >= edge
    )
    chain = last.filter(pl.col("rank") <= pl.col("recent").sum().over("holder_number") + 1)
    ground = pl.when("recent").then(pl.lit("year_seller")).otherwise(pl.lit("latest_seller"))
    return chain.select("holder_number", "rank", "staff_number", ground=ground)
