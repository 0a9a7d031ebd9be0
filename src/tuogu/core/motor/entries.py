"""Which motor policies were typed in wrongly, as far as that shows without asking (S3-01): the car, and who holds it.

In: policies with the car as opaque keys, findings about their holders. Out: ENTRY_FINDINGS; rates for each entrant by
`core.truth.error_rates`. Never: a plate in clear (equal keys are enough), a verdict about a person.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.tables import D, S, Schema

ENTERED: Schema = {
    "policy_number": S, "holder_number": S, "entrant": S, "plate": pl.Binary, "frame": pl.Binary, "start_date": D,
    "expiry_date": D,
}  # fmt: skip
ENTRY_FINDINGS: Schema = {"policy_number": S, "kind": S}
CAR_KINDS = {
    "frame_missing": "没有车架号",
    "frame_shared": "同一车架号同期属于不同客户",
    "plate_shared": "同一车牌同期属于不同客户或车辆",
}
HOLDER_FIELDS = ("name", "phone", "address")  # of core.truth KINDS: what S3-01 names beside the plate
_C = pl.col


def entry_findings(entered: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """ENTRY_FINDINGS by policy and kind. `holders`: customer_number, kind of what is implausible about them."""
    of_holder = entered.join(holders, left_on="holder_number", right_on="customer_number").select(
        *ENTRY_FINDINGS
    )
    missing = entered.filter(_C("frame").is_null()).select("policy_number", kind=pl.lit("frame_missing"))
    parts = [
        of_holder,
        missing,
        _shared(entered, "frame", _C("holder_number") != _C("holder_number_2"), "frame_shared"),
        _shared(
            entered, "plate",
            (_C("holder_number") != _C("holder_number_2")) | (_C("frame") != _C("frame_2")).fill_null(False),
            "plate_shared",
        ),
    ]  # fmt: skip
    return pl.concat(parts).unique().sort("policy_number", "kind")


def _shared(entered: pl.DataFrame, car: str, differ: pl.Expr, kind: str) -> pl.DataFrame:
    """Policies whose car bears the key of another one's while both give cover; a car sold between two covers is none."""
    known = entered.filter(_C(car).is_not_null())
    several = known.filter(pl.len().over(car) > 1)
    pairs = several.join(several, on=car, suffix="_2").filter(_C("policy_number") != _C("policy_number_2"))
    together = (_C("start_date") <= _C("expiry_date_2")) & (_C("start_date_2") <= _C("expiry_date"))
    return pairs.filter(together & differ).select("policy_number", kind=pl.lit(kind)).unique()
