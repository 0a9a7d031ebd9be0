"""What there is: the stock of orphan policies by region, where they lie code by code, where staff live.

In: a book, the rulebook (address basis), the first day of a year. Out: tables for people to read and check;
every one of them adds up to the same stock, and what has no code stands in a row of its own. Never: a
policy counted twice or left out, a customer's data, a plan.

The stock is the live main policies that are orphans. A rider belongs to its main policy; single premiums
are a part of the main policies, shown apart. Premiums are those of one instalment, as the books hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.dues import due_months
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, MONTH_COLUMNS, Book, Schema, conform

UNCODED = "未编码"  # the name of the row that holds what no code could be given to
_I, _S = pl.Int64, pl.String
CENSUS: Schema = {
    "level": _S,  # total | district | street
    "code": _S,  # official code; null on the total and on what is not coded
    "name": _S,
    "main_count": _I,
    "main_premium_fen": _I,
    "rider_count": _I,
    "rider_premium_fen": _I,
    "single_count": _I,
    "single_premium_fen": _I,
    **dict.fromkeys(MONTH_COLUMNS, _I),
}
DISTRIBUTION: Schema = {
    "level": _S,  # total | district | street | community | unit | rest
    "code": _S,  # official code; the unit's code on a unit
    "display_code": _S,
    "name": _S,
    "policies": _I,
    "planned": _I,  # of these, policies that hold a unit
    "premium_fen": _I,
    "staff_number": _S,  # on a unit
}
HOMES: Schema = {
    "staff_number": _S,
    "name": _S,
    "series": _S,
    "supervisor": pl.Boolean,
    "team_code": _S,
    "district": _S,
    "street": _S,
    "community": _S,
    "community_code": _S,  # null = stands in the exception list
    "reason": _S,  # why there is no code
}
_UNIT_DEPTH = 4  # below district, street, community, and the rows of a community itself
_COUNTS = [name for name in CENSUS if name not in ("level", "code", "name")]


@dataclass(frozen=True)
class CensusTables:
    """`regions` is CENSUS: the total, then each district with its streets, what is not coded last."""

    regions: pl.DataFrame
    start: date

    @property
    def months(self) -> tuple[int, ...]:
        """Instalments due in January ... December, whole stock."""
        return self.regions.filter(level="total").select(MONTH_COLUMNS).row(0)


def stock(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """The live orphan main policies with every column of POLICIES and community_code (null = not coded)."""
    orphans = book.classified.filter("orphan").select("policy_number")
    mains = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    mains = mains.join(orphans, on="policy_number", how="semi").sort("policy_number")
    places = policy_communities(mains, book.located, rulebook["territory.address_basis"])
    return mains.join(places, on="policy_number", how="left", validate="1:1", maintain_order="left")


def census(book: Book, rulebook: Rulebook, start: date) -> CensusTables:
    """S0-01 for the year from `start`. Months count the instalments of main policies in force."""
    mains = stock(book, rulebook)
    single = pl.col("premium_mode") == "single"
    dues = due_months(mains.filter(pl.col("state") == "in_force"), start)
    counted = (
        mains.select(
            "policy_number",
            "community_code",
            main_count=pl.lit(1, _I),
            main_premium_fen=pl.col("premium_fen").fill_null(0),
            single_count=single.fill_null(False).cast(_I),
            single_premium_fen=pl.when(single).then("premium_fen").fill_null(0),
        )
        .join(_riders(book, mains), on="policy_number", how="left", validate="1:1")
        .join(dues, on="policy_number", how="left", validate="1:1")
        .with_columns(pl.col("rider_count", "rider_premium_fen", *MONTH_COLUMNS).fill_null(0))
        .join(_regions(book), on="community_code", how="left", validate="m:1")
    )
    return CensusTables(_by_region(counted), start)


def _riders(book: Book, mains: pl.DataFrame) -> pl.DataFrame:
    """Live riders of the main policies: policy_number (the main's), rider_count, rider_premium_fen."""
    riders = book.books.policies.filter((pl.col("kind") == "rider") & pl.col("state").is_in(LIVE_STATES))
    riders = riders.join(
        mains.select("policy_number"), left_on="main_policy_number", right_on="policy_number", how="semi"
    )
    return riders.group_by(policy_number="main_policy_number").agg(
        rider_count=pl.len().cast(_I), rider_premium_fen=pl.col("premium_fen").sum()
    )


def _regions(book: Book) -> pl.DataFrame:
    return book.communities.drop("city_code", "city", "x_m", "y_m")


def _by_region(counted: pl.DataFrame) -> pl.DataFrame:
    sums = [pl.col(name).sum().cast(_I) for name in _COUNTS]
    total = counted.select(*sums, level=pl.lit("total"), code=pl.lit(None, _S), name=pl.lit("合计"))
    district_keys, street_keys = ["district_code", "district"], ["street_code", "street"]
    districts = counted.group_by(district_keys).agg(*sums)
    districts = districts.with_columns(level=pl.lit("district"), street_code=pl.lit(None, _S))
    streets = (
        counted.filter(pl.col("street_code").is_not_null()).group_by(district_keys + street_keys).agg(*sums)
    )
    streets = streets.with_columns(level=pl.lit("street"))
    tree = pl.concat([districts, streets], how="diagonal").sort(
        "district_code", "street_code", "level", nulls_last=[True, False, False]
    )
    tree = tree.with_columns(
        code=pl.coalesce("street_code", "district_code"),
        name=pl.coalesce("street", "district", pl.lit(UNCODED)),
    )
    return pl.concat([conform(total.select(*CENSUS), CENSUS), conform(tree.select(*CENSUS), CENSUS)])


# --- distribution (S0-12) -----------------------------------------------------------------------


def distribution(book: Book, rulebook: Rulebook, assignments: pl.DataFrame | None = None) -> pl.DataFrame:
    """DISTRIBUTION: the stock code by code, each level summing to the one above, what is not coded last.

    With the ASSIGNMENTS of a plan each community is followed by its units and, where some of its policies
    hold no unit, by a 'rest' row. Without them the tree ends at the communities.
    """
    mains = stock(book, rulebook).select("policy_number", "community_code", "premium_fen")
    units = pl.DataFrame(schema={"policy_number": _S, "unit_code": _S, "staff_number": _S})
    if assignments is not None:
        units = assignments.select("policy_number", "unit_code", "staff_number")
    placed = mains.join(units, on="policy_number", how="left", validate="1:1").join(
        _regions(book), on="community_code", how="left", validate="m:1"
    )
    levels = ["district", "street", "community"]
    parts = [_level(placed, levels[: depth + 1]) for depth in range(len(levels))]
    if assignments is not None:
        parts.append(_units(placed))
    tree = pl.concat(parts, how="diagonal").sort(
        "district_code",
        "street_code",
        "community_code",
        "_depth",
        "_unit",
        nulls_last=[True, False, False, False, False],
    )
    total = _summed(placed, []).with_columns(level=pl.lit("total"), name=pl.lit("合计"))
    return pl.concat([_distributed(total), _distributed(tree)])


def _summed(placed: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    sums = [
        pl.len().cast(_I).alias("policies"),
        pl.col("unit_code").count().cast(_I).alias("planned"),
        pl.col("premium_fen").sum().cast(_I),
    ]
    return placed.group_by(keys).agg(*sums) if keys else placed.select(*sums)


def _level(placed: pl.DataFrame, levels: list[str]) -> pl.DataFrame:
    """One row a region of the deepest of `levels`; what is not coded appears once, among the districts."""
    deepest = levels[-1]
    if deepest != "district":
        placed = placed.filter(pl.col(f"{deepest}_code").is_not_null())
    keys = [key for level in levels for key in (f"{level}_code", level)]
    keys += ["display_code"] if deepest == "community" else []
    frame = _summed(placed, keys)
    return frame.with_columns(
        level=pl.lit(deepest),
        code=pl.col(f"{deepest}_code"),
        name=pl.col(deepest).fill_null(UNCODED),
        _depth=pl.lit(len(levels)),
        _unit=pl.lit(None, _S),
    )


def _units(placed: pl.DataFrame) -> pl.DataFrame:
    """The units of each community, and what of it holds no unit in communities that have one."""
    regions = ["district_code", "street_code", "community_code"]
    has_unit = pl.col("unit_code").count().over("community_code") > 0
    inside = placed.filter(pl.col("community_code").is_not_null() & has_unit)
    frame = _summed(inside, [*regions, "unit_code", "staff_number"])
    rest = pl.col("unit_code").is_null()
    return frame.with_columns(
        level=pl.when(rest).then(pl.lit("rest")).otherwise(pl.lit("unit")),
        code=pl.col("unit_code"),
        display_code=pl.col("unit_code"),
        name=pl.when(rest).then(pl.lit("未编入单元")).otherwise(pl.lit("单元")),
        _depth=pl.lit(_UNIT_DEPTH),
        _unit=pl.col("unit_code").fill_null("\uffff"),  # after the last unit
    )


def _distributed(frame: pl.DataFrame) -> pl.DataFrame:
    absent = [
        pl.lit(None, DISTRIBUTION[name]).alias(name) for name in DISTRIBUTION if name not in frame.columns
    ]
    return conform(frame.with_columns(absent).select(*DISTRIBUTION), DISTRIBUTION)


# --- homes (S0-14) ------------------------------------------------------------------------------


def homes(book: Book) -> pl.DataFrame:
    """HOMES of everybody in post, by team, supervisors first; rows without a code are the exception list."""
    staff = book.books.people.join(
        book.homes, left_on="staff_number", right_on="key", how="inner", validate="1:1"
    )
    regions = book.communities.select("community_code", "community", "street", "district")
    frame = staff.join(regions, on="community_code", how="left", validate="m:1")
    frame = frame.sort("team_code", "supervisor", "staff_number", descending=[False, True, False])
    return conform(frame.select(*HOMES), HOMES)
