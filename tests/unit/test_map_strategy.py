"""Allocation by a written map (P-26) with its gaps and overlaps, and the five causes of an exception (P-15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from arrivals_books import held_by, with_columns
from territory_books import AS_OF, book_of, fill, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.core.tables import INSTITUTIONS, Book, Plan, conform

RULES = standard_rules()
C1, C2, C3, STREET, DISTRICT = "330201001001", "330201001002", "330201001003", "330201001", "330201"


def town() -> Book:
    """Two pieces in each of five communities (the fifth is of another street) and two without a code, in unit B of R."""
    places = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, None, None]
    book = book_of(
        [(1_000.0 * i, 0.0) for i in range(5)], [0, 1, 2], [(p, 1 + j, 1) for j, p in enumerate(places)]
    )
    house = [
        {"institution_code": "R", "level": "branch", "name": "分公司"},
        {"institution_code": "B", "level": "sub", "name": "支公司", "parent_code": "R"},
    ]
    return replace(book, books=replace(book.books, institutions=fill(house, INSTITUTIONS)))


def mapped(text: str, book: Book | None = None, **options: str) -> Plan:
    return make_plan(book or town(), RULES, AS_OF, 1, 0, strategy="map", options={"map": text, **options})


def receivers(plan: Plan) -> dict[str, str]:
    return dict(plan.placements.select("number", "receiver").rows())


@pytest.mark.req("P-26")
def test_the_longest_code_wins_and_the_business_unit_takes_the_rest() -> None:
    book = with_columns(town(), "customers", "customer_number", {"CP00011": {"address": "中山路1号 315000"}})
    plan = mapped(f"{C1}=M01\n{STREET}=M02\n邮编315000=M01\n机构R=M03", book)
    found = receivers(plan)
    assert [found[f"P{j:05d}"] for j in range(1, 13)] == ["M01"] * 2 + ["M02"] * 6 + ["M03"] * 2 + [
        "M01",
        "M03",
    ]
    lines = plan.tables["map_lines"].select("line", "covered", "placed").rows()
    assert lines == [(1, 2, 2), (2, 8, 6), (3, 1, 1), (4, 12, 3)]
    overlaps = plan.tables["map_faults"].filter(pl.col("fault") == "重叠").select("line", "pieces").rows()
    assert sorted(overlaps) == [
        (4, 1),
        (4, 2),
        (4, 6),
    ]  # the business unit names somebody else for nine pieces
    assert plan.certificate.violations == 0
    assert (plan.certificate.objective, plan.certificate.lower_bound) == (0, 0)


@pytest.mark.req("P-26")
def test_the_maps_own_faults_are_listed_line_by_line() -> None:
    text = f"{C1}=M01\n{C1}=M02\n{C2}=M99\nabc=M01\n不是一行\n{C3}=M03\n{C3}=M03\n330299999999=M01"
    plan = mapped(text)
    faults = plan.tables["map_faults"].filter(pl.col("line").is_not_null()).sort("line")
    assert faults.select("line", "fault").rows() == [
        (1, "重叠"), (2, "重叠"), (3, "人员不在职"), (4, "未知代码"), (5, "格式"), (7, "重复"), (8, "未知代码"),
    ]  # fmt: skip
    gaps = plan.tables["map_faults"].filter(pl.col("fault") == "缺口").select("code", "pieces").rows()
    assert sorted(gaps) == [("330201001004", 2), ("330201002005", 2), ("B", 2)]
    assert receivers(plan) == {"P00005": "M03", "P00006": "M03"}
    assert dict(plan.unplaced.group_by("reason").len().rows()) == {
        "map_conflict": 2, "collector_left": 2, "not_mapped": 6,
    }  # fmt: skip
    assert plan.certificate.objective == 10
    assert plan.certificate.violations == 0
    # Nobody falls back from a faulty fine line to a coarser one.
    assert "P00003" not in receivers(mapped(f"{C2}=M99\n{STREET}=M01"))


@pytest.mark.req("P-26")
def test_a_map_that_says_nothing_is_refused_and_single_bad_lines_stand_in_the_certificate() -> None:
    with pytest.raises(StrategyError, match="没有一行能读懂：“乱写一行”"):
        mapped("乱写一行")
    with pytest.raises(StrategyError, match="没有一行能用：第 1 行“foo=bar”（代码既不是本账的区划"):
        mapped("foo=bar")
    said = dict(mapped(f"乱写一行\n{C1}=M01").certificate.feasibility)["对应关系的行"]
    assert said == "共 2 行，1 行没有采用：第 1 行“乱写一行”（格式不对，应为 代码=工号）"
    assert "对应关系的行" not in dict(mapped(f"{C1}=M01").certificate.feasibility)


@pytest.mark.req("P-15")
def test_the_five_causes_have_the_numbers_of_the_source() -> None:
    book = with_columns(
        town(),
        "policies",
        "policy_number",
        {
            "P00001": {"agent_number": None},
            "P00002": {"holder_number": None},
            "P00003": {"payments_per_year": 0},
        },
    )
    plan = mapped(f"{C1}=M01\n{C2}=M01\n{C3}=M99\n330201001004=M01\n机构B=M02\n330201002005=M02", book)
    found = plan.tables["exceptions"].select("number", "cause", "cause_name", "placed").rows()
    assert found == [
        ("P00001", 1, "没有原业务员", True),
        ("P00002", 2, "没有投保人", False),
        ("P00003", 4, "数据错误", False),
        ("P00005", 5, "收展员已离司", False),
        ("P00006", 5, "收展员已离司", False),
    ]
    bare = mapped(f"{C1}=M01", book).tables["exceptions"]
    assert bare.filter(pl.col("cause") == 3)["cause_name"].unique().to_list() == ["所在区域没有收展员"]
    assert set(bare["cause"]) == {1, 2, 3, 4}


@pytest.mark.req("P-15", "P-26")
def test_the_scope_and_the_kinds_of_ascription() -> None:
    book = held_by(town(), {"P00001": "M02", "P00002": "gone", "P00003": "buffer"})
    book = with_columns(book, "classified", "policy_number", {"P00004": {"orphan_source": "moved_in"}})
    waiting = mapped("机构B=M03", book)
    assert "P00001" not in receivers(waiting)
    every = mapped("机构B=M03", book, scope="all")
    kinds = dict(every.tables["ascribed"].select("number", "ascription").rows())
    assert [kinds[f"P0000{j}"] for j in range(1, 5)] == ["手工归属", "离司归属", "首次归属", "迁移归属"]
    hard = with_columns(book, "classified", "policy_number", {"P00005": {"nature": "hard"}})
    left = mapped("机构B=M03", hard).unplaced
    assert left.select("policy_number", "reason", "custodian").rows() == [("P00005", "hard", "buffer")]


@pytest.mark.req("P-26")
@pytest.mark.parametrize(("series", "used"), [("collection", True), ("service", True), ("marketing", False)])
def test_only_people_of_the_configured_series_may_stand_in_the_map(series: str, used: bool) -> None:
    book = with_columns(town(), "people", "staff_number", {"M01": {"series": series}})
    plan = mapped("机构B=M01", book)
    assert (len(plan.placements) == 12) is used
    assert plan.tables["map_lines"]["used"].to_list() == [used]


def test_tables_sheets_order_and_a_missing_map() -> None:
    text = f"{C1}=M01\n{STREET}=M02\n机构B=M03"
    plan = mapped(text)
    for sheet in STRATEGIES["map"].sheets:
        conform(plan.tables[sheet.name], sheet.schema)
    assert plan_digest(plan) == plan_digest(mapped(text, shuffled(town(), 3)))
    with pytest.raises(StrategyError, match="须给出对应关系"):
        mapped("")


TAMPERED: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "another person": (
        "map",
        lambda p: replace(p, placements=p.placements.with_columns(receiver=pl.lit("M03"))),
    ),
    "a stranger": (
        "receiver",
        lambda p: replace(p, placements=p.placements.with_columns(receiver=pl.lit("M99"))),
    ),
    "a piece lost": ("conservation", lambda p: replace(p, placements=p.placements.slice(1))),
    "left although the map has it": (
        "map",
        lambda p: replace(
            p,
            placements=p.placements.slice(1),
            unplaced=pl.concat(
                [
                    p.unplaced,
                    pl.DataFrame(
                        [("P00001", "not_mapped", "x", "buffer")], schema=p.unplaced.schema, orient="row"
                    ),
                ]
            ),
        ),
    ),
    "another custodian": (
        "custodian",
        lambda p: replace(p, unplaced=p.unplaced.with_columns(custodian=pl.lit("M01"))),
    ),
}


@pytest.mark.req("P-26")
@pytest.mark.parametrize("name", TAMPERED)
def test_a_planted_violation_is_found(name: str) -> None:
    rule, tamper = TAMPERED[name]
    book, plan = town(), mapped(f"{C1}=M01\n{STREET}=M02")
    assert check_plan(plan, book, RULES).is_empty()
    assert rule in check_plan(tamper(plan), book, RULES)["rule"].to_list()
