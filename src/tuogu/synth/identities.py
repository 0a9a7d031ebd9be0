"""Names, ID numbers and phones of invented people, whole columns at a time.

In: sex, birth dates, regions as arrays, a random generator. Out: codes (draw_*), and text columns from
codes (spell_*). Never: two equal ID numbers in one call (the running number inside region, day and sex
counts up), an ID whose check digit is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.synth.vocabulary import (
    AREA_CODES,
    FEMALE_CHARACTERS,
    MALE_CHARACTERS,
    MOBILE_PREFIXES,
    SURNAMES,
)

Ints = NDArray[np.int64]
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"  # GB 11643-1999, by the remainder of the weighted sum by 11
PER_DAY = 500  # running numbers of one sex in one region on one day
LANDLINE_SHARE = 0.06
NO_PHONE_SHARE = 0.03
ONE_CHARACTER_SHARE = 0.22


@dataclass(frozen=True)
class NameCodes:
    """Names as indices: surname, first and second given character (-1 = one character only)."""

    surname: NDArray[np.int8]
    first: NDArray[np.int8]
    second: NDArray[np.int8]


def draw_names(male: NDArray[np.bool_], rng: np.random.Generator) -> NameCodes:
    """Draw surnames by their frequency, given characters by sex."""
    n = len(male)
    weights = np.array(list(SURNAMES.values()), float)
    surname = rng.choice(len(weights), n, p=weights / weights.sum())
    offset = np.where(male, 0, len(MALE_CHARACTERS))
    count = np.where(male, len(MALE_CHARACTERS), len(FEMALE_CHARACTERS))
    first = offset + (rng.random(n) * count).astype(np.int64)
    second = offset + (rng.random(n) * count).astype(np.int64)
    second = np.where(rng.random(n) < ONE_CHARACTER_SHARE, -1, second)
    return NameCodes(surname.astype(np.int8), first.astype(np.int8), second.astype(np.int8))


def spell_names(surname: pl.Series, first: pl.Series, second: pl.Series) -> pl.Series:
    """The names behind the indices."""
    characters = pl.Series(["", *MALE_CHARACTERS, *FEMALE_CHARACTERS])
    given = characters.gather(first.cast(pl.Int64) + 1) + characters.gather(second.cast(pl.Int64) + 1)
    return pl.Series(list(SURNAMES)).gather(surname.cast(pl.Int64)) + given


def id_serials(regions: Ints, birth_days: Ints, male: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """Three-digit running numbers, odd for men, unique inside (region, day of birth, sex)."""
    frame = pl.DataFrame({"r": regions, "d": birth_days, "m": male})
    rank = frame.select(pl.int_range(pl.len()).over("r", "d", "m")).to_series().to_numpy()
    if rank.size and int(rank.max()) >= PER_DAY:
        raise ValueError("more people of one sex born on one day in one region than ID numbers exist")
    start = (regions * 7_919 + birth_days * 104_729 + male * 389 + int(rng.integers(PER_DAY))) % PER_DAY
    serial = (start + rank) % PER_DAY
    return np.asarray(2 * serial + male.astype(np.int64))


def id_numbers(regions: Ints, birth_days: Ints, serials: Ints) -> pl.Series:
    """18-digit ID numbers with their check digit. `birth_days` count from 1970-01-01."""
    born = pl.Series(birth_days).cast(pl.Int32).cast(pl.Date)
    stamp = (
        born.dt.year().cast(pl.Int64) * 10_000 + born.dt.month().cast(pl.Int64) * 100 + born.dt.day()
    ).to_numpy()
    total = np.zeros(len(stamp), np.int64)
    for part, digits, first in ((regions, 6, 0), (stamp, 8, 6), (serials, 3, 14)):
        for i in range(digits):
            total += (part // 10 ** (digits - 1 - i)) % 10 * ID_WEIGHTS[first + i]
    check = pl.Series(list(ID_CHECKS)).gather(total % 11)
    body = pl.Series((regions * 10**8 + stamp) * 1000 + serials).cast(pl.String)
    return body + check


def draw_phones(n: int, city_code: str, rng: np.random.Generator) -> Ints:
    """Phone numbers as integers: mobiles, landlines without the zero of their area code, 0 = none."""
    mobile = np.array([int(p) for p in MOBILE_PREFIXES])[rng.integers(0, len(MOBILE_PREFIXES), n)] * 10**8
    mobile = mobile + rng.integers(0, 10**8, n)
    u = rng.random(n)
    area = AREA_CODES.get(city_code)
    if area:
        landline = int(area) * 10**8 + 8 * 10**7 + rng.integers(0, 10**7, n)
        mobile = np.where(u > 1 - LANDLINE_SHARE, landline, mobile)
    return np.where(u < NO_PHONE_SHARE, 0, mobile)


def spell_phones(number: pl.Series) -> pl.Series:
    """Digits as dialled; null where there is no phone."""
    text = pl.col("p").cast(pl.String)
    mobile = pl.col("p") // 10**10 == 1
    spelt = pl.when(mobile).then(text).when(pl.col("p") > 0).then(pl.lit("0") + text)
    return pl.DataFrame({"p": number}).select(spelt).to_series()
