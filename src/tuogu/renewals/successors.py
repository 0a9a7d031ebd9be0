"""Which new policy renews which: named by the branch, typed by a person, or the same holder's same car with a start near the
expiry (S3-20).

In: new policies and all that may be their predecessors, in clear; what people typed. Out: pairs of numbers. Never: one
predecessor renewed twice, one policy that renews two, a policy of another holder taken for a renewal by itself (the car was
sold).
"""

from __future__ import annotations

import polars as pl

_C = pl.col
PAIRS = {"policy_number": pl.String, "predecessor": pl.String}


def pairs(
    fresh: pl.DataFrame, known: pl.DataFrame, *, days: int, typed: pl.DataFrame | None = None
) -> pl.DataFrame:
    """PAIRS of the policies in `fresh` with predecessors among `known` (MOTOR columns), by number. `days`: how far the start
    may be from the first day after the predecessor's expiry, before or after, where nobody names one; `typed`: PAIRS as
    people wrote them down, which count for the same holder, and not for two cars."""
    olds = known.select(
        predecessor="policy_number", holder_number="holder_number", frame_number="frame_number",
        plate_number="plate_number", old_start="start_date", old_expiry="expiry_date",
    )  # fmt: skip
    named = fresh.join(
        olds.select("predecessor", "old_start"),
        left_on="previous_number",
        right_on="predecessor",
        how="inner",
    ).filter(_C("old_start") < _C("start_date"))
    said = named.select(
        "policy_number", predecessor="previous_number", order=pl.lit(0), gap=pl.lit(0, pl.Int64)
    )
    silent = fresh.filter(
        _C("previous_number").is_null() | ~_C("previous_number").is_in(olds["predecessor"].implode())
    )
    found = [said, _typed(fresh, olds, typed)]
    for order, vehicle in ((2, "frame_number"), (3, "plate_number")):
        near = silent.filter(_C(vehicle).is_not_null()).join(
            olds, on=["holder_number", vehicle], how="inner", suffix="_old"
        )
        other = "plate_number" if vehicle == "frame_number" else "frame_number"
        if vehicle == "plate_number":  # two different frames are two cars, whatever plate they bore
            near = near.filter((_C(other) == _C(f"{other}_old")).fill_null(True))
        gap = ((_C("start_date") - _C("old_expiry")).dt.total_days() - 1).abs()
        near = near.filter((_C("old_start") < _C("start_date")) & (gap <= days))
        found.append(near.select("policy_number", "predecessor", order=pl.lit(order), gap=gap.cast(pl.Int64)))
    ranked = pl.concat(found).sort("order", "gap", "predecessor", "policy_number")
    once = ranked.unique("policy_number", keep="first", maintain_order=True)
    once = once.unique("predecessor", keep="first", maintain_order=True)
    return once.select(*PAIRS).sort("policy_number")


def _typed(fresh: pl.DataFrame, olds: pl.DataFrame, typed: pl.DataFrame | None) -> pl.DataFrame:
    """What people wrote down, where the books do not speak against it: the same holder, a later start, not another car."""
    asked = pl.DataFrame(schema=PAIRS) if typed is None else typed
    both = fresh.join(asked, on="policy_number").join(
        olds, on=["predecessor", "holder_number"], suffix="_old"
    )
    one_car = (_C("frame_number") == _C("frame_number_old")).fill_null(True)
    kept = both.filter((_C("old_start") < _C("start_date")) & one_car)
    return kept.select("policy_number", "predecessor", order=pl.lit(1), gap=pl.lit(0, pl.Int64))
