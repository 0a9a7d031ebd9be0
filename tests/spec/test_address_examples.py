"""Worked examples of addresses: one line each, as a table that is also the manual.

Columns: address | district | street | community | building | unit | room; '-' means absent.
"""

from __future__ import annotations

import pytest

import toy_regions
from tuogu.core.address import Gazetteer, parse
from tuogu.data.codebook import load

PARTS = ("district", "street", "community", "building", "unit", "room")

TOY = """
XX市江东区白鹤街道白鹤社区35幢608室           | 江东区 | 白鹤街道 | 白鹤社区 | 35 | - | 608
XX市江东区白鹤街道白沙社区欣欣小区28栋201     | 江东区 | 白鹤街道 | 白沙社区 | 28 | - | 201
"""

NINGBO = """
宁波市江东区白鹤街道白鹤社区35幢608室         | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市江东区白鹤街道白沙社区欣欣小区28栋201   | 鄞州区 | 白鹤街道 | -            | 28 | - | 201
浙江省宁波市鄞州区白鹤街道白鹤社区35栋608室   | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市鄞州区白鹤街道白鹤社区35号楼608室       | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市鄞州区白鹤街道白鹤社区35座608           | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市鄞州区白鹤街道白鹤社区35#608            | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市鄞州区白鹤街道白鹤社区35-2-608          | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | 2 | 608
宁波市鄞州区白鹤街道白鹤社区三十五幢二单元608 | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | 2 | 608
宁波鄞州白鹤白鹤社区３５幢６０８室            | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
寧波市鄞州區白鶴街道白鶴社區35幢608室         | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市-鄞州区-白鹤街道-白鹤社区 35幢 608室    | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | 608
宁波市鄞州区宁波市鄞州区白鹤街道白鹤社区35幢  | 鄞州区 | 白鹤街道 | 白鹤社区     | 35 | - | -
宁波市海曙区上海路446-8号12幢三单元501        | 海曙区 | -        | -            | 12 | 3 | 501
宁波市海曙区南京西路12号                      | 海曙区 | -        | -            | -  | - | -
奉化市岳林街道中山东路3号                     | 奉化区 | 岳林街道 | -            | -  | - | -
宁波市鄞州区下应街道湾底村3组12号             | 鄞州区 | 下应街道 | 湾底村村委会 | -  | - | 12
邮编:315040 地址:宁波市鄞州区白鹤街道白鹤社区(附近)5座301房 | 鄞州区 | 白鹤街道 | 白鹤社区 | 5 | - | 301
宁波市江北区白沙街道白沙社区5幢301            | 江北区 | 外滩街道 | 白沙社区     | 5  | - | 301
象山县定塘镇宁波站村114号                     | 象山县 | 定塘镇   | 宁波站村委会 | - | - | 114
"""


def rows(table: str) -> list[tuple[str, dict[str, str | None]]]:
    """Address and expected parts of each line."""
    found = []
    for line in table.strip().splitlines():
        address, *parts = (cell.strip() for cell in line.split("|"))
        found.append((address, {k: None if v == "-" else v for k, v in zip(PARTS, parts, strict=True)}))
    return found


@pytest.fixture(scope="module")
def ningbo() -> Gazetteer:
    return Gazetteer.of(load(["330200"]))


@pytest.mark.req("S0-04")
@pytest.mark.parametrize(("address", "expected"), rows(TOY))
def test_the_examples_of_the_source(address: str, expected: dict[str, str | None]) -> None:
    parsed = parse(toy_regions.texts(address), toy_regions.gazetteer()).row(0, named=True)
    assert {part: parsed[part] for part in PARTS} == expected
    assert parsed["city"] == "XX市"
    assert parsed["missing"] == ""
    assert parsed["confidence"] == 0.99


@pytest.mark.req("S0-04", "N-12")
@pytest.mark.parametrize(("address", "expected"), rows(NINGBO))
def test_the_shipped_code_book(address: str, expected: dict[str, str | None], ningbo: Gazetteer) -> None:
    parsed = parse(toy_regions.texts(address), ningbo).row(0, named=True)
    assert {part: parsed[part] for part in PARTS} == expected
    assert (parsed["province"], parsed["city"]) == ("浙江省", "宁波市")


@pytest.mark.req("N-12")
def test_a_merged_district_resolves_to_today_and_keeps_what_was_written(ningbo: Gazetteer) -> None:
    parsed = parse(toy_regions.texts("宁波市江东区白鹤街道白鹤社区35幢608室"), ningbo).row(0, named=True)
    assert parsed["district"] == "鄞州区"
    assert parsed["district_surface"] == "江东区"
    assert parsed["code"] == parsed["community_code"] == "330212011004"
    assert parsed["evidence"] == "C:full;D:old;S:full;V:full"


@pytest.mark.req("S0-04")
def test_a_community_that_its_street_does_not_have_keeps_its_written_form(ningbo: Gazetteer) -> None:
    parsed = parse(toy_regions.texts("宁波市江东区白鹤街道白沙社区欣欣小区28栋201"), ningbo).row(
        0, named=True
    )
    assert parsed["community"] is None
    assert parsed["community_surface"] == "白沙社区"
    assert parsed["missing"] == "community"
    assert parsed["code"] == "330212011"
