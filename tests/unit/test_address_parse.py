"""The parser: ties, traps, repairs, context, missing parts, and the manual queue of `locate`."""

from __future__ import annotations

import polars as pl
import pytest

import toy_regions
from tuogu.core.address import Gazetteer, locate, parse
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.tables import LOCATED, PARSED
from tuogu.data.codebook import load
from tuogu.data.rulebooks import read_shipped

NINGBO = "330200"


@pytest.fixture(scope="module")
def ningbo() -> Gazetteer:
    return Gazetteer.of(load([NINGBO]))


@pytest.fixture(scope="module")
def country() -> Gazetteer:
    return Gazetteer.of(load())


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return parse_rulebook(read_shipped("standard"))


def parsed(gazetteer: Gazetteer, address: str | None, home: str | None = None) -> dict[str, object]:
    return parse(toy_regions.texts(address), gazetteer, home).row(0, named=True)


def test_the_columns_are_the_contract(ningbo: Gazetteer) -> None:
    frame = parse(toy_regions.texts("宁波市", None, ""), ningbo)
    assert dict(frame.schema) == PARSED
    assert frame["id"].to_list() == ["0", "1", "2"]


@pytest.mark.req("S0-04")
@pytest.mark.parametrize(
    ("address", "missing"),
    [
        (None, "city,district,street,community,building,room"),
        ("", "city,district,street,community,building,room"),
        ("abc ???", "city,district,street,community,building,room"),
        ("宁波市", "district,street,community,building,room"),
        ("宁波市鄞州区", "street,community,building,room"),
        ("宁波市鄞州区白鹤街道", "community,building,room"),
        ("宁波市鄞州区白鹤街道白鹤社区", "building,room"),
        ("宁波市鄞州区白鹤街道白鹤社区35幢", "room"),
        ("宁波市鄞州区白鹤街道35幢608室", "community"),
    ],
)
def test_every_missing_part_is_named(ningbo: Gazetteer, address: str | None, missing: str) -> None:
    assert parsed(ningbo, address)["missing"] == missing


def test_levels_that_a_place_does_not_have_are_not_missing() -> None:
    country = Gazetteer.of(load(["4419", "4290"]))
    dongguan = parsed(country, "广东省东莞市南城街道")
    assert (dongguan["city"], dongguan["district"], dongguan["street"]) == ("东莞市", None, "南城街道")
    assert dongguan["missing"] == "community,building,room"
    xiantao = parsed(country, "湖北省仙桃市张沟镇")
    assert (xiantao["city"], xiantao["district"]) == (None, "仙桃市")
    assert xiantao["missing"] == "community,building,room"


@pytest.mark.req("S0-11")
def test_a_tie_abstains(country: Gazetteer) -> None:
    row = parsed(country, "鼓楼区12号")
    assert row["district"] is None
    assert row["code"] is None
    assert "tie:division" in str(row["evidence"])
    assert row["district_surface"] == "鼓楼区"


def test_the_province_breaks_a_tie_between_namesakes(country: Gazetteer) -> None:
    assert parsed(country, "江苏省徐州市鼓楼区")["code"] == "320302"
    assert parsed(country, "福州市鼓楼区")["code"] == "350102"


def test_the_home_city_breaks_a_tie_and_is_named_as_evidence(country: Gazetteer) -> None:
    row = parsed(country, "江北区文教街道12号", home=NINGBO)
    assert row["code"] == "330205004"
    elsewhere = parsed(country, "重庆市江北区", home=NINGBO)
    assert elsewhere["city"] == "重庆市"


def test_an_address_elsewhere_is_seen_to_be_elsewhere_by_a_city_gazetteer(ningbo: Gazetteer) -> None:
    row = parsed(ningbo, "杭州市西湖区白鹤街道白鹤社区1幢101", home=NINGBO)
    assert (row["district"], row["community_code"]) == ("西湖区", None)
    assert parsed(ningbo, "北京市朝阳区建国路1号", home=NINGBO)["code"] == "110105"


@pytest.mark.parametrize("road", ["上海路", "南京西路", "北京东路", "山西路", "海南大道", "长春路"])
def test_a_road_named_after_a_place_is_a_road(country: Gazetteer, road: str) -> None:
    row = parsed(country, f"宁波市海曙区{road}12号3幢201")
    assert (row["code"], row["building"], row["room"]) == ("330203", "3", "201")


@pytest.mark.parametrize(
    ("written", "community"),
    [
        ("宁波市鄞州区白鹤街道丹顶顶鹤社区", "丹顶鹤社区"),
        ("宁波市鄞州区白鹤街道丹页鹤社区", "丹顶鹤社区"),
        ("宁波市鄞州区白鹤街道丹鹤社区", None),  # two characters are too few to be sure
    ],
)
def test_one_wrong_character_is_repaired_but_does_not_count_as_certain(
    ningbo: Gazetteer, written: str, community: str | None
) -> None:
    row = parsed(ningbo, written)
    assert row["community"] == community
    assert row["confidence"] == (0.7 if community else 0.99)


