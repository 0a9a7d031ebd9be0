"""Which customers, not only how many: departments and waves get a fair mix of value and of districts.

In: the orphan records of the campaign and the quotas of each area. Out: who receives whom in which wave, and how even it
is. Never: a record outside its area's departments, another quota than the one that was set.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.campaign.quotas import AreaQuota
from tuogu.core.campaign.regions import AREAS, DEPARTMENT
from tuogu.core.campaign.sheets import DISTRICTS, MIX
from tuogu.core.mix import deal
from tuogu.core.tables import Schema, conform
from tuogu.core.ties import tie_rank

LEFT = "left"  # what rounding as printed leaves unallotted
_WHOLE_BP = 10_000  # hundredths of a percent in a whole: a unit
_DEALT: Schema = {"number": pl.String, "department": pl.String, "instalment": pl.Int64}
_WAVE_WORDS = {1: "第一批", 2: "第二批"}


def dealt(orphans: pl.DataFrame, quotas: list[AreaQuota], seed: int) -> pl.DataFrame:
    """number, department, instalment of every record that a department receives, by number."""
    parts = [pl.DataFrame(schema=_DEALT)]
    for quota in quotas:
        items = _items(orphans.filter(pl.col("area") == quota.area))
        piles = dict(quota.counts) | ({LEFT: quota.apportioned.left} if quota.apportioned.left else {})
        given = items.join(deal(items, piles, seed).select("number", department="receiver"), on="number")
        given = given.filter(pl.col("department") != LEFT)
        for (code,), pile in given.group_by("department", maintain_order=True):
            waves = {str(wave): count for wave, count in enumerate(quota.waves[str(code)], start=1)}
            split = deal(pile.drop("department"), waves, seed)
            instalment = pl.col("receiver").cast(pl.Int64)
            parts.append(split.select("number", department=pl.lit(code), instalment=instalment))
    return conform(pl.concat(parts).sort("number"), _DEALT)


def _items(records: pl.DataFrame) -> pl.DataFrame:
    return records.select("number", stratum=pl.col("district_code").fill_null(""), value="premium_fen")


def places(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """`rows` (number, receiver, instalment, premium_fen) with `place`: first wave first, most valuable first."""
    ordered = rows.with_columns(_tie=tie_rank(seed, "campaign.place", rows["number"])).sort(
        "receiver", "instalment", pl.col("premium_fen").neg(), "_tie"
    )
    place = pl.int_range(1, pl.len() + 1).cast(pl.Int64).over("receiver")
    return ordered.with_columns(place=place).drop("_tie")


# --- how even it is ----------------------------------------------------------------------------------


def mix(given: pl.DataFrame, areas: list[str]) -> pl.DataFrame:
    """The frame of MIX: mean premium of each department, whole and by wave, against its area's.

    `given`: number, department, instalment, area, district_code, premium_fen.
    """
    sums = [pl.len().cast(pl.Int64).alias("customers"), pl.col("premium_fen").sum()]
    whole = given.group_by("area", "department").agg(*sums).with_columns(instalment=pl.lit(0, pl.Int64))
    waves = given.group_by("area", "department", "instalment").agg(*sums)
    of_area = given.group_by("area").agg(area_mean=pl.col("premium_fen").mean())
    frame = pl.concat([whole, waves.select(whole.columns)]).join(of_area, on="area")
    mean = pl.col("premium_fen") / pl.col("customers")
    off = ((mean / pl.col("area_mean") - 1) * _WHOLE_BP).fill_nan(0.0).round(0)
    frame = frame.sort(pl.col("area").replace_strict(areas, range(len(areas))), "department", "instalment")
    return conform(
        frame.select(
            area=pl.col("area").replace_strict(AREAS),
            department=pl.lit(DEPARTMENT) + pl.col("department"),
            wave=pl.col("instalment").replace_strict({0: "合计", **_WAVE_WORDS}),
            customers="customers",
            premium_fen="premium_fen",
            mean_premium_fen=mean.round(0).cast(pl.Int64),
            offset_bp=off.cast(pl.Int64),
        ),
        MIX.schema,
    )


def districts(given: pl.DataFrame) -> pl.DataFrame:
    """The frame of DISTRICTS: where the customers of each department come from."""
    code = pl.col("district_code").fill_null("")
    counts = given.group_by("area", "department", code).agg(customers=pl.len().cast(pl.Int64))
    alike = pl.col("customers").sum()
    share = pl.col("customers") * _WHOLE_BP // alike.over("area", "department")
    of_area = alike.over("area", "district_code") * _WHOLE_BP // alike.over("area")
    frame = counts.with_columns(share_bp=share, area_share_bp=of_area)
    frame = frame.sort("area", "department", "district_code").with_columns(
        pl.col("area").replace_strict(AREAS), department=pl.lit(DEPARTMENT) + pl.col("department")
    )
    return conform(frame.select(*DISTRICTS.schema), DISTRICTS.schema)


def spread_pct(given: pl.DataFrame, area: str) -> float:
    """(largest - smallest mean premium of a department) / the area's mean, in percent; 0 for fewer than two."""
    rows = given.filter(pl.col("area") == area)
    means = rows.group_by("department").agg(mean=pl.col("premium_fen").mean())["mean"].to_list()
    whole = rows["premium_fen"].sum()
    if len(means) < 2 or not whole:
        return 0.0
    return float(100 * (max(means) - min(means)) * len(rows) / whole)
