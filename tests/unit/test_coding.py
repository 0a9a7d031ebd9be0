"""Display codes, identification units, the register of levels, and codes of earlier versions."""

from __future__ import annotations

import polars as pl
import pytest

import toy_regions
from tuogu.core.coding import (
    CodeOverflow,
    allot_display_codes,
    allot_units,
    count_children,
    resolve_code,
)
from tuogu.data.codebook import load


def display_of(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("community_code", "display_code").iter_rows())


def policies(count: int, community: str = "990101002003", start: int = 0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "policy_number": [f"P{n:06d}" for n in range(start, start + count)],
            "community_code": [community] * count,
        }
    )


@pytest.fixture
def display() -> pl.DataFrame:
    return allot_display_codes(toy_regions.communities())


@pytest.mark.req("S0-08")
def test_the_example_of_the_source(display: pl.DataFrame) -> None:
    assert display_of(display) == {
        "990101001001": "01010101",
        "990101002001": "01010201",
        "990101002002": "01010202",
        "990101002003": "01010203",  # 白沙社区
        "990102001001": "01020101",
        "990102001002": "01020102",
    }


@pytest.mark.req("S0-08")
def test_codes_once_given_never_change_and_are_never_reused(display: pl.DataFrame) -> None:
    fewer = toy_regions.communities().filter(pl.col("community_code") != "990101002001")
    newer = pl.concat(
        [
            fewer,
            fewer.head(1).with_columns(
                community_code=pl.lit("990101002000"), street_code=pl.lit("990101002"), community=pl.lit("新")
            ),
        ]
    )
    again = allot_display_codes(newer, display)
    assert display_of(again)["990101002003"] == "01010203"
    assert (
        display_of(again)["990101002000"] == "01010204"
    )  # first by official code, yet after all that were given
    by_code_only = allot_display_codes(newer, display.select("community_code", "display_code"))
    assert display_of(by_code_only) == display_of(again)


@pytest.mark.req("S0-08")
def test_the_order_of_rows_does_not_matter(display: pl.DataFrame) -> None:
    shuffled = toy_regions.communities().sample(fraction=1, shuffle=True, seed=3)
    assert allot_display_codes(shuffled).equals(display)


@pytest.mark.req("S0-08")
def test_the_hundredth_community_is_an_error_with_advice() -> None:
    street = {f"990101002{n:03d}": f"第{n}社区" for n in range(1, 101)}
    upper = {code: name for code, name in toy_regions.PLACES.items() if len(code) < 12}
    with pytest.raises(CodeOverflow, match=r"990101002100.*建议"):
        allot_display_codes(toy_regions.communities(upper | street))
    del street["990101002100"]
    allotted = allot_display_codes(toy_regions.communities(upper | street))
    assert allotted["display_code"].max() == "01010199"


@pytest.mark.req("S0-09")
@pytest.mark.parametrize(
    ("count", "units"),
    [
        (1, ["0101020301"]),
        (50, ["0101020301"]),
        (51, ["0101020301", "0101020302"]),
        (100, ["0101020301", "0101020302"]),
        (101, ["0101020301", "0101020302", "0101020303"]),
    ],
)
def test_units_of_fifty(display: pl.DataFrame, count: int, units: list[str]) -> None:
    membership = allot_units(policies(count), display, 50)
    assert membership["unit_code"].unique().sort().to_list() == units
    assert membership.group_by("unit_code").len()["len"].max() <= 50
    assert membership["policy_number"].to_list() == policies(count)["policy_number"].to_list()


@pytest.mark.req("S0-09")
def test_membership_is_stable_between_runs(display: pl.DataFrame) -> None:
    first = allot_units(policies(60), display, 50)
    shuffled = policies(60).sample(fraction=1, shuffle=True, seed=1)
    assert allot_units(shuffled, display, 50).equals(first)
    grown = allot_units(pl.concat([policies(60), policies(45, start=1000)]), display, 50, first)
    assert grown.join(first, on=["policy_number", "unit_code"]).height == 60
    assert dict(grown.group_by("unit_code").len().iter_rows()) == {
        "0101020301": 50,
        "0101020302": 50,
        "0101020303": 5,
    }