def test_a_community_unique_in_its_district_implies_the_street(ningbo: Gazetteer) -> None:
    row = parsed(ningbo, "宁波市鄞州区丹顶鹤社区3幢101")
    assert (row["street"], row["street_surface"], row["community"]) == ("白鹤街道", None, "丹顶鹤社区")


def test_two_addresses_in_one_cell_are_not_certain(ningbo: Gazetteer) -> None:
    row = parsed(ningbo, "宁波市鄞州区白鹤街道白鹤社区35幢608室浙江省宁波市海曙区月湖街道")
    assert "two_addresses" in str(row["evidence"])
    assert row["confidence"] < 0.75


def test_a_road_number_is_no_building(ningbo: Gazetteer) -> None:
    row = parsed(ningbo, "宁波市鄞州区白鹤街道白鹤社区中山路446-8号")
    assert (row["building"], row["unit"], row["room"]) == (None, None, None)
    assert "road_number" in str(row["evidence"])


def test_equal_texts_give_equal_rows_in_any_order(ningbo: Gazetteer) -> None:
    lines = ["宁波市鄞州区白鹤街道白鹤社区1幢1室", "宁波市海曙区", None, "宁波市鄞州区白鹤街道白鹤社区1幢1室"]
    frame = toy_regions.texts(*lines)
    forward = parse(frame, ningbo).sort("id")
    assert parse(frame.reverse(), ningbo).sort("id").equals(forward)
    assert forward.row(0)[1:] == forward.row(3)[1:]


def test_a_missing_parent_is_refused() -> None:
    broken = toy_regions.regions().filter(pl.col("code") != "990101")
    with pytest.raises(ValueError, match="990101"):
        Gazetteer.build(broken)


def test_an_unknown_home_city_is_refused(ningbo: Gazetteer) -> None:
    with pytest.raises(ValueError, match="999900"):
        parse(toy_regions.texts("宁波市"), ningbo, "999900")


@pytest.mark.req("S0-11")
def test_every_row_is_coded_or_in_the_queue_with_its_reason(ningbo: Gazetteer, rulebook: Rulebook) -> None:
    addresses = {
        "c1": ("宁波市江东区白鹤街道白鹤社区35幢608室", "coded", None),
        "c2": (None, "manual", "no_address"),
        "c3": ("  ", "manual", "no_address"),
        "c4": ("不知道", "manual", "no_region"),
        "c5": ("宁波市鄞州区白鹤街道35幢608室", "manual", "no_community"),
        "c6": ("宁波市鄞州区白鹤街道白沙社区1幢101", "manual", "unknown_community"),
        "c7": ("白鹤社区35幢608室", "manual", "ambiguous"),
        "c8": ("北京市东城区东华门街道多福巷社区", "manual", "outside_city"),
        "c9": ("宁波市鄞州区白鹤街道丹页鹤社区1幢101", "manual", "low_confidence"),
    }
    frame = pl.DataFrame(
        {"key": list(addresses), "address": [a for a, _, _ in addresses.values()]},
        schema={"key": pl.String, "address": pl.String},
    )
    located = locate(frame, ningbo, rulebook, NINGBO)
    assert dict(located.schema) == LOCATED
    assert {row["key"]: (row["status"], row["reason"]) for row in located.to_dicts()} == {
        key: (status, reason) for key, (_, status, reason) in addresses.items()
    }
    assert located.filter(pl.col("status") == "coded")["community_code"].to_list() == ["330212011004"]
    assert located.filter(pl.col("status") == "manual")["community_code"].null_count() == 8
    candidates = dict(located.select("key", "candidates").iter_rows())
    assert candidates["c7"] == "330212011004,330225002006"
    assert candidates["c9"] == "330212011001"


def test_the_threshold_is_the_rulebooks(ningbo: Gazetteer, rulebook: Rulebook) -> None:
    frame = pl.DataFrame({"key": ["c"], "address": ["宁波市鄞州区白鹤街道丹页鹤社区1幢101"]})
    lenient = rulebook.replace(address__confidence_min=0.6)
    assert locate(frame, ningbo, lenient, NINGBO)["status"].to_list() == ["coded"]
    assert locate(frame, ningbo, rulebook, NINGBO)["status"].to_list() == ["manual"]


def test_the_written_kind_decides_within_a_street_only() -> None:
    places = toy_regions.PLACES | {
        "990101002200": "白沙村村委会",
        "990102001003": "新河社区",
        "990101001200": "新河村村委会",
    }
    toy = toy_regions.gazetteer(places)
    assert parsed(toy, "XX市江东区白鹤街道白沙村3号")["community_code"] == "990101002200"
    assert parsed(toy, "XX市江东区白鹤街道白沙社区3号")["community_code"] == "990101002003"
    assert parsed(toy, "XX市江东区白鹤街道白沙3号")["community_code"] is None
    assert parsed(toy, "XX市新河社区3号")["community_code"] is None  # people say 社区 of a village too
