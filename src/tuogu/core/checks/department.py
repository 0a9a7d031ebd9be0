"""A department's sub-allocation under examination: best people only, no more than the pool, nobody's customer (S2-07).

In: Plan, Book, Rulebook. Out: frames of VIOLATIONS. Never: an import from `core.campaign`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.campaign_book import Breach, CampaignBook, breaches, largest_remainder_breaches
from tuogu.core.checks.case import rows
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

_PREFIX = "department:"
_WHOLE = 10_000  # hundredths of a percent in a whole: a unit


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Everything that a sub-allocation may get wrong."""
    case = CampaignBook(plan, book, rulebook)
    everything = _stock(case)
    yield from placed.conservation(plan, pl.concat([part["number"] for part in everything]), "S2-07")
    pooled, owned = (part.filter(~pl.col("number").is_in(case.refused)) for part in everything)
    yield from placed.reasons(plan, "S2-07")
    yield from placed.bound(plan)
    fought = plan.placements.join(owned, on="number", how="semi")
    yield rows(
        fought, "already_held", "S2-07", "number", "receiver", "无人持有", pl.lit("客户已有持有人，不得争抢")
    )
    moved = plan.placements.join(pooled, on="number")
    own = pl.col("receiver").replace_strict(
        case.staff_department or {"": ""}, default=None, return_dtype=pl.String
    )
    crossed = moved.filter(own.ne_missing(pl.col("department")))
    yield rows(
        crossed, "department", "S2-07", "number", "receiver", "本部门人员", pl.lit("分给了别的部门的人")
    )
    yield breaches(_people(case, moved, pooled))
    yield breaches(_idle(case, pooled, owned))


def _stock(case: CampaignBook) -> tuple[pl.DataFrame, pl.DataFrame]:
    """number, department, receiver_now, since: in pools of the asked departments; with their people."""
    asked = dict(case.plan.options)["department"]
    known = {r: case.department_of_receiver(r) for r in case.held["receiver"].unique()}
    department = pl.col("receiver").replace_strict(known or {"": None}, default=None, return_dtype=pl.String)
    held = case.held.with_columns(department=department).filter(pl.col("department").is_not_null())
    if asked:
        held = held.filter(pl.col("department") == asked)
    pool = pl.col("receiver").str.starts_with(_PREFIX)
    sold = case.mains.select(number="holder_number", receiver="agent_number").unique()
    owned = held.filter(~pool).join(sold, on=["number", "receiver"], how="anti")
    renamed = {"receiver": "receiver_now"}
    return held.filter(pool).rename(renamed), owned.rename(renamed)


def _people(case: CampaignBook, moved: pl.DataFrame, pooled: pl.DataFrame) -> Iterator[Breach]:
    """Receivers are the top of their department; counts follow the weights."""
    rulebook = case.rulebook
    figures = _figures(case)
    said = case.plan.tables["best_people"]
    counts = dict(moved.group_by("receiver").agg(n=pl.len()).iter_rows())
    stock = Counter(pooled["department"].to_list())
    for department in sorted({code for code, _staff in figures}):
        mine = {staff: fen for (d, staff), fen in figures.items() if d == department}
        room = rulebook["campaign.best_count"] or -(-len(mine) * rulebook["campaign.best_share_bp"] // _WHOLE)
        shown = said.filter(pl.col("department") == f"{_PREFIX}{department}")
        chosen = set(shown.filter("chosen")["staff_number"])
        able = [staff for staff, fen in mine.items() if fen > 0]
        if len(chosen) != min(room, len(able)) or not chosen <= set(able):
            yield (
                "best_people",
                "S2-07",
                department,
                str(len(chosen)),
                str(min(room, len(able))),
                "业务精英人数或资格不对",
            )
        left_out = [mine[staff] for staff in able if staff not in chosen]
        if chosen and left_out and max(left_out) > min(mine.get(staff, 0) for staff in chosen):
            yield (
                "best_people",
                "S2-07",
                department,
                str(max(left_out)),
                "入选者产能",
                "产能更高的人没有入选",
            )
        given = {staff: counts.get(staff, 0) for staff in mine if staff in chosen or staff in counts}
        if not chosen or not stock[department]:
            continue
        equal = rulebook["campaign.best_weights"] == "equal"
        weights = {staff: 1 if equal else mine[staff] for staff in sorted(chosen & mine.keys())}
        yield from largest_remainder_breaches(given, weights, stock[department], "S2-07")
    for receiver in sorted(counts.keys() - {staff for _, staff in figures}):
        yield ("receiver", "S2-07", receiver, str(counts[receiver]), "0", "接收人不在职或没有产能记录")


def _figures(case: CampaignBook) -> dict[tuple[str, str], int]:
    """(department, staff number) → productivity of the month before, of people in post."""
    day = case.plan.as_of
    month = date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)
    asked = dict(case.plan.options)["department"]
    filed = case.book.facts.filter((pl.col("key") == "productivity") & (pl.col("month") == month))
    latest = dict(filed.select("subject", "value").iter_rows())
    found = {}
    for staff, fen in latest.items():
        code = case.staff_department.get(staff)
        if fen is not None and staff in case.serving - case.away and code is not None and asked in ("", code):
            found[code, staff] = fen
    return found


def _idle(case: CampaignBook, pooled: pl.DataFrame, owned: pl.DataFrame) -> Iterator[Breach]:
    """Everybody held too long without a further policy is listed, and nobody else."""
    limit = case.plan.as_of - timedelta(days=case.rulebook["campaign.idle_days"])
    old = pl.concat([pooled, owned]).filter(pl.col("since") < limit)
    bought = case.mains.filter(pl.col("inception_date") <= case.plan.as_of)
    since = old.join(bought, left_on="number", right_on="holder_number")
    done = since.filter(pl.col("inception_date") >= pl.col("since"))["number"].to_list()
    true = set(old["number"]) - set(done)
    for number in sorted(true ^ set(case.plan.tables["idle"]["number"])):
        yield (
            "idle",
            "S2-07",
            number,
            str(number not in true),
            str(number in true),
            "久未完成名单不全或多余",
        )
