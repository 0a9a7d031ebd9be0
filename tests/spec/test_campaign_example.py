"""The repurchase campaign as its notice tells it: 19,760 records, who gets how many, in which wave.

The tables below are the notice's own. Its city table adds to 3,935 although 3,936 records are to be given: each share was
rounded by itself. Largest remainder hands out all of them; the report shows the one record of difference.
"""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from campaign_books import CITY, COUNTY, Department, Person, branch
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.tables import Book, Plan

# Records of the notice: agent in post or orphan, city or county, and the premium in fen.
LIST = """
side | area | customers | premium_fen
在职 | 市区 | 7533      | 3101186271
在职 | 县区 | 4896      | 1286467363
孤儿 | 市区 | 3936      | 1113221100
孤儿 | 县区 | 3395      | 459207444
"""

# Share of last year's premium in the own area (percent), quota and the two waves; the last column is what the notice prints.
QUOTAS = """
area | department | share | quota | wave 1 | wave 2 | printed
市区 | 营销一部   | 35.93 | 1414  | 848    | 566    | 1414
市区 | 营销二部   | 25.52 | 1005  | 603    | 402    | 1004
市区 | 营销三部   | 26.28 | 1034  | 620    | 414    | 1034
市区 | 营销四部   | 3.60  | 142   | 85     | 57     | 142
市区 | 市收展部   | 8.67  | 341   | 205    | 136    | 341
县区 | 县营销部   | 46.80 | 1589  | 953    | 636    | 1589
县区 | 县收展部   | 11.43 | 388   | 233    | 155    | 388
县区 | 县网点部   | 41.77 | 1418  | 851    | 567    | 1418
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


@cache
def book_of_the_notice() -> Book:
    """19,760 customers of one policy each, eight departments with the notice's premium shares."""
    people: list[Person] = []
    for side, area, count, premium in table(LIST):
        total, customers = int(premium), int(count)
        each = total // customers
        for i in range(customers):
            people.append(
                Person(
                    number=f"{side}{area}{i:05d}",
                    lives=CITY if area == "市区" else COUNTY,
                    agent="A1" if side == "在职" else None,
                    premium_fen=each + (i < total - each * customers),
                )
            )
    departments = [
        Department(
            name,
            (CITY if area == "市区" else COUNTY)[:6],
            round(float(share) * 100),
            {"A1": None} if not i else {},
        )
        for i, (area, name, share, *_) in enumerate(table(QUOTAS))
    ]
    return branch(people, departments)


@cache
def plan_of_the_notice(rule: str = "largest_remainder") -> Plan:
    rules = standard_rules().replace(campaign__quota_rule=rule)
    return make_plan(
        book_of_the_notice(), rules, book_of_the_notice().books.data_date, 1, 1, strategy="campaign"
    )


@pytest.mark.req("S2-01", "S2-02")
def test_the_list_is_split_by_agent_in_post_and_by_area() -> None:
    split = plan_of_the_notice().tables["split"]
    said = [
        [r["side"], r["area"], str(r["customers"]), str(r["premium_fen"])]
        for r in split.iter_rows(named=True)
    ]
    assert said == table(LIST)
    assert split["customers"].sum() == 19_760
    assert plan_of_the_notice().tables["funnel"]["customers"].to_list() == [19_760] * 5 + [12_429, 7_331]


@pytest.mark.req("S2-03")
def test_records_of_agents_in_post_go_back_to_them() -> None:
    back = plan_of_the_notice().placements.filter(lever="own_agent")
    assert len(back) == 12_429
    assert back["receiver"].unique().to_list() == ["A1"]
    assert back["number"].str.starts_with("在职").all()


@pytest.mark.req("S2-05", "S2-06", "S2-08")
def test_quotas_and_waves_are_those_of_the_table() -> None:
    shares = plan_of_the_notice().tables["shares"]
    said = {
        r["department"]: [r["area"], r["quota"], r["wave_1"], r["wave_2"], r["printed"]]
        for r in shares.iter_rows(named=True)
    }
    assert said == {
        f"department:{name}": [area, int(quota), int(first), int(second), int(printed)]
        for area, name, _share, quota, first, second, printed in table(QUOTAS)
    }
    assert sum(row[1] for row in said.values() if row[0] == "市区") == 3_936
    assert sum(row[4] for row in said.values() if row[0] == "市区") == 3_935
    assert shares.filter(pl.col("difference") != 0)["department"].to_list() == ["department:营销二部"]


@pytest.mark.req("S2-04", "S2-05", "S2-08")
def test_what_is_placed_is_what_the_table_says_and_nothing_crosses() -> None:
    placed = plan_of_the_notice().placements.filter(lever="quota")
    counts = placed.group_by("receiver", "instalment").agg(n=pl.len()).rows()
    for area, name, _share, _quota, first, second, _printed in table(QUOTAS):
        assert (f"department:{name}", 1, int(first)) in counts
        assert (f"department:{name}", 2, int(second)) in counts
        mine = placed.filter(receiver=f"department:{name}")
        assert mine["number"].str.starts_with(f"孤儿{area}").all()
    assert len(plan_of_the_notice().unplaced) == 0


@pytest.mark.req("S2-06")
def test_as_printed_leaves_one_record_and_says_so() -> None:
    plan = plan_of_the_notice("as_printed")
    said = dict(plan.tables["shares"].select("department", "quota").iter_rows())
    assert said["department:营销二部"] == 1_004
    assert plan.unplaced["reason"].to_list() == ["rounding_left"]
    assert ("市区各自四舍五入后未分出", "1 件") in plan.certificate.feasibility
    assert plan.certificate.violations == 0


@pytest.mark.req("N-02", "S2-06")
def test_the_certificate_shows_the_least_rounding_and_the_checker_finds_nothing() -> None:
    plan = plan_of_the_notice()
    assert plan.certificate.metric == "rounding"
    # city: 1414.2048 1004.4672 1034.3808 141.696 341.2512; county: 1588.86 388.0485 1418.0915
    assert plan.certificate.objective == plan.certificate.lower_bound == 1_673_600 + 280_000
    assert len(check_plan(plan, book_of_the_notice(), standard_rules())) == 0


@pytest.mark.req("S2-05")
def test_the_mix_of_value_is_even() -> None:
    """Every department of an area, and every wave, has the area's mean premium within 0.2 %."""
    offsets = plan_of_the_notice().tables["mix"]["offset_bp"]
    assert len(offsets) == 8 * 3
    assert offsets.abs().max() <= 20
