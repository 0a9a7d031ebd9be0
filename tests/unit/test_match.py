"""Each receiving condition at its boundary; original group first; who is left aside; what the faces show."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from match_books import AS_OF, Row, agent, fact, holding, holdings, leaver, match_book, orphan, qualified
from territory_books import policy_row, standard_rules
from tuogu.core.explain import explain
from tuogu.core.plan import make_plan
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError, strategy
from tuogu.core.tables import Book, Plan

X = [leaver("X1"), leaver("X0")]


def plan_of(book: Book, rules: Rulebook | None = None, **options: str) -> Plan:
    plan = make_plan(book, rules or standard_rules(), AS_OF, 1, 1, strategy="match", options=options)
    assert plan.certificate.violations == 0
    return plan


def eligible(plan: Plan, number: str) -> bool:
    return bool(plan.tables["eligibility"].filter(pl.col("staff_number") == number)["eligible"].item())


@pytest.mark.req("S4-07")
@pytest.mark.parametrize(
    ("held", "counts", "receives"),
    [(199, "after", 1), (200, "after", 0), (201, "after", 0), (199, "before", 1), (200, "before", 1), (201, "before", 0)],
)  # fmt: skip
def test_two_hundred_held_is_the_cap(held: int, counts: str, receives: int) -> None:
    rows, custody = holdings("A", held)
    book = match_book([agent("A"), *X], [*rows, orphan("P1")], qualified("A"), custody)
    plan = plan_of(book, standard_rules().replace(match__cap_counts=counts))
    assert len(plan.placements) == receives
    assert eligible(plan, "A") == bool(receives)


@pytest.mark.req("S4-07")
@pytest.mark.parametrize(("counts", "receives"), [("after", 2), ("before", 3)])
def test_a_customer_of_two_pieces_crosses_the_cap_only_as_printed(counts: str, receives: int) -> None:
    rows, custody = holdings("A", 198)
    three = [
        orphan("P1", holder="C1"),
        orphan("P2", holder="C2", premium_fen=50_000),
        orphan("P3", holder="C2", premium_fen=1),
    ]
    book = match_book([agent("A"), *X], [*rows, *three], qualified("A"), custody)
    plan = plan_of(book, standard_rules().replace(match__cap_counts=counts))
    assert len(plan.placements) == {2: 1, 3: 3}[receives]  # C2 is never split


@pytest.mark.req("S4-07")
@pytest.mark.parametrize(
    ("recruits", "known", "verdict"),
    [
        ([0, 0, 0], 3, "有效增员0人，须1人以上"),
        ([1, 0, 0], 3, ""),
        ([0, 0, 1], 3, ""),
        ([0, 0], 2, "数据不全"),
        ([1], 1, ""),
        ([], 0, "数据不全"),
    ],
)
def test_recruits_in_three_whole_months(recruits: list[int], known: int, verdict: str) -> None:
    facts = [fact("A", "effective_recruits", n, date(2025, 9 + i, 1)) for i, n in enumerate(recruits)]
    facts += [
        fact("A", "effective_recruits", 5, date(2025, 8, 1)),
        fact("A", "effective_recruits", 5, date(2025, 12, 1)),
    ]
    book = match_book([agent("A"), agent("B"), *X], [orphan("P1")], [*facts, *qualified("B")])
    plan = plan_of(book)
    assert eligible(plan, "A") == (verdict == "")
    reason = plan.tables["eligibility"].filter(pl.col("staff_number") == "A")["reason"].item()
    assert verdict in reason
    assert len(recruits) == known


@pytest.mark.req("S4-07")
@pytest.mark.parametrize(
    ("month", "running", "blamed"),
    [(date(2025, 8, 1), True, False), (date(2025, 9, 1), True, True), (date(2025, 11, 1), True, True),
     (date(2025, 12, 1), True, True), (date(2025, 12, 1), False, False), (date(2026, 1, 1), True, False)],
)  # fmt: skip
def test_complaints_at_the_edges_of_the_window(month: date, running: bool, blamed: bool) -> None:
    facts = [*qualified("A"), fact("A", "valid_complaints", 1, month)]
    book = match_book([agent("A"), *X], [orphan("P1")], facts)
    plan = plan_of(book, standard_rules().replace(match__running_month_complaints=running))
    assert eligible(plan, "A") != blamed
    assert len(plan.placements) == (0 if blamed else 1)


@pytest.mark.req("S4-07")
def test_the_window_crosses_the_year() -> None:
    facts = [
        fact("A", "effective_recruits", 1, date(2024, 11, 1)),
        fact("B", "effective_recruits", 1, date(2024, 10, 1)),
    ]
    book = match_book([agent("A"), agent("B"), *X], [orphan("P1")], facts)
    plan = make_plan(book, standard_rules(), date(2025, 2, 10), 1, 1, strategy="match")
    assert (eligible(plan, "A"), eligible(plan, "B")) == (True, False)
    assert ("接收条件的期间", "2024年11月至2025年1月") in plan.certificate.feasibility


@pytest.mark.req("S4-07")
def test_missing_recruit_counts_of_everybody_are_asked_for() -> None:
    book = match_book([agent("A"), *X], [orphan("P1")], [fact("A", "productivity", 1)])
    with pytest.raises(StrategyError, match=r"2025年9月至11月的有效增员人数.*补充有效增员人数"):
        plan_of(book)


@pytest.mark.req("S4-12", "S4-01")
def test_own_group_then_near_then_elsewhere_then_nobody() -> None:
    """Room for one piece each in T1, T2 (same department) and T3 (another): four customers of T1 by type and premium."""
    rules = standard_rules().replace(holding__marketing_orphans_max=1)
    people = [agent("A1", "T1"), agent("A2", "T2"), agent("A3", "T3", institution_code="D2"), *X]
    rows = [
        orphan("P1", type="pure", premium_fen=900_000), orphan("P2", type="non_pure", premium_fen=1),
        orphan("P3", type="combination", premium_fen=1), orphan("P4", type="combination", premium_fen=2),
    ]  # fmt: skip
    plan = plan_of(match_book(people, rows, qualified("A1", "A2", "A3")), rules)
    got = dict(
        plan.placements.select("number", pl.concat_str("receiver", "lever", separator=" ")).iter_rows()
    )
    assert got == {"P4": "A1 own_team", "P3": "A2 near_team", "P2": "A3 other_team"}
    assert plan.unplaced.select("policy_number", "reason", "custodian").rows() == [
        ("P1", "no_receiver", "buffer")
    ]
    assert plan.unplaced["detail"].item() == (
        "没有指定接收人；原营业组T1在岗1人、合格1人，余量不足；该客户共1件，他组也没有人容得下"
    )
    assert plan.tables["tiers"].select("tier", "policies").rows() == [
        ("指定接收人", 0), ("原营业组", 1), ("同区他组", 1), ("其他组", 1), ("无合格接收人（转保全或收展）", 1)
    ]  # fmt: skip
    assert plan.certificate.objective == plan.certificate.lower_bound == 1_000 + 10_000 + 1_000_000


@pytest.mark.req("S4-12")
def test_no_outsider_while_the_group_has_its_own() -> None:
    """T2 has room for one, and one customer of its own with the least premium of all: T1's better customers stay out."""
    rules = standard_rules().replace(holding__marketing_orphans_max=1)
    rows = [orphan("P1", "X1", premium_fen=900_000), orphan("P2", "X2", premium_fen=1)]
    plan = plan_of(
        match_book([agent("A2", "T2"), leaver("X1"), leaver("X2", "T2")], rows, qualified("A2")), rules
    )
    assert plan.placements.select("number", "receiver").rows() == [("P2", "A2")]
    assert plan.tables["teams"].filter(pl.col("team_code") == "T2").select(
        "stock", "kept", "received"
    ).rows() == [(1, 1, 0)]


