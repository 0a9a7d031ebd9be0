"""What holds for every text: no exception, one row a row, chains that exist, offsets that are there, no
order.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toy_regions
from tuogu.core.address import Gazetteer, locate, parse
from tuogu.core.address.communities import one_edit, stems_of
from tuogu.core.address.normalise import clean_text, fold
from tuogu.core.coding import allot_units
from tuogu.core.rulebook import parse_rulebook
from tuogu.data.codebook import load
from tuogu.data.codebook.names import community_stem
from tuogu.data.rulebooks import read_shipped

CITY = load(["330200"])
NINGBO = Gazetteer.of(CITY)
RULEBOOK = parse_rulebook(read_shipped())
NAMES = sorted(set(CITY.regions["name"]))

words = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(
        [
            "上海路",
            "幢",
            "单元",
            "室",
            "12",
            "３５",
            "-",
            "#",
            " ",
            "，",
            "(附近)",
            "号",
            "村",
            "街道",
            "社区",
            "區",
        ]
    ),
    st.text(max_size=4),
)
addresses = st.lists(words, max_size=9).map("".join).filter(lambda t: t.isprintable() or t == "")


@settings(max_examples=60, deadline=None)
@given(st.lists(addresses, max_size=12))
def test_any_text_gives_one_consistent_row(lines: list[str]) -> None:
    frame = toy_regions.texts(*lines)
    parsed = parse(frame, NINGBO, "330200")
    assert parsed["id"].to_list() == frame["id"].to_list()
    assert parsed["confidence"].is_between(0, 1).all()
    known = CITY.regions.select("code", official="name")
    deepest = parsed.filter(pl.col("community_code").is_not_null()).join(
        known, left_on="community_code", right_on="code", how="left"
    )
    assert (deepest["official"] == deepest["community"]).all()
    cleaned = frame.select("id", clean=clean_text(pl.col("text")))
    for level in ("province", "city", "district", "street", "community"):
        written = parsed.select("id", pl.col(f"{level}_surface")).drop_nulls().join(cleaned, on="id")
        assert (
            written.select(pl.col("clean").str.contains(pl.col(f"{level}_surface"), literal=True))
            .to_series()
            .all()
        )


@pytest.mark.req("S0-11")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), addresses), min_size=1, max_size=12))
def test_every_row_is_in_exactly_one_of_coded_and_manual(lines: list[str | None]) -> None:
    frame = pl.DataFrame(
        {"key": [f"k{i}" for i in range(len(lines))], "address": lines},
        schema={"key": pl.String, "address": pl.String},
    )
    located = locate(frame, NINGBO, RULEBOOK, "330200")
    assert sorted(located["key"]) == sorted(frame["key"])
    coded = located["status"] == "coded"
    assert (located["community_code"].is_not_null() == coded).all()
    assert (located["reason"].is_null() == coded).all()
    assert located.filter(coded)["community_code"].str.starts_with("3302").all()
    assert locate(frame.reverse(), NINGBO, RULEBOOK, "330200").equals(located)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_folding_keeps_every_offset(text: str) -> None:
    folded = pl.DataFrame({"t": [text]}).select(a="t", b=fold(pl.col("t"), CITY.traditional)).row(0)
    assert len(folded[0]) == len(folded[1])


def test_the_column_of_stems_agrees_with_the_function() -> None:
    names = CITY.regions.filter(pl.col("level") == "community").select("name")
    stems = names.select(stems_of(pl.col("name"))).to_series().to_list()
    assert stems == [community_stem(name) for name in names["name"]]


def edits(left: str, right: str) -> int:
    """Edit distance by the textbook, as the slow twin of `one_edit`."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


@settings(max_examples=300, deadline=None)
@given(st.text("ab甲", max_size=6), st.text("ab甲", max_size=6))
def test_one_edit_agrees_with_the_edit_distance(left: str, right: str) -> None:
    assert one_edit(left, right) == (edits(left, right) == 1)


@pytest.mark.req("S0-09")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2)), max_size=120), st.integers(1, 9), st.data()
)
def test_units_hold_every_policy_once_and_never_overflow(
    pairs: list[tuple[int, int]], unit_size: int, data: st.DataObject
) -> None:
    display = pl.DataFrame(
        {"community_code": ["a", "b", "c"], "display_code": ["01010101", "01010102", "01010103"]}
    )
    wanted = {number: "abc"[place] for number, place in pairs}
    policies = pl.DataFrame(
        {"policy_number": [f"{n:04d}" for n in wanted], "community_code": list(wanted.values())},
        schema={"policy_number": pl.String, "community_code": pl.String},
    )
    early = policies.filter(pl.Series([data.draw(st.booleans()) for _ in wanted], dtype=pl.Boolean))
    first = allot_units(early, display, unit_size)
    units = allot_units(policies, display, unit_size, first)
    assert units["policy_number"].to_list() == sorted(policies["policy_number"])
    assert units.group_by("unit_code").len()["len"].max() in (None, *range(1, unit_size + 1))
    assert first.join(units, on=["policy_number", "unit_code"]).height == first.height
    assert allot_units(policies.reverse(), display, unit_size, first).equals(units)