@pytest.mark.req("S0-09")
def test_a_seat_left_is_not_given_again_and_a_move_starts_anew(display: pl.DataFrame) -> None:
    first = allot_units(policies(50), display, 50)
    stayed = policies(50).with_row_index().filter(pl.col("index") >= 10).drop("index")
    moved = policies(1).with_columns(community_code=pl.lit("990101002001"))
    later = allot_units(pl.concat([stayed, moved, policies(1, start=900)]), display, 50, first)
    units = dict(later.iter_rows())
    assert units["P000900"] == "0101020302"
    assert units["P000000"] == "0101020101"
    assert units["P000049"] == "0101020301"


@pytest.mark.req("S0-09")
def test_the_hundredth_unit_is_an_error_with_advice(display: pl.DataFrame) -> None:
    assert allot_units(policies(4950), display, 50)["unit_code"].max() == "0101020399"
    with pytest.raises(CodeOverflow, match="从 50 提高到 51"):
        allot_units(policies(4951), display, 50)


def test_a_policy_without_a_display_code_is_refused(display: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="P000000"):
        allot_units(policies(1, community="000000000000"), display, 50)


@pytest.mark.req("S0-03")
def test_adding_a_community_changes_only_its_streets_count() -> None:
    before = dict(count_children(toy_regions.regions()).select("code", "children").iter_rows())
    more = toy_regions.PLACES | {"990101002004": "新河社区"}
    after = dict(count_children(toy_regions.regions(more)).select("code", "children").iter_rows())
    assert before["990101002"] == 3
    assert {code for code in before if before[code] != after[code]} == {"990101002"}
    assert after["990101002"] == 4


@pytest.mark.req("S0-03")
def test_buildings_are_the_children_of_a_community() -> None:
    seen = pl.DataFrame(
        {
            "community_code": ["990101002001"] * 3 + ["990101002002", None],
            "building": ["35", "35", "28", None, "9"],
        }
    )
    counts = dict(count_children(toy_regions.regions(), seen).select("code", "children").iter_rows())
    assert (counts["990101002001"], counts["990101002002"], counts["990101002"]) == (2, 0, 3)


@pytest.mark.req("S0-03")
def test_counts_equal_the_shipped_code_book() -> None:
    book = load(["330200"])
    counts = count_children(book.regions)
    assert dict(counts.select("code", "children").iter_rows())["3302"] == 10
    for level, below in (("city", "district"), ("district", "street"), ("street", "community")):
        stored = book.regions.filter(pl.col("level") == below).height
        assert counts.filter(pl.col("level") == level)["children"].sum() == stored


@pytest.mark.req("N-12")
@pytest.mark.parametrize(
    ("code", "today"),
    [
        ("330212011004", ("330212011004",)),
        ("330204", ("330212",)),  # 江东区, merged in 2016
        ("330283", ("330213",)),  # 奉化市, a district since 2016
        ("330227", ("330212",)),  # 鄞县
        ("330204003001", ("330212",)),  # below a retired district: its heir
        ("330212011999", ("330212011",)),  # an unknown community of a street in force
        ("020000", ()),
    ],
)
def test_a_retired_code_resolves(code: str, today: tuple[str, ...]) -> None:
    assert resolve_code(code, load(["330200"])) == today


@pytest.mark.req("N-12")
def test_events_are_followed_to_the_end_and_circles_end() -> None:
    class Book:
        regions = toy_regions.regions()
        events = toy_regions.events(
            ("980001", "甲区", "980002"),
            ("980002", "乙区", "990101"),
            ("980002", "乙区", "990102"),
            ("980003", "丙区", "980004"),
            ("980004", "丁区", "980003"),
        )

    assert resolve_code("980001", Book()) == ("990101", "990102")
    assert resolve_code("980003", Book()) == ()
