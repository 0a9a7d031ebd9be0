"""Masks: the three patterns of the requirement, and nothing short or odd shown whole."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch import RULEBOOK, communities
from tuogu.core.masking import (
    address_to_community,
    mask_rule,
    mask_text,
    masked_address,
    masked_id,
    masked_name,
    masked_phone,
)

RULE = mask_rule(RULEBOOK)


@pytest.mark.req("L-05")
@pytest.mark.parametrize(
    ("kind", "plain", "masked"),
    [
        ("name", "张三", "张**"),
        ("name", "张三丰", "张**"),
        ("phone", "13812341234", "138****1234"),
        ("phone", "057487654321", "057*****4321"),
        ("phone", "87654321", "8*******"),
        ("id", "330203199001011234", "330***********1234"),
        ("id", "33020319900101123X", "330***********123X"),
        ("id", "330203900101123", "330********1123"),
        ("id", "E12345678", "E********"),
        ("id", "1", "*"),
        ("id", "", ""),
    ],
)
def test_patterns(kind: str, plain: str, masked: str) -> None:
    assert mask_text(kind, plain, RULE) == masked


@pytest.mark.req("L-05")
def test_digits_are_the_rulebooks() -> None:
    rule = mask_rule(RULEBOOK.replace(masking__phone_head=0, masking__phone_tail=2))
    assert mask_text("phone", "13812341234", rule) == "*********34"


def test_null_stays_null() -> None:
    frame = pl.DataFrame({"v": [None]}, schema={"v": pl.String})
    for mask in (masked_name, masked_phone, masked_id):
        assert frame.select(mask(pl.col("v"), RULE)).item() is None
    assert frame.select(masked_address(pl.col("v"))).item() is None


@given(st.text(min_size=1, max_size=30))
def test_at_least_half_or_four_are_hidden(text: str) -> None:
    masked = mask_text("id", text, RULE)
    assert len(masked) == len(text)
    assert masked.count("*") >= min(4, max(1, len(text) - 1))


@pytest.mark.req("L-05")
def test_lists_show_an_address_down_to_the_community() -> None:
    shown = communities().select(address_to_community())["district"].to_list()
    assert shown[1] == "海曙区白云街道白沙社区"


@pytest.mark.req("L-05")
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("宁波市海曙区白云街道白沙社区12幢308室", "宁波市海曙区白云街道白沙社区**幢***室"),
        ("白沙社区十二栋二单元301", "白沙社区**栋*单元***"),
        ("三江口路１８号Ａ座", "三江口路**号*座"),
        ("中山东路818弄", "中山东路***弄"),
    ],
)
def test_the_manual_queue_hides_house_and_room(written: str, shown: str) -> None:
    assert pl.select(masked_address(pl.lit(written))).item() == shown
