"""Throughput on addresses of the whole country, far below what a quiet core gives: it catches a slip of ten
times.
"""

from __future__ import annotations

import random
import time

import polars as pl
import pytest

from tuogu.core.address import Gazetteer, parse
from tuogu.data.codebook import load

ROWS = 60_000
CPU_SECONDS = 12.0


@pytest.mark.exhaustive
@pytest.mark.req("S0-11")
def test_sixty_thousand_random_addresses_are_parsed_in_time_and_right() -> None:
    book = load()
    names = dict(book.regions.select("code", "name").iter_rows())
    parent = dict(book.regions.select("code", "parent_code").iter_rows())
    chance = random.Random(7)
    codes = chance.sample(book.regions.filter(pl.col("level") == "community")["code"].to_list(), ROWS)
    lines = []
    for code in codes:
        street = parent[code]
        district = parent[street]
        upper = dict.fromkeys(names[c] for c in (district[:2], district[:4], district))
        written = "".join(n for n in upper if "直辖" not in n)
        lines.append(
            f"{written}{names[street]}{names[code]}{chance.randrange(1, 99)}幢{chance.randrange(101, 999)}室"
        )
    gazetteer = Gazetteer.of(book)
    frame = pl.DataFrame({"id": codes, "text": lines})
    started = time.process_time()
    parsed = parse(frame, gazetteer)
    assert time.process_time() - started < CPU_SECONDS
    right = parsed.filter(pl.col("community_code") == pl.col("id")).height
    wrong = parsed.filter(
        pl.col("community_code").is_not_null() & (pl.col("community_code") != pl.col("id"))
    ).height
    assert right > 0.97 * ROWS
    assert wrong < 0.001 * ROWS