@pytest.mark.req("S4-09")
def test_by_option_nothing_leaves_the_group() -> None:
    book = match_book([agent("A2", "T2"), *X], [orphan("P1")], qualified("A2"))
    assert plan_of(book).placements["receiver"].to_list() == ["A2"]
    plan = plan_of(book, surplus="own_team")
    assert plan.placements.is_empty()
    assert "按选项不转给他组" in plan.unplaced["detail"].item()
    assert plan.unplaced["custodian"].item() == "buffer"


@pytest.mark.req("S4-09", "N-03")
def test_each_rejected_candidate_keeps_its_reason() -> None:
    people = [
        agent("R", "T3"), agent("H", "T1", supervisor=True), agent("M", "T1"), leaver("L", "T1", recruiter_number="R")
    ]  # fmt: skip
    facts = [fact("R", "effective_recruits", 0, date(2025, m, 1)) for m in (9, 10, 11)]
    facts += [*qualified("H"), fact("H", "valid_complaints", 2)]
    plan = plan_of(match_book(people, [orphan("P1", "L")], facts))
    assert plan.placements.is_empty()
    said = plan.candidates.select("rank", "staff_number", "verdict", "detail").rows()
    assert said == [
        (1, "R", "no_recruit", "直接增员者：2025年9月至11月有效增员0人，须1人以上"),
        (2, "H", "complaint", "直辖组主管：最近3个月有客户有效投诉2件"),
        (3, "M", "no_fact", "原营业组：2025年9月至11月的有效增员数据不全（0个月有数据，须3个月）"),
    ]


