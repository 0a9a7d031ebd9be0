"""Where the communities of a book are: names, display codes and metres on a plane local to the branch.

In: official community codes, the code book's regions, display codes, coordinates of one datum.
Out: COMMUNITIES. Never: a guessed coordinate (null stays null), a mixture of datums (refused), a silent conversion.
"""

from __future__ import annotations

import math
import re

import polars as pl

from tuogu.core.coding import allot_display_codes
from tuogu.core.tables import COMMUNITIES, conform

_EARTH_RADIUS_M = 6_371_008.8  # mean radius of the Earth
_NAME_TAIL = re.compile("(社区|村|居)?(居?民?委员会|居?委会|社区)?$")
# digits of an official region code down to each level
_LEVEL_DIGITS = {"city": 4, "district": 6, "street": 9, "community": 12}


class DatumMixed(ValueError):
    """Coordinates of different datums came together; they differ by hundreds of metres and are not converted."""


def short_name(community: str) -> str:
    """A community's name as maps write it: 白沙社区居委会 is written 白沙."""
    return _NAME_TAIL.sub("", community) or community


def place_communities(
    codes: pl.Series, regions: pl.DataFrame, display: pl.DataFrame | None, coordinates: pl.DataFrame
) -> pl.DataFrame:
    """COMMUNITIES for the 12-digit `codes`.

    `regions` has code, name, parent_code; `display` the display codes ever given (community_code, display_code);
    `coordinates` is COORDINATES. A code that the code book does not hold keeps its code as its name. Only communities
    that a book touches are given display codes: two digits a level do not number a whole city (A-04). Raises
    DatumMixed and core.coding.CodeOverflow.
    """
    frame = _with_names(pl.DataFrame({"community_code": codes.drop_nulls().unique().sort()}), regions)
    given = None
    if display is not None and display.height:
        given = _with_names(display.select("community_code", "display_code"), regions)
    frame = allot_display_codes(frame, given).join(project(coordinates), on="community_code", how="left")
    return conform(frame.sort("community_code"), COMMUNITIES)


def _with_names(wanted: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Walk from the community up by `parent_code`: a community may hang under a street of another prefix."""
    parent = regions.select("code", "name", "parent_code")
    frame, key = wanted, "community_code"
    for level, up in (("community", "street"), ("street", "district"), ("district", "city"), ("city", None)):
        renamed = parent.rename({"code": key, "name": level, "parent_code": f"{up}_code" if up else "_top"})
        frame = frame.join(renamed, on=key, how="left")
        frame = frame.with_columns(pl.col(level).fill_null(pl.col(key)))
        if up:
            prefix = pl.col("community_code").str.slice(0, _LEVEL_DIGITS[up])
            frame = frame.with_columns(pl.col(f"{up}_code").fill_null(prefix))
            key = f"{up}_code"
    return frame


def project(coordinates: pl.DataFrame) -> pl.DataFrame:
    """community_code, x_m, y_m: equirectangular metres around the middle of the given points.

    Good to about 0.1 % within one city (100 km), which is far below what a community's centroid is worth.
    """
    schema = {"community_code": pl.String, "x_m": pl.Float64, "y_m": pl.Float64}
    if coordinates.is_empty():
        return pl.DataFrame(schema=schema)
    datums = coordinates["datum"].unique().sort().to_list()
    if len(datums) > 1:
        raise DatumMixed(f"坐标文件混用了多个坐标系：{'、'.join(map(str, datums))}；请统一后重新导入")
    points = coordinates.unique("region_code", keep="first", maintain_order=True)
    longitudes, latitudes = points["longitude"].to_numpy(), points["latitude"].to_numpy()
    middle = math.radians(float(latitudes.max() + latitudes.min()) / 2)
    middle_longitude = float(longitudes.max() + longitudes.min()) / 2
    degree_m = math.radians(1) * _EARTH_RADIUS_M
    return points.select(
        pl.col("region_code").alias("community_code"),
        x_m=(pl.col("longitude") - middle_longitude) * degree_m * math.cos(middle),
        y_m=(pl.col("latitude") - math.degrees(middle)) * degree_m,
    )
