"""The published quota tables of the repurchase campaign, told as tables that are also the manual.

7,331 customers without an agent in post go to departments by last year's share of premium, inside the city and inside the
counties (S2-05), in two waves of 60 % and 40 % (S2-08). The city's published counts add up to 3,935 of 3,936: the missing
record belongs to 营销二部, whose remainder is the largest that the published table rounds away (S2-06).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from command import Command
from tuogu.core.apportion import as_printed, largest_remainder, printed_difference, split_waves
from tuogu.core.rotation import turns

# As published; 'ours' is the largest remainder. Then both waves, each department rounded by itself.
CITY = """
department | share | published | exact     | ours | wave 1 | wave 2
营销一部   | 35.93 | 1414      | 1414.2048 | 1414 | 848    | 566
营销二部   | 25.52 | 1004      | 1004.4672 | 1005 | 603    | 402
营销三部   | 26.28 | 1034      | 1034.3808 | 1034 | 620    | 414
营销四部   | 3.60  | 142       | 141.696   | 142  | 85     | 57
市收展部   | 8.67  | 341       | 341.2512  | 341  | 205    | 136
"""
CITY_TOTAL = 3936

COUNTY = """
department | share | published | exact     | ours | wave 1 | wave 2
县营销部   | 46.80 | 1589      | 1588.86   | 1589 | 953    | 636
县收展部   | 11.43 | 388       | 388.0485  | 388  | 233    | 155
县网点部   | 41.77 | 1418      | 1418.0915 | 1418 | 851    | 567
"""
COUNTY_TOTAL = 3395

# The city again with the waves' totals right as well: 60 % of 3,936 is 2,361.6, so 2,362 go out first.
CITY_AS_TABLE = """
department | wave 1 | wave 2
营销一部   | 848    | 566
营销二部   | 603    | 402
营销三部   | 621    | 413
营销四部   | 85     | 57
市收展部   | 205    | 136
"""

# Eight customers in turn to two people at 1 : 3 (P-08).
TURNS = """
turn | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
甲   | 0 | 0 | 1 | 1 | 1 | 1 | 2 | 2
乙   | 1 | 2 | 2 | 3 | 4 | 5 | 5 | 6
"""


def table(text: str) -> list[dict[str, str]]:
    """The rows of a text table."""
    heading, *lines = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return [dict(zip(heading, cells, strict=True)) for cells in lines]


def column(text: str, name: str) -> dict[str, int]:
    return {row["department"]: int(row[name]) for row in table(text)}


def shares(text: str) -> dict[str, Fraction]:
    return {row["department"]: Fraction(row["share"]) for row in table(text)}


def waves(text: str) -> dict[str, tuple[int, ...]]:
    return {row["department"]: (int(row["wave 1"]), int(row["wave 2"])) for row in table(text)}


@pytest.mark.req("S2-05", "S2-06", "N-11")
@pytest.mark.parametrize(("text", "total"), [(CITY, CITY_TOTAL), (COUNTY, COUNTY_TOTAL)])
def test_quotas_are_those_of_the_table(text: str, total: int) -> None:
    found = largest_remainder(total, shares(text))
    assert found.counts == column(text, "ours")
    assert sum(found.counts.values()) == total
    assert found.left == 0
    exactly = dict(found.certificate.select("key", "quota").iter_rows())
    assert exactly == {row["department"]: row["exact"] for row in table(text)}


@pytest.mark.req("S2-05")
def test_the_county_table_is_exactly_as_published() -> None:
    ours = largest_remainder(COUNTY_TOTAL, shares(COUNTY)).counts
    assert ours == column(COUNTY, "published") == as_printed(COUNTY_TOTAL, shares(COUNTY)).counts
    assert printed_difference(COUNTY_TOTAL, shares(COUNTY)) == ""


@pytest.mark.req("S2-06")
def test_the_city_table_as_published_leaves_one_in_the_pool_and_we_say_where_it_belongs() -> None:
    published = as_printed(CITY_TOTAL, shares(CITY))
    assert published.counts == column(CITY, "published")
    assert published.left == 1
    assert printed_difference(CITY_TOTAL, shares(CITY)) == (
        "各自四舍五入合计 3935 件，比总数少 1 件；最大余数法：营销二部 1004 → 1005，合计 3936 件"
    )


@pytest.mark.req("N-11")
def test_the_certificate_names_who_got_the_last_pieces_and_why() -> None:
    rows = largest_remainder(CITY_TOTAL, shares(CITY)).certificate.rows_by_key("key", named=True, unique=True)
    assert {key for key, row in rows.items() if row["extra"]} == {"营销二部", "营销四部"}
    assert rows["营销四部"]["note"] == "得尾数第 1 件：余数 0.696 居第 1 位"
    assert rows["营销二部"] == {
        "share": "25.52%", "quota": "1004.4672", "floor": 1004, "remainder": "0.4672", "extra": True,
        "count": 1005, "tie": False,
        "note": "得尾数最后 1 件：余数 0.4672 居第 2 位；单独四舍五入为 1004，与此差 1 件",
    }  # fmt: skip


@pytest.mark.req("S2-08")
@pytest.mark.parametrize("text", [CITY, COUNTY])
def test_two_waves_add_up_to_each_quota(text: str) -> None:
    assert split_waves(column(text, "ours"), (60, 40)) == waves(text)


@pytest.mark.req("S2-08")
def test_as_a_table_the_waves_are_right_in_sum_too() -> None:
    found = split_waves(column(CITY, "ours"), (60, 40), how="table")
    assert found == waves(CITY_AS_TABLE)
    assert [sum(wave) for wave in zip(*found.values(), strict=True)] == [2362, 1574]


@pytest.mark.req("P-08")
def test_eight_items_at_one_to_three() -> None:
    dealt = turns({"甲": 1, "乙": 3}, 8)
    for row in table(TURNS):
        name = row.pop("turn")
        assert [dealt[:turn].count(name) for turn in range(1, 9)] == [int(cell) for cell in row.values()]


@pytest.mark.req("S2-05", "S2-06", "S2-08", "N-11")
def test_the_command_prints_the_city_table(tmp_path: Path) -> None:
    command = Command("sqlite://", tmp_path)
    names = ",".join(row["department"] for row in table(CITY))
    printed = ",".join(row["share"] for row in table(CITY))
    document = command.json(
        "apportion", "--total", CITY_TOTAL, "--shares", printed, "--waves", "60,40", "--names", names
    )
    assert list(document) == ["quotas", "waves", "left", "certificate"]
    assert document["quotas"] == [1414, 1005, 1034, 142, 341]
    assert document["waves"] == [[848, 603, 620, 85, 205], [566, 402, 414, 57, 136]]
    assert document["left"] == 0
    assert [row["key"] for row in document["certificate"]] == names.split(",")
    assert sum(row["count"] for row in document["certificate"]) == CITY_TOTAL
