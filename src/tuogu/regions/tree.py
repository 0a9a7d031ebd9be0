"""The code book to walk through and to search: province → city → district → street → community, any code, old or new.

In: an official code or a name, a day. Out: divisions with their children counted, and what a code became. Never: the
communities of the whole country in memory (only a city's), a retired code that leads nowhere without saying so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tuogu.core.coding import resolve_code
from tuogu.data.codebook import Codebook
from tuogu.regions.effective import codebook

_CITY_DIGITS = 4
_ANY_CITY = "1101"  # whichever: with it come the provinces, cities and districts of the whole country
_DIGITS = {2, 4, 6, 9, 12}


@dataclass(frozen=True)
class Division:
    """One division of the code book in force; `children` is how many lie right below it."""

    code: str
    name: str
    level: str
    parent_code: str | None
    children: int
    source: str
    year: int
    civil_code: str | None


@dataclass(frozen=True)
class Found:
    """What a code stands for: itself (`in_force`), its heirs, or () when nobody knows it. `events`: how it came about."""

    code: str
    in_force: bool
    today: tuple[str, ...]
    events: list[dict[str, Any]]


def children(parent: str, on: date) -> list[Division]:
    """The divisions right below `parent`, '' = the provinces, by code."""
    regions = _regions(parent, on)
    wanted = pl.col("parent_code").is_null() if not parent else pl.col("parent_code") == parent
    return _divisions(regions.filter(wanted), regions)


def division(code: str, on: date) -> Division | None:
    """One division in force."""
    regions = _regions(code, on)
    found = _divisions(regions.filter(pl.col("code") == code), regions)
    return found[0] if found else None


def path_of(code: str, on: date) -> list[Division]:
    """The division and everything above it, from the province down."""
    regions, path, step = _regions(code, on), [], code
    while step:
        found = _divisions(regions.filter(pl.col("code") == step), regions)
        if not found:
            break
        path.append(found[0])
        step = found[0].parent_code or ""
    return path[::-1]


def find(code: str, on: date) -> Found:
    """Resolve an official code of any version, with the events on its way."""
    if len(code) not in _DIGITS or not code.isdecimal():
        return Found(code, False, (), [])
    book = _book(code, on)
    today = resolve_code(code, book)
    if today and today[0][:_CITY_DIGITS] != code[:_CITY_DIGITS]:  # it moved to another city: look there too
        book = _book(today[0], on)
        today = resolve_code(code, book)
    return Found(code, today == (code,), today, _events(code, today, book.events))


def named(text: str, city: str, on: date, *, limit: int) -> list[Division]:
    """Divisions whose name contains `text`: those of the city first, then districts and above anywhere."""
    inside = _regions(city or _ANY_CITY, on)
    hits = inside.filter(pl.col("name").str.contains(text, literal=True))
    own = pl.col("code").str.starts_with(city) if city else pl.lit(False)
    deepest = pl.col("code").str.len_chars()
    shorter = pl.col("name").str.len_chars()
    return _divisions(
        hits.sort(own, shorter, deepest, "code", descending=[True, False, False, False]).head(limit), inside
    )


def names_of(codes: Sequence[str], on: date) -> dict[str, str]:
    """District, street and community of codes in one line each; a code that is not in force keeps its digits."""
    found = {}
    for code in dict.fromkeys(codes):
        path = path_of(code, on)
        below = [d.name for d in path if d.level in ("district", "street", "community")]
        found[code] = " ".join(below) or (path[-1].name if path else code)
    return found


def _book(code: str, on: date) -> Codebook:
    try:
        return codebook([code[:_CITY_DIGITS] if len(code) >= _CITY_DIGITS else _ANY_CITY], on)
    except ValueError:  # a city of former times: its events are the whole country's
        return codebook([_ANY_CITY], on)


def _regions(code: str, on: date) -> pl.DataFrame:
    book = _book(code, on)
    return pl.concat([book.regions, book.elsewhere])


def _divisions(rows: pl.DataFrame, regions: pl.DataFrame) -> list[Division]:
    counts = dict(
        regions.filter(pl.col("parent_code").is_in(rows["code"].implode()))
        .group_by("parent_code")
        .len()
        .iter_rows()
    )
    return [
        Division(
            row["code"], row["name"], row["level"], row["parent_code"], counts.get(row["code"], 0), row["source"],
            row["year"], row["civil_code"],
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def _events(code: str, today: Sequence[str], events: pl.DataFrame) -> list[dict[str, Any]]:
    """The steps from `code` to today, and how what it is today was called before, by year."""
    on_the_way, reached = {code}, {code}
    while reached:
        step = events.filter(pl.col("old_code").is_in(list(reached)))["new_code"].drop_nulls()
        reached = set(step) - on_the_way
        on_the_way |= reached
    wanted = pl.col("old_code").is_in(list(on_the_way)) | (
        pl.col("new_code").is_in(list(today)) & pl.col("new_code").str.len_chars().eq(len(code))
    )
    return events.filter(wanted).unique(maintain_order=True).sort("year", "old_code", "new_code").to_dicts()
