"""Estates with many orphan customers, and which of them the sites reach (S4-32).

In: PLACED customers, SITES, the rulebook. Out: a row an estate with what to do there; which places lie within a site's
service radius. Never: a distance where coordinates are missing (it says so), a place counted for two sites.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import F, I, S, Schema, conform

PLACED: Schema = {  # one row an orphan policy
    "policy_number": S,
    "customer_number": S,
    "community_code": S,  # null = address not coded
    "estate": S,  # null = the address names none
    "x_m": F,  # metres on a plane local to the city; null = no coordinates
    "y_m": F,
}
SITES: Schema = {"site": S, "x_m": F, "y_m": F}
ESTATES: Schema = {
    "community_code": S,
    "estate": S,  # "" = the rest of the community, without an estate's name
    "customers": I,
    "policies": I,
    "work": S,  # community_work | publicity
    "x_m": F,
    "y_m": F,
}
WORKS = {"community_work": "进入小区开拓", "publicity": "进入小区宣传"}
COVERAGE: Schema = {
    "community_code": S,
    "estate": S,
    "customers": I,
    "site": S,  # the nearest; null = none
    "metres": I,  # to it; null = no coordinates, or no site has any
    "standing": S,  # within | beyond | no_coordinates | no_site
}
STANDINGS = {
    "within": "服务半径内",
    "beyond": "服务半径外",
    "no_coordinates": "没有坐标，无法判断",
    "no_site": "没有网点坐标",
}
_ESTATE_ENDINGS = (
    r"(?:小区|花园|花苑|佳苑|公寓|家园|新村|新城|家属院|家属楼|宿舍楼?|名邸|山庄|别墅|府邸|华庭|嘉园|雅苑|"
    r"苑|园|城|庭|府|湾|墅|邸|居|轩|阁)$"
)
SUMMARY: Schema = {"standing": S, "places": I, "customers": I, "share_bp": I}


def estates(placed: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """ESTATES with coded addresses, most customers first. A customer with two policies there counts once.

    The place of an estate is the middle of what is known of it.
    """
    coded = conform(placed, PLACED).filter(pl.col("community_code").is_not_null())
    counted = coded.group_by("community_code", pl.col("estate").fill_null("")).agg(
        customers=pl.col("customer_number").n_unique().cast(I),
        policies=pl.col("policy_number").n_unique().cast(I),
        x_m=pl.col("x_m").mean(),
        y_m=pl.col("y_m").mean(),
    )
    many = pl.col("customers") >= int(rulebook["estates.many_customers"])
    told = counted.with_columns(
        work=pl.when(many).then(pl.lit("community_work")).otherwise(pl.lit("publicity"))
    )
    ordered = told.sort("customers", "community_code", "estate", descending=[True, False, False])
    return conform(ordered.select(*ESTATES), ESTATES)


def estate_name(fragment: pl.Expr) -> pl.Expr:
    """The fragment of an address (core.address) where it is the name of an estate; null for a road, a village, a firm."""
    return pl.when(fragment.str.contains(_ESTATE_ENDINGS)).then(fragment)


def suggested_sites(places: pl.DataFrame, count: int, rulebook: Rulebook) -> pl.DataFrame:
    """SITES at `count` of the places of ESTATES: each the one that brings most customers into the radius who were outside.

    `site` is the place's community code. The greedy choice reaches at least 63 % of what the best choice would.
    """
    known = places.drop_nulls(["x_m", "y_m"]).sort("community_code", "estate")
    points, customers = known.select("x_m", "y_m").to_numpy(), known["customers"].to_numpy()
    if known.is_empty():
        return conform(known.select("x_m", "y_m", site="community_code").select(*SITES), SITES)
    near = cKDTree(points).query_ball_point(points, int(rulebook["estates.service_radius_m"]))
    left, chosen = customers.astype(np.int64), list[int]()
    for _ in range(min(count, len(points))):
        gains = np.array([left[reached].sum() for reached in near])
        best = int(gains.argmax())
        if not gains[best]:
            break
        chosen.append(best)
        left[near[best]] = 0
    return conform(known[chosen].select("x_m", "y_m", site="community_code").select(*SITES), SITES)


def coverage(places: pl.DataFrame, sites: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """COVERAGE of ESTATES by the nearest site, in the order of the places."""
    located = conform(sites, SITES).drop_nulls(["x_m", "y_m"]).unique("site", keep="first").sort("site")
    known = places["x_m"].is_not_null() & places["y_m"].is_not_null()
    metres, nearest = _nearest(places.filter(known), located)
    found = places.filter(known).select("community_code", "estate").with_columns(metres=metres, site=nearest)
    radius = int(rulebook["estates.service_radius_m"])
    standing = (
        pl.when(~known)
        .then(pl.lit("no_coordinates"))
        .when(pl.lit(located.is_empty()))
        .then(pl.lit("no_site"))
        .when(pl.col("metres") <= radius)
        .then(pl.lit("within"))
        .otherwise(pl.lit("beyond"))
    )
    frame = places.join(found, on=["community_code", "estate"], how="left", maintain_order="left")
    return conform(frame.with_columns(standing=standing).select(*COVERAGE), COVERAGE)


def _nearest(places: pl.DataFrame, sites: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Metres and name of the nearest site of each place; nulls where there is no site."""
    if sites.is_empty() or places.is_empty():
        return pl.Series([None] * len(places), dtype=I), pl.Series([None] * len(places), dtype=S)
    tree = cKDTree(sites.select("x_m", "y_m").to_numpy())
    far, which = tree.query(places.select("x_m", "y_m").to_numpy())
    return pl.Series(np.rint(far).astype(np.int64)), sites["site"].gather(which)


def coverage_summary(covered: pl.DataFrame) -> pl.DataFrame:
    """SUMMARY of COVERAGE: places and customers by standing, in the order of STANDINGS, shares of all customers."""
    every = pl.DataFrame({"standing": list(STANDINGS)}, schema={"standing": S})
    counts = covered.group_by("standing").agg(places=pl.len().cast(I), customers=pl.col("customers").sum())
    total = max(int(covered["customers"].sum()), 1)
    frame = every.join(counts, on="standing", how="left", maintain_order="left").with_columns(
        pl.col("places", "customers").fill_null(0)
    )
    return conform(frame.with_columns(share_bp=pl.col("customers") * 10_000 // total), SUMMARY)