@pytest.mark.req("N-03")
def test_an_explanation_names_the_same_person() -> None:
    book = match_book([agent("A"), *X], [orphan("P1")], qualified("A"))
    plan = plan_of(book)
    told = explain(plan, book, standard_rules(), "P1")
    assert (told.staff_number, told.rule) == ("A", "孤儿单匹配：回归原营业组（S4-12）")


@pytest.mark.req("S4-10")
def test_hard_problem_and_unreachable_cases_stay_with_specialists() -> None:
    rows = [
        orphan("P1"), orphan("P2", nature="hard"), orphan("P3", nature="problem"), orphan("P4", service_class="difficult"),
        orphan("P5", service_class="lapsed", state="lapsed"), orphan("P6", nature="problem", service_class="difficult"),
    ]  # fmt: skip
    plan = plan_of(match_book([agent("A"), *X], rows, qualified("A")))
    assert plan.placements["number"].to_list() == ["P1", "P5"]
    aside = dict(plan.unplaced.select("policy_number", "reason").iter_rows())
    assert aside == {"P2": "hard", "P3": "problem", "P4": "difficult", "P6": "problem"}


@pytest.mark.req("S4-12")
def test_what_a_person_in_post_holds_is_not_touched() -> None:
    rows = [orphan("P1"), orphan("P2"), orphan("P3")]
    held = [
        holding("P1", "B"),
        holding("P2", "buffer"),
        holding("P3", "X1"),
    ]  # B in post of another series, X1 gone
    people = [agent("A"), agent("B", series="collection"), *X]
    plan = plan_of(match_book(people, rows, qualified("A"), held))
    assert plan.placements["number"].to_list() == ["P2", "P3"]
    assert plan.unplaced.is_empty()
    assert plan.tables["funnel"].filter(pl.col("step") == "已有在职责任人，本次不动")["policies"].item() == 1


@pytest.mark.req("S4-01")
def test_a_customers_type_and_group_are_those_of_the_best_ranked_policy() -> None:
    """C1 has a cheap combination orphan of T2's leaver and a dear pure one of T1's: both go to T2."""
    rows = [
        orphan("P1", "X1", "C1", premium_fen=900_000), orphan("P2", "X2", "C1", type="combination", premium_fen=1),
    ]  # fmt: skip
    book = match_book(
        [agent("A1", "T1"), agent("A2", "T2"), leaver("X1"), leaver("X2", "T2")], rows, qualified("A1", "A2")
    )
    assert plan_of(book).placements["receiver"].to_list() == ["A2", "A2"]
    pure_first = standard_rules().replace(orphan__type_order=["pure", "non_pure", "combination"])
    assert plan_of(book, pure_first).placements["receiver"].to_list() == ["A1", "A1"]


@pytest.mark.req("N-20")
def test_a_large_hand_over_is_spread_over_releases_that_can_be_visited() -> None:
    rows = [orphan(f"P{i:03d}") for i in range(200)]
    plan = plan_of(match_book([agent("A"), *X], rows, qualified("A")))
    assert plan.placements["receiver"].to_list() == ["A"] * 200
    sizes = plan.placements.group_by("instalment").len().sort("instalment")["len"].to_list()
    assert len(sizes) >= 2
    assert max(sizes) < 200
    places = plan.placements.sort("place")["instalment"].to_list()
    assert places == sorted(places)


