"""A worked example of the five levels: six customers of a small town whose agent has just left.

Three communities lie on a road. M01 serves 社区1, M02 serves 社区2, nobody serves 社区3 yet; everybody in 社区2 lives in
欣欣小区. Six policies become orphans:

    policy   what is known                                   level            to
    P00013   the customer's other policy is with M02         1 同一客户        M02, though the address is in 社区1
    P00014   lives in 社区1, which M01 alone serves           2 区域           M01
    P00015   address not coded, but it says 欣欣小区           3 关键字          M02
    P00016   address not coded; the list says P00016=M01     4 单件调整        M01
    P00017   lives in 社区3, beside 社区2                      5 整块调整        M02
    P00018   address not coded, no word, no line             none             stays with the buffer group
"""

from __future__ import annotations

import polars as pl
import pytest

from arrivals_books import held_by, line_town, with_columns
from territory_books import AS_OF, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan

EXPECTED = """
    P00013  1  M02  该客户已有 1 件由M02服务，归同一人
    P00014  2  M01  所在社区只由M01服务
    P00015  3  M02  ‘欣欣小区’ 6 件中 6 件归M02
    P00016  4  M01  人工指定：归M01
    P00017  5  M02  所在社区无人服务，整块归相邻片区余量最多的M02（1 名相邻客户经理中）
"""
RULES = standard_rules().replace(territory__month_load_min=0)


@pytest.mark.req("P-23")
def test_the_worked_example() -> None:
    places = [0] * 6 + [1] * 6 + [0, 0, None, None, 2, None]
    book, earlier = line_town(places, [1 + j % 12 for j in range(18)], range(12, 18), [0, 1], RULES)
    assert dict(
        earlier.assignments.group_by("community_code").agg(pl.col("staff_number").unique()).rows()
    ) == {
        "330201001001": ["M01"],
        "330201001002": ["M02"],
    }
    estate = {f"CP{j:05d}": {"address": f"宁波市江东区白鹤街道社区2欣欣小区{j}幢201室"} for j in range(7, 13)}
    estate["CP00015"] = {"address": "欣欣小区 3幢102"}
    book = with_columns(book, "customers", "customer_number", estate)
    # The customer of P00013 has one more policy: P00001, which the ledger has with M02.
    book = with_columns(book, "policies", "policy_number", {"P00013": {"holder_number": "CP00001"}})
    book = held_by(book, {"P00001": "M02", "P00013": "buffer"})
    options = {"singles": "P00016=M01，P00014=M02"}
    plan = make_plan(book, RULES, AS_OF, 1, 0, strategy="arrivals", options=options, earlier=earlier)
    said = plan.tables["evidence"].select("number", "level", "receiver", "evidence")
    expected = [line.split(maxsplit=3) for line in EXPECTED.strip().splitlines()]
    assert [[n, str(level), who, why] for n, level, who, why in said.rows()] == expected
    levels = plan.tables["levels"].select("level_name", "placed").rows()
    assert levels == [("同一客户", 1), ("区域", 1), ("关键字", 1), ("单件调整", 1), ("整块调整", 1)]
    assert plan.unplaced.select("policy_number", "reason", "custodian").rows() == [
        ("P00018", "no_address_code", "buffer")
    ]
    # A line for a piece that an earlier level has placed is not carried out, and says so.
    assert plan.tables["singles"].select("number", "verdict").rows() == [
        ("P00016", "采用"),
        ("P00014", "前三级已定"),
    ]
    assert plan.certificate.violations == 0
    assert check_plan(plan, book, RULES).is_empty()
