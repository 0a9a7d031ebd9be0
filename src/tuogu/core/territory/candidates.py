"""Why this manager and not a nearer one: the ranked candidates of every unit and of every policy handed
over.

In: Setting, Solution, assignments. Out: CANDIDATES. Never: a cheaper candidate without the limit that
excludes him, with its figures. The rule that `core.explain` applies again: of the candidates whom nothing
excludes, the cheapest.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.tables import CANDIDATES, conform
from tuogu.core.territory.instance import Band
from tuogu.core.territory.outcome import holders
from tuogu.core.territory.setting import Setting
from tuogu.core.territory.single_moves import BALANCE, CAP, CONTIGUITY, FLOOR, KEPT, MONTH_BAND, TEAM
from tuogu.core.territory.solution import Solution

_VERDICTS = (  # the first that applies names the verdict; the detail gives them all
    (KEPT, "kept"),
    (CAP, "cap"),
    (MONTH_BAND, "month_band"),
    (FLOOR, "floor"),
    (CONTIGUITY, "contiguity"),
    (TEAM, "team"),
    (BALANCE, "balance"),
)


def candidates(setting: Setting, solution: Solution, assigned: pl.DataFrame) -> pl.DataFrame:
    """CANDIDATES sorted by unit, policy (null first) and rank."""
    ranking, final = solution.ranking, solution.instance
    width = ranking.manager.shape[1]
    row = np.repeat(np.arange(final.units), width)
    frame = pl.DataFrame(
        {
            "row": row,
            "column": ranking.manager.ravel(),
            "rank": ranking.place.ravel(),
            "excluded": ranking.excluded.ravel(),
            "over_month": ranking.over[:, :, 0].ravel() + 1,
            "over_due": ranking.over[:, :, 1].ravel(),
            "under_month": ranking.under[:, :, 0].ravel() + 1,
            "under_due": ranking.under[:, :, 1].ravel(),
            "taker_held": ranking.held[:, :, 0].ravel(),
            "giver_held": ranking.held[:, :, 1].ravel(),
            "own": solution.labels[row],
            "policies": final.policies[row],
        }
    ).filter(pl.col("column") >= 0)
    metres = final.metres[frame["row"].to_numpy(), frame["column"].to_numpy()].astype(np.int64)
    chosen = final.metres[frame["row"].to_numpy(), frame["own"].to_numpy()].astype(np.int64)
    staff = setting.managers["staff_number"]
    frame = frame.with_columns(
        metres=pl.Series(metres),
        farther=pl.Series(metres - chosen),
        staff_number=staff.gather(frame["column"]),
        own_number=staff.gather(frame["own"]),
        is_chosen=pl.col("column") == pl.col("own"),
    )
    chosen_rank = pl.col("rank").filter(pl.col("is_chosen")).first().over("row")
    frame = frame.with_columns(
        cost_m=pl.col("metres") * pl.col("policies"), nearer=pl.col("rank") < chosen_rank
    )
    frame = frame.with_columns(verdict=_verdict(), detail=_detail(final.band))
    return conform(
        _named(frame, setting, solution, assigned).sort("unit_code", "policy_number", "rank"), CANDIDATES
    )


def _named(frame: pl.DataFrame, setting: Setting, solution: Solution, assigned: pl.DataFrame) -> pl.DataFrame:
    """Put unit codes and policy numbers on the rows."""
    own = setting.units.select(
        pl.col("row").cast(pl.Int64), "unit_code", policy_number=pl.lit(None, pl.String)
    )
    guests = (
        holders(setting, solution).filter(pl.col("atom").is_not_null()).select("policy_number", row="atom")
    )
    guests = guests.join(assigned.select("policy_number", "unit_code"), on="policy_number")
    names = pl.concat([own, guests.select("row", "unit_code", "policy_number")])
    return frame.join(names, on="row")


def _verdict() -> pl.Expr:
    excluded = pl.col("excluded")
    first = pl.coalesce(*(pl.when(excluded & bit > 0).then(pl.lit(name)) for bit, name in _VERDICTS))
    return (
        pl.when("is_chosen")
        .then(pl.lit("chosen"))
        .when(pl.col("nearer") & (excluded > 0))
        .then(first)
        .otherwise(pl.lit("dearer"))
    )


def _detail(band: Band) -> pl.Expr:
    """One Chinese sentence of figures: distance first, then every limit that the change would break."""
    taker, giver, excluded = pl.col("staff_number"), pl.col("own_number"), pl.col("excluded")
    distance = (
        pl.when(pl.col("farther") > 0)
        .then(pl.format("每件比选定者远{}米", _thousands("farther")))
        .when(pl.col("farther") < 0)
        .then(pl.format("每件比选定者近{}米", _thousands(-pl.col("farther"))))
        .otherwise(pl.lit("与选定者距离相同"))
    )
    faults = {
        KEPT: pl.format("本单元保持原责任人{}", giver),
        CAP: pl.format(f"{{}}将持有{{}}件，超过年度上限{band.held_cap}件", taker, "taker_held"),
        MONTH_BAND: pl.format(
            f"{{}}在{{}}月将达{{}}件，超过上限{band.month_max}件", taker, "over_month", "over_due"
        ),
        FLOOR: pl.format(
            f"{{}}在{{}}月将降至{{}}件，低于下限{band.month_min}件", giver, "under_month", "under_due"
        ),
        CONTIGUITY: pl.format("{}或{}的服务区将断开", taker, giver),
        TEAM: pl.lit("团队的服务区将断开"),
        BALANCE: pl.format(
            f"{{}}将持有{{}}件、{{}}将持有{{}}件，偏离均衡区间{band.held_min}–{band.held_max}件",
            taker,
            "taker_held",
            giver,
            "giver_held",
        ),
    }
    parts = [pl.when(excluded & bit > 0).then(faults[bit]) for bit, _ in _VERDICTS]
    chosen = pl.format("选定：每件{}米，可选人中最近", _thousands("metres"))
    return (
        pl.when("is_chosen")
        .then(chosen)
        .otherwise(pl.concat_str([distance, *parts], separator="；", ignore_nulls=True))
    )


def _thousands(value: str | pl.Expr) -> pl.Expr:
    """Digits with separators, for values below a billion."""
    number = pl.col(value) if isinstance(value, str) else value
    groups = [(number // 10**power) % 1000 for power in (6, 3, 0)]
    padded = [g.cast(pl.String).str.zfill(3) for g in groups]
    return (
        pl.when(number >= 10**6)
        .then(pl.format("{},{},{}", groups[0].cast(pl.String), padded[1], padded[2]))
        .when(number >= 10**3)
        .then(pl.format("{},{}", groups[1].cast(pl.String), padded[2]))
        .otherwise(number.cast(pl.String))
    )