@pytest.mark.req("P-16")
def test_hard_customers_wait_for_people_who_are_long_enough_in_post() -> None:
    """Y is new, O two years in post. Three simple customers and one with four pieces; room is five each."""
    rules = standard_rules().replace(holding__marketing_orphans_max=5)
    people = [agent("Y", hired_date=date(2025, 1, 1)), agent("O", hired_date=date(2023, 12, 2)), *X]
    rows = [orphan(f"H{i}", holder="CH", premium_fen=1) for i in range(4)] + [
        orphan(f"E{i}", premium_fen=9) for i in range(6)
    ]
    book = match_book(people, rows, qualified("Y", "O"))
    plan = plan_of(book, rules, groups="complexity")
    got = (
        plan.placements.group_by("receiver")
        .agg(pl.col("holder_number").unique().sort())
        .sort("receiver")
        .rows()
    )
    assert got[0] == ("O", ["CE5", "CH"]) or (got[0][0] == "O" and "CH" in got[0][1] and len(got[0][1]) == 2)
    assert len(got[1][1]) == 5  # the sixth simple one overflowed to O, whose group had room left
    one_day_short = match_book(
        [agent("Y", hired_date=date(2025, 1, 1)), agent("O", hired_date=date(2023, 12, 3)), *X],
        rows,
        qualified("Y", "O"),
    )
    plan = plan_of(one_day_short, rules, groups="complexity")
    assert set(plan.unplaced["policy_number"]) == {"H0", "H1", "H2", "H3"}


@pytest.mark.req("P-16")
def test_under_loaded_people_are_polled_first() -> None:
    """A sold more but holds 100, the line; B holds 99: with polling B gets the first, then both have reached the line."""
    rows: list[Row] = []
    held: list[Row] = []
    for number, count in (("A", 100), ("B", 99)):
        more, custody = holdings(number, count)
        rows, held = rows + more, held + custody
    rows += [orphan("P1", premium_fen=2), orphan("P2", premium_fen=1)]
    book = match_book([agent("A"), agent("B"), *X], rows, qualified("A", "B"), held)
    assert plan_of(book).placements["receiver"].to_list() == ["A", "A"]
    assert plan_of(book, polling="under_loaded").placements["receiver"].to_list() == ["B", "A"]


@pytest.mark.req("S4-11")
def test_collectors_near_the_customer_area_before_distance() -> None:
    """Streets are one community each. K2 lives nearest to C1's community but in another street, K1 in it."""
    people = [
        agent("K1", series="collection"),
        agent("K2", series="collection"),
        agent("K3", series="collection"),
        *X,
    ]
    points = [(0.0, 0.0), (50.0, 0.0), (5_000.0, 0.0)]
    rows = [orphan("P1"), orphan("P2"), orphan("P3")]
    book = match_book(
        people, rows, homes={"K1": 0, "K2": 1, "K3": 2}, places={"CP1": 0, "CP2": 1}, points=points
    )
    plan = plan_of(book, to="collection")
    got = plan.placements.select("number", "receiver", "lever").rows()
    assert got == [("P1", "K1", "own_area"), ("P2", "K2", "own_area")]
    assert plan.unplaced.select("policy_number", "reason").rows() == [("P3", "no_address_code")]
    figures = dict(plan.certificate.figures)
    assert figures["mean_distance_m"] < figures["random_distance_m"]


@pytest.mark.req("S4-11")
def test_a_full_collector_of_the_area_gives_way_to_the_nearest() -> None:
    rules = standard_rules().replace(territory__month_load_max=1)  # twelve pieces a year
    people = [
        agent("K1", series="collection"),
        agent("K2", series="collection"),
        agent("K3", series="collection"),
        *X,
    ]
    rows = [orphan(f"P{i:02d}") for i in range(13)]
    homes, places = {"K1": 0, "K2": 2, "K3": 1}, {f"CP{i:02d}": 0 for i in range(13)}
    book = match_book(people, rows, homes=homes, places=places)
    plan = plan_of(book, rules, to="collection")
    assert plan.placements.group_by("receiver", "lever").len().sort("receiver").rows() == [
        ("K1", "own_area", 12), ("K3", "nearest", 1)
    ]  # fmt: skip
    rejected = plan.candidates.filter(pl.col("verdict") == "full")
    assert rejected["staff_number"].to_list() == ["K1"]


def test_the_strategy_refuses_what_it_does_not_know() -> None:
    with pytest.raises(StrategyError, match="组内分法"):
        strategy("match").settled({"order": "alphabet"})


def test_every_table_of_a_plan_has_its_sheet() -> None:
    book = match_book([agent("A"), *X], [orphan("P1")], qualified("A"))
    for to in ("agents", "collection"):
        plan = plan_of(book, to=to)
        sheets = {sheet.name: sheet.schema for sheet in strategy("match").sheets}
        assert {name: dict(table.schema) for name, table in plan.tables.items()} == sheets


def test_an_empty_book_gives_an_empty_plan() -> None:
    assert policy_row("P1", 1)["kind"] == "main"
    plan = plan_of(match_book([], []))
    assert plan.placements.is_empty()
    assert plan.certificate.objective == plan.certificate.lower_bound == 0
