"""The configured map: what each line means, which lines may be used, and what each one covers.

In: the text of the map, the book, the rulebook, the as-of date, the pieces. Out: lines with kind and verdict; the matches
of pieces and lines. Never: a line for somebody not in post used, two persons for one code silently resolved.

The finer code wins: community, street, postcode, district, city, then the business unit nearest to the policy's own.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from tuogu.core.classify import in_post
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book
from tuogu.core.written_lines import lines

KINDS: Final = {
    "community": "社区",
    "street": "街道",
    "postcode": "邮政编码",
    "district": "区县",
    "city": "市",
    "institution": "营业单位",
    "unknown": "未知",
}
_PREFIXES: Final = {"邮编": "postcode", "机构": "institution"}
_POSTCODE = r"(?:^|[^0-9])([0-9]{6})(?:[^0-9]|$)"
_HOUSE_LEVELS_MAX: Final = 6  # head, branch, central, sub, department, team: no chain of parents is longer

_STEPS_MAX = 10  # more levels than an institution tree has: ranks of two kinds of line never meet


def read(text: str, book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """line, written, code, kind, receiver, verdict ('used' or the fault's name), a row for each written line."""
    frame = lines(text).rename({"key": "code", "value": "receiver"})
    prefix = pl.col("code").str.head(2).replace_strict(_PREFIXES, default=None, return_dtype=pl.String)
    frame = frame.with_columns(
        said=prefix, code=pl.when(prefix.is_not_null()).then(pl.col("code").str.slice(2)).otherwise("code")
    )
    known = _known_codes(book)
    found = (
        frame.select("code").unique().join(known, on="code").unique("code", keep="first", maintain_order=True)
    )
    frame = frame.join(found, on="code", how="left", maintain_order="left")
    kind = pl.coalesce("said", "kind", pl.lit("unknown"))
    staff = in_post(book.books.people, as_of).filter(pl.col("series").is_in(rulebook["map.series"]))[
        "staff_number"
    ]
    frame = frame.with_columns(kind=kind)
    persons = pl.col("receiver").n_unique().over("kind", "code")
    again = pl.int_range(pl.len()).over("kind", "code") > 0
    verdict = (
        pl.when(pl.col("code").is_null() | (pl.col("receiver").fill_null("") == ""))
        .then(pl.lit("malformed"))
        .when(pl.col("kind") == "unknown")
        .then(pl.lit("unknown_code"))
        .when(persons > 1)
        .then(pl.lit("conflict"))
        .when(again)
        .then(pl.lit("twice"))
        .when(~pl.col("receiver").is_in(staff.implode()))
        .then(pl.lit("not_in_post"))
        .otherwise(pl.lit("used"))
    )
    return frame.select("line", "written", "code", "kind", "receiver", verdict=verdict)


def _known_codes(book: Book) -> pl.DataFrame:
    """code, kind: the codes that a line may name without a prefix, regions before business units."""
    regions = [
        book.communities.select(code=pl.col(f"{level}_code"), kind=pl.lit(level)).unique().sort("code")
        for level in ("community", "street", "district", "city")
    ]
    named = [book.books.institutions["institution_code"], book.books.policies["institution_code"]]
    units = (
        pl.concat(named)
        .drop_nulls()
        .unique()
        .sort()
        .to_frame("code")
        .with_columns(kind=pl.lit("institution"))
    )
    return pl.concat([*regions, units]).drop_nulls()


def matches(pieces: pl.DataFrame, table: pl.DataFrame, book: Book) -> pl.DataFrame:
    """number, line, receiver, kind, code, verdict, rank (0 = finest): every line that covers a piece and could be read.

    `pieces`: number, community_code, institution_code, address.
    """
    readable = table.filter(~pl.col("verdict").is_in(["malformed", "unknown_code", "twice"]))
    order = {kind: _STEPS_MAX * place for place, kind in enumerate(KINDS)}
    found = keys(pieces, book).join(readable, on=["kind", "code"])
    rank = pl.col("kind").replace_strict(order, return_dtype=pl.Int64) + pl.col("steps")
    return (
        found.with_columns(rank=rank)
        .sort("number", "rank", "line")
        .select("number", "line", "receiver", "kind", "code", "verdict", "rank")
    )


def keys(pieces: pl.DataFrame, book: Book) -> pl.DataFrame:
    """number, kind, code, steps (business units: how far above the policy's own): all codes that a piece has."""
    levels = ("community", "street", "district", "city")
    regions = book.communities.select(f"{level}_code" for level in levels)
    coded = pieces.join(regions, on="community_code")
    parts = [
        coded.select("number", kind=pl.lit(level), code=f"{level}_code", steps=pl.lit(0, pl.Int64))
        for level in levels
    ]
    postcode = pl.col("address").str.extract(_POSTCODE, 1)
    parts.append(pieces.select("number", kind=pl.lit("postcode"), code=postcode, steps=pl.lit(0, pl.Int64)))
    above = pieces.select("number", code="institution_code")
    parents = book.books.institutions.select(code="institution_code", parent="parent_code").drop_nulls()
    for steps in range(_HOUSE_LEVELS_MAX):
        parts.append(
            above.select("number", kind=pl.lit("institution"), code="code", steps=pl.lit(steps, pl.Int64))
        )
        above = above.join(parents, on="code").select("number", code="parent")
    return pl.concat(parts).drop_nulls("code")
