"""From a Solution back to tables: assignments, units, loads, breaks.

In: Setting and Solution. Out: the frames of a Plan in canonical order. Never: a policy that is not in
exactly one row of assignments, a unit code with two staff numbers (S0-18): what the month repair hands over
gets a unit code of its own in the same community.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from tuogu.core.coding import CodeOverflow
from tuogu.core.geometry import METRES, pieces
from tuogu.core.tables import ASSIGNMENTS, BREAKS, LOADS, MONTH_COLUMNS, UNITS, conform
from tuogu.core.territory.setting import Setting
from tuogu.core.territory.solution import Solution

_YEAR_MONTHS = len(MONTH_COLUMNS)
_UNITS_MAX = 99  # two digits (S0-09)


def holders(setting: Setting, solution: Solution) -> pl.DataFrame:
    """Members with column (manager number), atom (row of the handed-over policy, null otherwise).

    Of equal policies (same unit, same due type) the last by policy number are the ones handed over.
    """
    site, kind, _ = solution.atoms
    units = setting.instance.units
    atoms = pl.DataFrame({"row": site, "kind": kind, "atom": units + np.arange(len(site))})
    atoms = atoms.with_columns(place=pl.int_range(pl.len()).over("row", "kind", order_by="atom"))
    members = setting.members.with_columns(
        place=pl.int_range(pl.len()).over("row", "kind", order_by="policy_number", descending=True)
    )
    members = members.join(atoms, on=["row", "kind", "place"], how="left").sort("policy_number").drop("place")
    final = pl.coalesce("atom", "row")
    column = pl.Series("column", solution.labels[members.select(final).to_series().to_numpy()])
    return members.with_columns(column)


def assignments(
    setting: Setting, solution: Solution, as_of: date, unit_size: int, instalments: int
) -> pl.DataFrame:
    """ASSIGNMENTS sorted by policy number."""
    frame = holders(setting, solution)
    staff = setting.managers["staff_number"]
    frame = frame.with_columns(staff_number=staff.gather(frame["column"]))
    frame = _with_guest_codes(frame, setting, unit_size)
    lever = "unit" if solution.rung == "anew" else "adjacent"
    frame = frame.with_columns(
        lever=pl.when(pl.col("atom").is_null()).then(pl.lit("unit")).otherwise(pl.lit(lever))
    )
    return conform(_with_instalments(frame, as_of, instalments).sort("policy_number"), ASSIGNMENTS)


def _with_guest_codes(frame: pl.DataFrame, setting: Setting, unit_size: int) -> pl.DataFrame:
    """Give handed-over policies units of their own: after the community's last, one per receiver and 50
    policies.
    """
    last = (
        setting.codes_in_use.to_frame("unit_code")
        .group_by(display=pl.col("unit_code").str.head(-2))
        .agg(last=pl.col("unit_code").str.tail(2).cast(pl.Int64).max())
    )
    guests = frame.filter(pl.col("atom").is_not_null()).with_columns(display=pl.col("unit_code").str.head(-2))
    seat = pl.int_range(pl.len()).over("display", "staff_number", order_by="policy_number") // unit_size
    guests = guests.with_columns(seat=seat).join(last, on="display", how="left")
    number = pl.struct("staff_number", "seat").rank("dense").over("display").cast(pl.Int64) + pl.col("last")
    guests = guests.with_columns(number=number)
    if guests.filter(pl.col("number") > _UNITS_MAX).height:
        worst = guests.sort("number", "display")["display"][-1]
        raise CodeOverflow(
            f"社区 {worst} 的识别码单位超过 {_UNITS_MAX} 个。建议：提高 territory.unit_size 或拆分该社区。"
        )
    code = pl.col("display") + pl.col("number").cast(pl.String).str.zfill(2)
    codes = guests.select("policy_number", guest_code=code)
    frame = frame.join(codes, on="policy_number", how="left")
    return frame.with_columns(unit_code=pl.coalesce("guest_code", "unit_code"))


def _with_instalments(frame: pl.DataFrame, as_of: date, instalments: int) -> pl.DataFrame:
    """Split each manager's book into even releases; what falls due soonest after `as_of` is released first.

    Order: month of the first instalment due, its day, policy number.
    """
    day = pl.col("inception_date").dt.day()
    ahead = [
        pl.when(pl.col(name) > 0).then(
            pl.when((month == as_of.month) & (day < as_of.day))
            .then(_YEAR_MONTHS)
            .otherwise((month - as_of.month) % 12)
        )
        for month, name in enumerate(MONTH_COLUMNS, 1)
    ]
    frame = frame.with_columns(_ahead=pl.min_horizontal(ahead).fill_null(_YEAR_MONTHS + 1), _day=day)
    frame = frame.sort("staff_number", "_ahead", "_day", "policy_number")
    place = pl.int_range(pl.len()).over("staff_number")
    size = pl.len().over("staff_number")
    whole, rest = size // instalments, size % instalments
    first = rest * (whole + 1)  # the larger releases come first: see capacity.instalment_sizes
    number = (
        pl.when(place < first)
        .then(place // (whole + 1))
        .otherwise(rest + (place - first) // pl.max_horizontal(whole, pl.lit(1)))
    )
    return frame.with_columns(instalment=(number + 1).cast(pl.Int64))


def units(setting: Setting, assigned: pl.DataFrame) -> pl.DataFrame:
    """UNITS by unit code."""
    at = setting.at
    measured = at.metric == METRES
    xy = pl.DataFrame(
        {
            "community_code": list(at.codes),
            "x_m": at.xy_m[:, 0] if measured else [None] * len(at.codes),
            "y_m": at.xy_m[:, 1] if measured else [None] * len(at.codes),
        },
        schema_overrides={"x_m": pl.Float64, "y_m": pl.Float64},
    )
    grouped = assigned.group_by("unit_code", "community_code", "staff_number").agg(
        pl.len().cast(pl.Int64).alias("policies"), pl.col(MONTH_COLUMNS).sum()
    )
    return conform(grouped.join(xy, on="community_code", how="left").sort("unit_code", "staff_number"), UNITS)


def loads(staff: pl.Series, assigned: pl.DataFrame) -> pl.DataFrame:
    """LOADS: twelve rows for every manager, also for one without a policy."""
    every = staff.to_frame("staff_number").join(pl.DataFrame({"month": range(1, 13)}), how="cross")
    due = (
        assigned.group_by("staff_number")
        .agg(pl.col(MONTH_COLUMNS).sum())
        .unpivot(MONTH_COLUMNS, index="staff_number", variable_name="name", value_name="due")
        .with_columns(month=pl.col("name").str.slice(1).cast(pl.Int64))
    )
    frame = every.join(due, on=["staff_number", "month"], how="left").with_columns(pl.col("due").fill_null(0))
    return conform(frame.select("staff_number", "month", "due").sort("staff_number", "month"), LOADS)


def breaks(setting: Setting, assigned: pl.DataFrame, communities: pl.DataFrame) -> pl.DataFrame:
    """BREAKS: managers and teams whose area falls into pieces; communities and streets held by several
    managers.
    """
    index = setting.at.index()
    held = assigned.select("community_code", "staff_number").unique()
    held = held.join(setting.managers.select("staff_number", "team_code"), on="staff_number")
    held = held.join(
        communities.select("community_code", "community", "street_code", "street"), on="community_code"
    )
    place = np.array([index[code] for code in held["community_code"]], dtype=np.int64)
    found = []
    if setting.instance.judged:
        for level, key, what in (("manager", "staff_number", "客户经理"), ("team", "team_code", "团队")):
            found.append(_torn(level, held[key].fill_null(""), place, setting, what))
    for level, key, name in (
        ("community", "community_code", "community"),
        ("street", "street_code", "street"),
    ):
        split = held.group_by(key, name).agg(pl.col("staff_number").n_unique().cast(pl.Int64).alias("pieces"))
        found.append(
            split.filter(pl.col("pieces") > 1).select(
                level=pl.lit(level),
                key=pl.col(key),
                pieces="pieces",
                detail=pl.format("{}由{}名客户经理分别服务", name, "pieces"),
            )
        )
    return conform(pl.concat(found).sort("level", "key"), BREAKS)


def _torn(
    level: str,
    label: pl.Series,
    place: np.ndarray[tuple[int], np.dtype[np.int64]],
    setting: Setting,
    what: str,
) -> pl.DataFrame:
    names = label.unique().sort()
    number = label.rank("dense").to_numpy().astype(np.int64) - 1
    count = pieces(place, number, setting.community_pairs, len(names))
    frame = pl.DataFrame({"key": names, "pieces": count}).filter(pl.col("pieces") > 1)
    return frame.select(
        level=pl.lit(level),
        key="key",
        pieces="pieces",
        detail=pl.format(what + "{}的服务区分成{}片", "key", "pieces"),
    )
