"""Where orphan customers live in numbers: estates to work in, and which of them sites would reach (S4-32).

In: a scope, sites. Out: ESTATES, COVERAGE and its sums. Never: an address (estates' names are kept apart), a customer
out of scope, a distance without coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tuogu.books import queries as books
from tuogu.core.estates import (
    PLACED,
    SITES,
    coverage,
    coverage_summary,
    estate_name,
    estates,
    suggested_sites,
)
from tuogu.core.rulebook import Rulebook
from tuogu.org.scope import Scope
from tuogu.regions import queries as regions

_NAMED = {"customer_number": pl.String, "fragment": pl.String}


@dataclass(frozen=True)
class Reach:
    """`sites`: SITES; `covered`: COVERAGE by estate; `summary`: its sums; `suggested`: nobody named a site."""

    sites: pl.DataFrame
    covered: pl.DataFrame
    summary: pl.DataFrame
    suggested: bool


def estate_report(scope: Scope, rulebook: Rulebook) -> pl.DataFrame:
    """ESTATES of the live orphan policies within scope, most customers first."""
    orphans = books.orphans_at(scope)
    known = regions.known_addresses().filter(customer_number__in=books.holders_within(scope))
    named = pl.DataFrame(
        list(known.exclude(fragment="").values_list("customer_number", "fragment")),
        schema=_NAMED,
        orient="row",
    ).with_columns(estate=estate_name(pl.col("fragment")))
    frame = orphans.join(named.select("customer_number", "estate"), on="customer_number", how="left")
    return estates(frame.join(_positions(), on="community_code", how="left").select(*PLACED), rulebook)


def reach(report: pl.DataFrame, sites: Sequence[str], count: int, rulebook: Rulebook) -> Reach:
    """Which estates lie within the radius of sites in these communities; of `count` suggested ones where none is named."""
    named = _positions().filter(pl.col("community_code").is_in(list(sites)))
    chosen = named.select("x_m", "y_m", site="community_code").select(*SITES)
    suggested = chosen.is_empty()
    if suggested:
        chosen = suggested_sites(report, count, rulebook)
    covered = coverage(report, chosen, rulebook)
    return Reach(chosen, covered, coverage_summary(covered), suggested)


def _positions() -> pl.DataFrame:
    """community_code, x_m, y_m on a plane around all of them; empty where datums are mixed."""
    placed, _datum = books.placed_communities()
    codes = sorted(placed)
    points = regions.Plane.around(list(placed.values())).metres([placed[code] for code in codes])
    return pl.DataFrame(
        {"community_code": codes, "x_m": points[:, 0].tolist(), "y_m": points[:, 1].tolist()},
        schema={"community_code": pl.String, "x_m": pl.Float64, "y_m": pl.Float64},
    )
