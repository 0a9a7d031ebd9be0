"""Who carries how much: by a plan, and by today's custody of the same policies. Both are counted by the same statement.

In: a stored plan. Out: BURDENS frames, one row a manager. Never: a policy that the plan does not speak of, what a person
holds beside it; a distance where no home is coded (null).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.dues import due_months
from tuogu.core.geometry import distances_m, positions
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.org import queries as org
from tuogu.plans import memory, reading
from tuogu.plans.models import StoredPlan
from tuogu.plans.standing import standing_now, version

BURDENS = {
    "staff_number": pl.String,
    "held": pl.Int64,  # policies
    "communities": pl.Int64,
    "year": pl.Int64,  # pieces due in the plan's year
    **dict.fromkeys(MONTH_COLUMNS, pl.Int64),
    "least": pl.Int64,
    "most": pl.Int64,
    "mean_distance_m": pl.Float64,  # home community to customers' communities, by policy
}
_CONTRACT = (
    "policy_number", "premium_mode", "payments_per_year", "inception_date", "payment_term_years", "holder_number",
    "insured_number",
)  # fmt: skip
_PLACED = ("policy_number", "community_code", "staff_number", *MONTH_COLUMNS)
_REGION_LEVELS = ("same_community", "same_street", "same_district", "same_city", "elsewhere")


def planned(stored: StoredPlan) -> pl.DataFrame:
    """BURDENS of the plan: everybody who may get a territory, also who got none."""
    return memory.derived((stored.digest, "planned"), lambda: _planned(stored))


def current(stored: StoredPlan) -> pl.DataFrame:
    """BURDENS as custody stands now, of the plan's policies; managers of the plan who hold none are there too."""
    return memory.derived((stored.digest, "current", version(stored)), lambda: _current(stored))


def mean_distance_m(carried: pl.DataFrame) -> float | None:
    """Mean of BURDENS by policy; null where nobody with a coded home holds anything."""
    far = carried.drop_nulls("mean_distance_m")
    pieces = int(far["held"].sum())
    return float((far["mean_distance_m"] * far["held"]).sum()) / pieces if pieces else None


def holders_now(stored: StoredPlan) -> pl.DataFrame:
    """policy_number, staff_number (null = the buffer group or nobody) of the plan's assigned policies, as of now."""
    people = org.staff_ids().select("staff_number", holder_id="custodian_id")
    held = standing_now(stored).select("holder_id", policy_number="number")
    return held.join(people, on="holder_id", how="left").select("policy_number", "staff_number")


def _planned(stored: StoredPlan) -> pl.DataFrame:
    rows = memory.table(stored, "assignments").select(_PLACED)
    return _counted(stored, rows)


def _current(stored: StoredPlan) -> pl.DataFrame:
    rows = memory.table(stored, "assignments").select(_PLACED)
    held = holders_now(stored)
    spoken = pl.concat([rows.drop("staff_number"), _returned(stored, held, rows)])
    return _counted(stored, spoken.join(held.drop_nulls(), on="policy_number"))


def _returned(stored: StoredPlan, held: pl.DataFrame, assigned: pl.DataFrame) -> pl.DataFrame:
    """Policies that the plan takes back into the buffer group: where they lie and when they fall due."""
    away = held.join(assigned, on="policy_number", how="anti").select("policy_number")
    contracts = memory.table(stored, "books.policies", _CONTRACT).join(away, on="policy_number", how="semi")
    located = memory.table(stored, "book.located", ("key", "community_code"))
    places = policy_communities(contracts, located, reading.rulebook_of(stored)["territory.address_basis"])
    dues = due_months(contracts, stored.as_of)
    return places.join(dues, on="policy_number").select("policy_number", "community_code", *MONTH_COLUMNS)


def _counted(stored: StoredPlan, rows: pl.DataFrame) -> pl.DataFrame:
    """BURDENS of rows[policy_number, community_code, staff_number, m01..m12]."""
    near = distances(stored, rows.select("community_code", "staff_number").unique())
    rows = rows.join(near, on=["community_code", "staff_number"], how="left")
    sums = rows.group_by("staff_number").agg(
        held=pl.len().cast(pl.Int64),
        communities=pl.col("community_code").n_unique().cast(pl.Int64),
        mean_distance_m=pl.col("metres").mean(),
        **{name: pl.col(name).sum() for name in MONTH_COLUMNS},
    )
    everybody = memory.table(stored, "loads").select("staff_number").unique()
    frame = (
        pl.concat([everybody, sums.select("staff_number")]).unique().join(sums, on="staff_number", how="left")
    )
    frame = frame.with_columns(pl.col("held", "communities", *MONTH_COLUMNS).fill_null(0)).with_columns(
        year=pl.sum_horizontal(MONTH_COLUMNS),
        least=pl.min_horizontal(MONTH_COLUMNS),
        most=pl.max_horizontal(MONTH_COLUMNS),
    )
    return frame.select(*BURDENS).sort("staff_number")


def distances(stored: StoredPlan, pairs: pl.DataFrame) -> pl.DataFrame:
    """community_code, staff_number, metres by the plan's own metric, for pairs whose home and community are coded."""
    places = memory.tables(stored, ("book.communities", "book.homes"))
    at = positions(places["book.communities"])
    index = pl.DataFrame(
        {"community_code": list(at.codes), "row": range(len(at.codes))},
        schema={"community_code": pl.String, "row": pl.Int64},
    )
    homes = places["book.homes"].select(staff_number="key", home="community_code").drop_nulls()
    homes = homes.join(index.rename({"community_code": "home", "row": "home_row"}), on="home")
    known = pairs.join(index, on="community_code").join(homes, on="staff_number")
    if known.is_empty():
        return pl.DataFrame(
            schema={"community_code": pl.String, "staff_number": pl.String, "metres": pl.Int64}
        )
    rows, row_of = np.unique(known["row"].to_numpy(), return_inverse=True)
    ends, end_of = np.unique(known["home_row"].to_numpy(), return_inverse=True)
    rulebook = reading.rulebook_of(stored)
    reach = {level: rulebook[f"territory.region_distance_m.{level}"] for level in _REGION_LEVELS}
    metres = distances_m(at, rows, ends, at.xy_m[ends], reach)[row_of, end_of]
    return known.select("community_code", "staff_number", metres=pl.Series(metres, dtype=pl.Int64))
