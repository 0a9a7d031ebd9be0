"""The region code book: province, city, district, street, community, with official codes and change events.

In: the Parquet files beside this module. Out: `Codebook`, frames of text codes. Never: network, a
coordinate (no open source has them at street level: the columns exist and are filled by import), a division
invented here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tuogu.data.codebook.compare import compare_regions
from tuogu.data.codebook.names import CODE_DIGITS, LEVELS

VERSION = "2026.1"
FOLDER = Path(__file__).parent

REGIONS = {
    "code": pl.String,  # official: 2, 4, 6, 9 or 12 digits
    "name": pl.String,
    "level": pl.String,  # one of LEVELS
    "parent_code": pl.String,  # null for a province; usually, not always, the beginning of `code`
    "civil_code": pl.String,  # the civil affairs ministry's own street number; null at other levels
    "real": pl.Boolean,  # False: a division of the statistics bureau only (开发区, 农场, 省直辖)
    "year": pl.Int64,  # the year whose end (or June, for 2023) the row describes
    "source": pl.String,  # civil-2025 | statistics-2023 | both | moved
    "longitude": pl.Float64,  # null until imported
    "latitude": pl.Float64,
    "datum": pl.String,
    "coordinate_source": pl.String,
}


@dataclass(frozen=True)
class Codebook:
    """One version of the code book, or the part of it that covers some cities. Frames are sorted by code."""

    version: str
    regions: pl.DataFrame  # REGIONS
    elsewhere: (
        pl.DataFrame
    )  # REGIONS: provinces, cities and districts outside the chosen cities, to recognise them
    events: (
        pl.DataFrame
    )  # of the whole country: old_code, old_name, old_path, new_code, new_name, level, year, kind, source
    uncoded: pl.DataFrame  # street_code, name: communities known by name only
    traditional: Mapping[str, str]  # traditional character → simplified character


def load(cities: Sequence[str] | None = None, folder: Path = FOLDER) -> Codebook:
    """Read the code book; `cities` (codes of 4 or 6 digits, e.g. "3302" or "330200") limits it to those
    cities.

    The provinces above the cities are included. Raises ValueError for a city that the book does not have, and
    FileNotFoundError for a folder without the Parquet files.
    """
    chosen = None if cities is None else sorted({city[:4] for city in cities})
    divisions = _divisions(folder)
    inside = pl.lit(True) if chosen is None else _inside(chosen)
    regions = pl.concat([divisions.filter(inside), _communities(folder, chosen)]).sort("code")
    elsewhere = divisions.filter(~inside & (pl.col("level") != "street"))
    if chosen is not None and (unknown := set(chosen) - set(regions["code"])):
        raise ValueError(f"编码簿中没有这些城市: {', '.join(sorted(unknown))}")
    events = _texts(pl.scan_parquet(folder / "events.parquet")).collect()
    uncoded = _within(_texts(pl.scan_parquet(folder / "uncoded.parquet")), "street_code", chosen).collect()
    return Codebook(VERSION, regions, elsewhere, events, uncoded, traditional(folder))


def compare(old: Codebook, new: Codebook) -> pl.DataFrame:
    """What changed between two versions: code, level, change (added, retired, renamed, moved), old, new."""
    return compare_regions(old.regions, new.regions)


def traditional(folder: Path = FOLDER) -> dict[str, str]:
    """Traditional character → simplified character, one to one."""
    return dict(pl.read_parquet(folder / "traditional.parquet").iter_rows())


def _inside(cities: Sequence[str]) -> pl.Expr:
    """The cities themselves, what is below them, and their provinces."""
    provinces = [city[:2] for city in cities]
    return pl.col("code").str.head(4).is_in(cities) | pl.col("code").is_in(provinces)


def _divisions(folder: Path) -> pl.DataFrame:
    frame = _texts(pl.scan_parquet(folder / "divisions.parquet"))
    return _as_regions(frame.with_columns(level=_level_names())).collect()


def _communities(folder: Path, cities: Sequence[str] | None) -> pl.DataFrame:
    frame = pl.scan_parquet(folder / "communities.parquet")
    if cities is not None:  # on the stored integers, so that row groups of other provinces are never read
        bounds = [pl.col("code").is_between(int(c + "0" * 8), int(c + "9" * 8)) for c in cities]
        frame = frame.filter(pl.any_horizontal(bounds))
    nothing = pl.lit(None, pl.String)
    return _as_regions(_texts(frame).with_columns(level=pl.lit("community"), civil_code=nothing)).collect()


def _as_regions(frame: pl.LazyFrame) -> pl.LazyFrame:
    empty = {name: pl.lit(None, REGIONS[name]) for name in list(REGIONS)[-4:]}
    return frame.with_columns(**empty).select(pl.col(name).cast(kind) for name, kind in REGIONS.items())


def _level_names() -> pl.Expr:
    return pl.col("level").replace_strict(dict(enumerate(LEVELS, start=1)), return_dtype=pl.String)


def _texts(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Codes are stored as integers; none begins with a zero, so the text is the number's digits."""
    names = [name for name in frame.collect_schema() if name == "code" or name.endswith("_code")]
    return frame.with_columns(pl.col(names).cast(pl.String))


def _within(frame: pl.LazyFrame, column: str, cities: Sequence[str] | None) -> pl.LazyFrame:
    return frame if cities is None else frame.filter(pl.col(column).str.head(4).is_in(cities))


__all__ = [
    "CODE_DIGITS",
    "FOLDER",
    "LEVELS",
    "REGIONS",
    "VERSION",
    "Codebook",
    "compare",
    "load",
    "traditional",
]
