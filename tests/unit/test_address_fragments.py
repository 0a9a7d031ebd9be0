"""What addresses share, and how candidates are ranked."""

from __future__ import annotations

import polars as pl
import pytest

import toy_regions
from tuogu.core.address import fragments
from tuogu.core.address.ranking import NAMED, NEIGHBOURS, SIMILAR, ranked


@pytest.mark.parametrize(
    ("text", "area", "fragment"),
    [
        ("XX市江东区白鹤街道欣欣小区28栋201", "990101002", "欣欣小区"),
        ("XX市江东区白鹤街道中兴大道358号", "990101002", "中兴大道"),
        ("XX市江东区白鹤街道蓝汐屿社区53幢1704室", "990101002", "蓝汐屿社区"),
        ("XX市江东区白鹤街道恒信机械有限公司宿舍3-201", "990101002", "恒信机械有限公司宿舍"),
        ("XX市江东区白鹤街道白沙社区5幢", "990101002", ""),
        ("XX市江北区张三家", "990102", ""),
        (None, "", ""),
    ],
)
def test_a_fragment_is_a_place_that_neighbours_share_and_never_a_number(
    text: str | None, area: str, fragment: str
) -> None:
    frame = pl.DataFrame({"key": ["1"], "address": [text]}, schema={"key": pl.String, "address": pl.String})
    assert fragments(frame, toy_regions.gazetteer(), "9901").row(0) == ("1", area, fragment)


def test_fragments_come_back_by_key_one_a_row() -> None:
    frame = pl.DataFrame({"key": ["b", "a", "c"], "address": ["青年路3号", "青年路5号", None]})
    found = fragments(frame, toy_regions.gazetteer(), "9901")
    assert found["key"].to_list() == ["a", "b", "c"]
    assert found["fragment"].to_list() == ["青年路", "青年路", ""]


def test_many_neighbours_say_more_than_few_and_more_than_a_likeness() -> None:
    found = ranked(neighbours={"A": 46, "B": 2}, written="白沙湖", names={"C": "白沙", "A": "丹凤"}, limit=9)
    assert [candidate.code for candidate in found] == ["A", "C", "B"]
    assert found[0].evidence[0].kind == NEIGHBOURS
    assert (found[0].evidence[0].count, found[0].evidence[0].total) == (46, 48)
    assert found[1].evidence[0].kind == SIMILAR


def test_equals_are_equal_in_the_order_of_their_codes_and_never_certain() -> None:
    found = ranked(named=["B", "A"], limit=9)
    assert [(c.code, c.score) for c in found] == [("A", 0.45), ("B", 0.45)]
    assert all(c.evidence[0].kind == NAMED for c in found)
    assert ranked(same_address={"A": 1000}, neighbours={"A": 1000}, limit=1)[0].score < 1
    assert ranked(limit=9) == []
