"""Addresses as people wrote them: with missing levels, old district names, traditional characters.

In: who lives in which community, which addresses cannot be coded and why, a code book. Out: random parts
as integers (`draw`), a text column from them (`write`). Never: an address meant to be codable that lacks
its community, or that another community of the city fits as well.

The text is part of the truth: what a branch has written is what `CUSTOMERS.address` holds.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import polars as pl

from tuogu.data.codebook.names import stem
from tuogu.synth.geography import Geography
from tuogu.synth.portfolio import Coding
from tuogu.synth.vocabulary import ELSEWHERE, ESTATES, ROADS, TRADITIONAL, UNKNOWN_COMMUNITIES


class Form(IntEnum):
    """How a codable address is written."""

    FULL = 0
    NO_PROVINCE = 1
    FROM_DISTRICT = 2
    NO_DISTRICT = 3  # only where street and community are known to fit one place
    OLD_DISTRICT = 4  # 江东区; elsewhere written in full
    TRADITIONAL = 5
    FULL_WIDTH = 6
    SEPARATED = 7
    ESTATE = 8


FORM_SHARES = (0.34, 0.20, 0.14, 0.04, 0.06, 0.05, 0.05, 0.04, 0.08)
WORD_SPACE = 60_480  # divisible by every count of words up to 10: no word is likelier than another
OLD_NAMES_SINCE = 2000  # nobody writes a district name that went earlier
FULL_WIDTH_DIGITS = dict(zip("0123456789", "０１２３４５６７８９", strict=True))


class Scribe:
    """Writes addresses in one city."""

    def __init__(self, geography: Geography, regions: pl.DataFrame, events: pl.DataFrame) -> None:
        self._geography = geography
        self._communities = geography.communities.with_columns(
            old_district=pl.col("district_code").replace_strict(
                _old_districts(events, geography.city_code), default=None, return_dtype=pl.String
            )
        )
        taken = geography.gazette_stems | {
            stem("street", n) for n in regions.filter(pl.col("level") == "street")["name"]
        }
        self._estates = [n for n in ESTATES if not _collides(n, taken)]
        self._roads = [n for n in ROADS if not _collides(n, taken)]
        self._strangers = [n for n in UNKNOWN_COMMUNITIES if not _collides(n, taken)]

    def draw(self, n: int, rng: np.random.Generator, *, plain: bool = False) -> pl.DataFrame:
        """What is random about `n` addresses, as small integers; `plain` writes the codable ones in full."""
        form = np.zeros(n, np.int8) if plain else rng.choice(len(FORM_SHARES), n, p=FORM_SHARES)
        return pl.DataFrame(
            {
                "form": form.astype(np.int8),
                "building": rng.integers(1, 80, n, dtype=np.uint8),
                "staircase": rng.integers(1, 5, n, dtype=np.uint8),
                "floor": rng.integers(1, 19, n, dtype=np.uint8),
                "door": rng.integers(1, 5, n, dtype=np.uint8),
                "number": rng.integers(1, 400, n, dtype=np.uint16),
                "style": rng.integers(0, 5, n, dtype=np.uint8),
                "word": rng.integers(0, WORD_SPACE, n, dtype=np.uint16),
            }
        )

    def write(self, community: pl.Series, coding: pl.Series, drawn: pl.DataFrame) -> pl.Series:
        """One address a row of `drawn` (see `draw`); Coding.NO_ADDRESS gives null."""
        places = self._communities.select("community", "street", "district", "old_district", "unique_name")
        text = pl.col("building", "staircase", "number").cast(pl.String)
        frame = places[community.cast(pl.Int64)].hstack(drawn).with_columns(text)
        frame = frame.with_columns(
            room=(pl.col("floor").cast(pl.Int64) * 100 + pl.col("door")).cast(pl.String),
            coding=coding,
            estate=_word(self._estates, drawn["word"]),
            road=_word(self._roads, drawn["word"]),
            stranger=_word(self._strangers, drawn["word"]),
            shared=_word(list(self._geography.shared_names), drawn["word"]),
            elsewhere=_word(list(ELSEWHERE), drawn["word"]),
        )
        frame = frame.with_columns(text=self._address())
        return frame.select(_dressed()).to_series()

    def _address(self) -> pl.Expr:
        province, city = pl.lit(self._geography.province), pl.lit(self._geography.city)
        if self._geography.province == self._geography.city:
            province = pl.lit("")
        district, street, community = pl.col("district"), pl.col("street"), pl.col("community")
        form, coding = pl.col("form"), pl.col("coding")
        old = pl.coalesce("old_district", "district")
        head = (
            pl.when(form.is_in([Form.FULL, Form.TRADITIONAL, Form.SEPARATED]))
            .then(province + city + district)
            .when((form == Form.NO_DISTRICT) & pl.col("unique_name"))
            .then(city)
            .when(form == Form.FROM_DISTRICT)
            .then(district)
            .when(form == Form.OLD_DISTRICT)
            .then(city + old)
            .otherwise(city + district)
        )
        place = head + street + community
        known = (
            pl.when(form == Form.ESTATE).then(place + pl.col("estate") + _block()).otherwise(place + _tail())
        )
        in_street = city + district + street
        return (
            pl.when(coding == Coding.CODED)
            .then(pl.coalesce(known, place + _tail()))
            .when(coding == Coding.NO_COMMUNITY)
            .then(in_street + pl.coalesce("road", pl.lit("")) + pl.col("number") + "号")
            .when(coding == Coding.DISTRICT_ONLY)
            .then(city + district)
            .when(coding == Coding.AMBIGUOUS)
            .then(pl.coalesce(city + pl.col("shared") + _block(), in_street + pl.col("number") + "号"))
            .when(coding == Coding.UNKNOWN_COMMUNITY)
            .then(pl.coalesce(in_street + pl.col("stranger") + _block(), in_street))
            .when(coding == Coding.OUTSIDE_CITY)
            .then(pl.col("elsewhere").str.replace("{}", pl.col("number"), literal=True))
        )


def _block() -> pl.Expr:
    return pl.col("building") + "幢" + pl.col("room") + "室"


def _tail() -> pl.Expr:
    """House inside the community: villages have numbers, estates blocks and rooms in several styles."""
    building, staircase, room, style = (pl.col(n) for n in ("building", "staircase", "room", "style"))
    return (
        pl.when(pl.col("community").str.ends_with("村"))
        .then(pl.col("number") + "号")
        .when(style == 0)
        .then(building + "号楼" + room + "室")
        .when(style == 1)
        .then(building + "栋" + staircase + "单元" + room + "室")
        .when(style == 2)
        .then(building + "幢" + staircase + "单元" + room)
        .otherwise(_block())
    )


def _dressed() -> pl.Expr:
    """Characters, digits and separators of the forms that keep every level."""
    words, form = pl.col("text"), pl.col("form")
    coded = pl.col("coding") == Coding.CODED
    return (
        pl.when(coded & (form == Form.TRADITIONAL))
        .then(words.str.replace_many(TRADITIONAL))
        .when(coded & (form == Form.FULL_WIDTH))
        .then(words.str.replace_many(FULL_WIDTH_DIGITS))
        .when(coded & (form == Form.SEPARATED))
        .then(words.str.replace_all(r"(省|市|街道|镇|乡|社区)", "$1 "))
        .otherwise(words)
    )


def _word(words: list[str], draw: pl.Series) -> pl.Series:
    """One of `words` by a number below WORD_SPACE; null where there are none."""
    if not words:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(draw))
    return pl.Series(words).gather(draw.cast(pl.Int64) % len(words))


def _old_districts(events: pl.DataFrame, city_code: str) -> dict[str, str]:
    """Today's district code → a name that it, or a part of it, had until lately; the latest merger first."""
    levels = pl.col("old_path").str.count_matches("/")
    known = events.filter(
        (pl.col("level") == 3)
        & (levels == 2)
        & pl.col("new_code").str.starts_with(city_code)
        & (pl.col("year") >= OLD_NAMES_SINCE)
    ).sort("year", "old_code")
    return dict(known.select("new_code", "old_name").iter_rows())


def _collides(name: str, taken: set[str] | frozenset[str]) -> bool:
    """Whether an invented name begins like a real one, so that a parser could rightly take it for that."""
    return any(name.startswith(real) or real.startswith(name[:2]) for real in taken)
