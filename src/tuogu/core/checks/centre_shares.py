"""Scores, shares, quotas, the table and the evenness of worth in a resource centre's plan, recomputed (S1-08…S1-17).

In: a `Centre`. Out: lines of (key, value, bound, detail), one a breach. Never: an import of `core.centre`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from tuogu.core.checks.centre_book import Centre

Ints = npt.NDArray[np.int64]
Line = tuple[str, str, str, str]  # key, value, bound, detail
PAIRS_AT_ONCE = 1 << 20
LACKING_MAX = (
    100  # pieces: beyond it the quota rule has failed long ago, and the product must stay within 64 bits
)


def scores(centre: Centre) -> Iterator[Line]:
    said = centre.table("score_cards")
    parts = ("rank_points", "task_points", "attendance_points", "log_points", "discretion_points")
    cards = {row["staff_number"]: row for row in said.iter_rows(named=True)}
    for name, true in centre.scores.items():
        card = cards.pop(name, None)
        found = [card[part] for part in parts] if card else []
        if found != list(true) or (card and card["score"] != sum(true)):
            yield name, str(found), str(list(true)), "评分与考核指标不符"
    for name in cards:
        yield name, "listed", "在职规划师", "评分表列有不在职人员"


def shares(centre: Centre) -> Iterator[Line]:
    """Targets by largest remainder, never above the stock, made up in the stated order."""
    said = {row["category"]: row for row in centre.table("per_capita").iter_rows(named=True)}
    there, total = centre.stock_counts, centre.handed_out_total
    shares = centre.rulebook["centre.shares_bp"]
    yield from _largest_remainder({c: said[c]["target"] for c in shares}, shares, total, "目标件数")
    lacking = total - sum(min(said[c]["target"], there[c]) for c in shares)
    if centre.rulebook["centre.leftover_rule"] != "carried":
        lacking = 0
    for category in centre.rulebook["centre.leftover_order"]:
        row = said[category]
        within = min(row["target"], there[category])
        more = min(lacking, there[category] - within)
        lacking -= more
        true = (there[category], within, more, within + more, there[category] - within - more)
        found = tuple(row[name] for name in ("stock", "within_target", "carried", "available", "left"))
        if found != true:
            yield category, str(found), str(true), "本次可分件数与占比、存量不符"


def quotas(centre: Centre) -> Iterator[Line]:
    """Pieces received are the quota; the quota follows the score by the rule in force (A-10)."""
    received = dict(centre.plan.placements.group_by("receiver").len().iter_rows())
    said = dict(centre.table("quotas").select("staff_number", "pieces").iter_rows())
    for name in sorted(said.keys() | received.keys()):
        if said.get(name, 0) != received.get(name, 0):
            yield name, str(received.get(name, 0)), str(said.get(name, 0)), "实得件数与个人件数不符"
    weights = {name: centre.weights.get(name, 0) for name in centre.scores}
    total = int(centre.table("per_capita")["available"].sum())
    for name, weight in weights.items():
        if weight == 0 and received.get(name, 0):
            yield name, str(received[name]), "0", "得分为零或停发的不得分配"
    if centre.rulebook["centre.quota_by"] == "per_capita":
        for name, weight in weights.items():
            true = total * weight // (10_000 * len(weights))
            if said.get(name) != true:
                yield name, str(said.get(name)), str(true), "不等于人均件数×得分÷100"
    elif sum(weights.values()):
        yield from _largest_remainder({n: said.get(n, 0) for n in weights}, weights, total, "个人件数")
    order = sorted(weights, key=lambda name: weights[name])
    most = 0
    for name in order:  # S1-17: never fewer pieces for a higher score
        lower = (
            [said.get(n, 0) for n in order if weights[n] < weights[name]] if said.get(name, 0) < most else []
        )
        if lower and said.get(name, 0) < max(lower):
            yield name, str(said.get(name, 0)), str(max(lower)), "得分较高而件数较少"
        most = max(most, said.get(name, 0))


def _largest_remainder(
    counts: Mapping[str, int], weights: Mapping[str, int], total: int, word: str
) -> Iterator[Line]:
    """Each count is the quota down or up, all together the total, and no larger remainder went without."""
    whole = sum(weights.values())
    if sum(counts.values()) != total:
        yield word, str(sum(counts.values())), str(total), f"{word}合计不等于总数"
    went_without, extra = Fraction(-1), Fraction(1)
    for name, count in counts.items():
        quota = Fraction(total * weights[name], whole)
        rest = quota - quota.__floor__()
        if count - quota.__floor__() not in ((0, 1) if rest else (0,)):
            yield name, str(count), str(quota), f"{word}偏离应得数一件以上"
        elif count > quota:
            extra = min(extra, rest)
        else:
            went_without = max(went_without, rest)
    if went_without > extra:
        yield word, str(extra), f">= {went_without}", f"{word}的尾数没有给余数最大者"


def grid(centre: Centre) -> Iterator[Line]:
    """Planner x category: each cell the exact figure down or up; columns follow what is available."""
    found = centre.handed_out.group_by("receiver", "category").len()
    cells = {(name, category): count for name, category, count in found.iter_rows()}
    by_name, by_category = _margins(cells)
    total = sum(by_name.values())
    for name, row in by_name.items():
        for category, column in by_category.items():
            exact = Fraction(row * column, total)
            if abs(cells.get((name, category), 0) - exact) >= 1:
                yield (
                    f"{name} {category}",
                    str(cells.get((name, category), 0)),
                    str(exact),
                    "各类件数偏离应得数一件以上",
                )
    available = dict(centre.table("per_capita").select("category", "available").iter_rows())
    if total:
        columns = {category: by_category.get(category, 0) for category in available}
        yield from _largest_remainder(columns, available, total, "各类件数")
    table = centre.table("grid").unpivot(list(available), index="staff_number", variable_name="category")
    for name, category, count in table.iter_rows():
        if cells.get((name, category), 0) != count:
            yield (
                f"{name} {category}",
                str(count),
                str(cells.get((name, category), 0)),
                "表列件数与分配结果不符",
            )


def _margins(cells: Mapping[tuple[str, str], int]) -> tuple[dict[str, int], dict[str, int]]:
    by_name: dict[str, int] = {}
    by_category: dict[str, int] = {}
    for (name, category), count in cells.items():
        by_name[name] = by_name.get(name, 0) + count
        by_category[category] = by_category.get(category, 0) + count
    return by_name, by_category


def envy(centre: Centre) -> Iterator[Line]:
    """In each category, for every pair: per point, and without the other's dearest piece, nobody has less than another,
    apart from the part of a piece that rounding took.
    """
    names = [name for name, weight in sorted(centre.weights.items()) if weight]
    weights = np.array([centre.weights[name] for name in names], dtype=np.int64)
    for category, part in sorted(centre.handed_out.group_by("category"), key=lambda found: found[0]):
        sums = part.group_by("receiver").agg(
            count=pl.len().cast(pl.Int64),
            worth=pl.col("amount_fen").sum(),
            dearest=pl.col("amount_fen").max(),
            cheapest=pl.col("amount_fen").min(),
        )
        every = pl.DataFrame({"receiver": names}, schema={"receiver": pl.String})
        held = every.join(sums, on="receiver", how="left", maintain_order="left").fill_null(0)
        for i, j, short in _envious(weights, *(held[c].to_numpy() for c in held.columns[1:])):
            yield (
                f"{category[0]} {names[i]}",
                str(short),
                "0",
                f"按每分计少于 {names[j]}（已去掉其最贵一件并计入取整）",
            )


def _envious(
    weight: Ints, count: Ints, worth: Ints, dearest: Ints, cheapest: Ints
) -> Iterator[tuple[int, int, int]]:
    """(i, j, by how much) of pairs where i has less than j."""
    block = max(PAIRS_AT_ONCE // max(len(weight), 1), 1)
    for start in range(0, len(weight), block):
        i = np.arange(start, min(start + block, len(weight)))[:, None]
        lacking = np.clip(weight[i] * (count - 1) - weight * count[i], 0, LACKING_MAX * weight)
        price = np.where(count[i] > 0, cheapest[i], dearest)
        short = weight[i] * (worth - dearest) - weight * worth[i] - lacking * price
        for row, j in np.argwhere(short > 0).tolist():
            yield start + row, j, int(short[row, j])
