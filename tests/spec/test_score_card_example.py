"""The score card of a planner in a resource centre, told as tables that are also the manual.

Five parts make up to 100 points: rank 40, task completion 20, attendance 10, work log 20, the department's discretion 10.
Every figure is that of the month before; a rate counts by the step that it has reached.
"""

from __future__ import annotations

import polars as pl
import pytest

from centre_books import AS_OF, NOW, Row, centre_book, fact, planner, policy
from territory_books import standard_rules
from tuogu.core.plan import make_plan
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import Plan

RANKS_OF_MANAGEMENT = """
职级   | 权重 | 得分
高级   | 100% | 40
中级   | 90%  | 36
初级   | 80%  | 32
准初级 | 70%  | 28
"""

RANKS_OF_SALES = """
职级 | 权重 | 得分
资深 | 85%  | 34
高级 | 75%  | 30
中级 | 65%  | 26
初级 | 55%  | 22
见习 | 45%  | 18
"""

# 进入见习延长考核期的第二个月以后，职级得分为0：第二个月起算（含）。
EXTENDED_PROBATION = """
第几个月 | 得分
-        | 18
0        | 18
1        | 18
2        | 0
3        | 0
12       | 0
"""

TASK_COMPLETION = """
完成率 | 得分
-      | 0
0      | 0
29.99  | 0
30     | 6
39.99  | 6
40     | 8
49.99  | 8
50     | 10
59.99  | 10
60     | 12
69.99  | 12
70     | 14
79.99  | 14
80     | 16
89.99  | 16
90     | 18
99.9   | 18
99.99  | 18
100    | 20
130    | 20
1000   | 20
"""

ATTENDANCE = """
参会率 | 得分
-      | 0
0      | 0
49.9   | 0
49.99  | 0
50     | 5
59.99  | 5
60     | 6
69.99  | 6
70     | 7
79.99  | 7
80     | 8
89.99  | 8
90     | 9
99.99  | 9
100    | 10
"""

LOG_PASS_RATE = """
合格率 | 得分
-      | 0
0      | 0
29.99  | 0
30     | 0
49.9   | 0
49.99  | 0
50     | 10
59.99  | 10
60     | 12
69.99  | 12
70     | 14
79.99  | 14
80     | 16
89.99  | 16
90     | 18
99.99  | 18
100    | 20
130    | 20
"""

# 日志抽查扣分，从日志分中扣，不低于零
LOG_DEDUCTIONS = """
合格率 | 扣分 | 得分
100    | -    | 20
100    | 0    | 20
100    | 6    | 14
100    | 18   | 2
100    | 20   | 0
50     | 6    | 4
50     | 12   | 0
-      | 6    | 0
"""

# Six planners. '-' = nobody has given the figure: the part counts nothing and is named.
PLANNERS = """
工号 | 职级       | 带队 | 任务  | 参会 | 日志 | 调配 | 总分  | 缺少
M1   | 管理高级   | -    | 100   | 100  | 100  | 10   | 100   |
M2   | 高级       | 是   | 95    | 88   | 76   | 3.5  | 83.5  |
M3   | 高级       | -    | 95    | 88   | 76   | 3.5  | 73.5  |
M4   | 见习       | -    | 29.99 | 49.9 | 30   | 0    | 18    |
M5   | 首席       | -    | 100   | -    | 100  | -    | 40    | 职级（“首席”不在职级表）、参会率、部门调配分
M6   | 销售系列资深 | 是 | -     | -    | -    | -    | 34    | 任务完成率、参会率、日志合格率、部门调配分
M7   | -          | -    | -     | -    | -    | 10   | 10    | 职级、任务完成率、参会率、日志合格率
M8   | 准初级     | -    | 50    | 50   | 50   | 0    | 53    |
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def hundredths(cell: str) -> int | None:
    """'29.99' → 2999; '-' → None."""
    if cell in {"-", ""}:
        return None
    whole, _, part = cell.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or "0")


def plan_of(people: list[Row], facts: list[Row]) -> Plan:
    return make_plan(
        centre_book([policy("P1", "renewal")], people, facts),
        standard_rules(),
        AS_OF,
        1,
        1,
        strategy="centre",
    )


def card(people: list[Row], facts: list[Row]) -> dict[str, dict[str, object]]:
    rows = plan_of(people, facts).tables["score_cards"].iter_rows(named=True)
    return {str(row["staff_number"]): row for row in rows}


def many(cells: list[str], key: str) -> tuple[list[Row], list[Row]]:
    """One planner a cell, with this fact."""
    people = [planner(f"M{i:02d}", "见习") for i in range(len(cells))]
    return people, [fact(f"M{i:02d}", key, hundredths(cell)) for i, cell in enumerate(cells) if cell != "-"]


@pytest.mark.req("S1-10", "S1-11")
@pytest.mark.parametrize(
    ("text", "leads"), [(RANKS_OF_MANAGEMENT, True), (RANKS_OF_SALES, False)], ids=["management", "sales"]
)
def test_ranks(text: str, leads: bool) -> None:
    lines = table(text)
    full = 4000
    people = [planner(f"M{i}", rank, supervisor=leads) for i, (rank, _, _) in enumerate(lines)]
    cards = card(people, [fact("M0", "attendance", 9_000)])
    for i, (_rank, weight, points) in enumerate(lines):
        assert cards[f"M{i}"]["rank_points"] == hundredths(points) == full * int(weight.rstrip("%")) // 100
        assert str(cards[f"M{i}"]["rank_source"]).startswith("人员名册")
    assert len(lines) == (4 if leads else 5)


@pytest.mark.req("S1-12")
def test_the_second_month_of_extended_probation_gives_no_rank_points() -> None:
    lines = table(EXTENDED_PROBATION)
    people = [planner(f"M{i}", "见习") for i in range(len(lines))]
    facts = [
        fact(f"M{i}", "extended_probation_months", int(month))
        for i, (month, _) in enumerate(lines)
        if month != "-"
    ]
    facts.append(fact("M0", "attendance", 9_000))
    cards = card(people, facts)
    assert [cards[f"M{i}"]["rank_points"] for i in range(len(lines))] == [hundredths(p) for _, p in lines]
    assert "延长考核期第2个月：extended_probation_months表第M3行" in str(cards["M3"]["rank_source"])
    assert "延长考核期" not in str(cards["M2"]["rank_source"])


@pytest.mark.parametrize(
    ("text", "key", "short"),
    [
        pytest.param(TASK_COMPLETION, "task_completion", "task", marks=pytest.mark.req("S1-13"), id="task"),
        pytest.param(ATTENDANCE, "attendance", "attendance", marks=pytest.mark.req("S1-14"), id="attendance"),
        pytest.param(LOG_PASS_RATE, "log_pass_rate", "log", marks=pytest.mark.req("S1-15"), id="log"),
    ],
)
def test_rates(text: str, key: str, short: str) -> None:
    lines = table(text)
    cards = card(*many([rate for rate, _ in lines], key))
    for i, (rate, points) in enumerate(lines):
        found = cards[f"M{i:02d}"]
        assert found[f"{short}_points"] == hundredths(points), f"{key} {rate}"
        assert found[f"{short}_bp"] == hundredths(rate)
        assert found[f"{short}_source"] == (None if rate == "-" else f"{key}表第M{i:02d}行")
        assert found["score"] == 1800 + (hundredths(points) or 0)


@pytest.mark.req("S1-19", "S1-20")
def test_inspections_take_points_from_the_log_and_the_card_says_so() -> None:
    lines = table(LOG_DEDUCTIONS)
    rates = many([rate for rate, _taken, _points in lines], "log_pass_rate")
    _people, taken = many([taken for _rate, taken, _points in lines], "log_deduction")
    cards = card(rates[0], rates[1] + taken)
    for i, (_rate, less, points) in enumerate(lines):
        found = cards[f"M{i:02d}"]
        assert found["log_points"] == hundredths(points)
        assert found["score"] == 1800 + (hundredths(points) or 0)
        assert (f"log_deduction表第M{i:02d}行" in str(found["log_source"])) == (less not in {"-", "0"})


@pytest.mark.req("S1-09", "S1-22")
def test_whole_cards() -> None:
    people, facts = [], []
    lines = table(PLANNERS)
    for name, rank, leads, task, attendance, log, discretion, _score, _missing in lines:
        people.append(planner(name, None, supervisor=leads == "是"))
        facts += [fact(name, "rank", text=rank)] if rank != "-" else []
        for key, cell in (("task_completion", task), ("attendance", attendance), ("log_pass_rate", log),
                          ("discretion", discretion)):  # fmt: skip
            facts += [fact(name, key, hundredths(cell))] if cell != "-" else []
    cards = card(people, facts)
    for name, rank, _leads, *_cells, score, missing in lines:
        found = cards[name]
        assert (found["score"], found["missing"]) == (hundredths(score), missing), name
        assert found["rank_source"] == (f"rank表第{name}行" if rank != "-" else None)
    assert cards["M3"]["discretion_author"] == "D1"
    assert cards["M3"]["discretion_source"] == "discretion表第M3行"


@pytest.mark.req("S1-16")
@pytest.mark.parametrize(
    ("value", "author", "reason", "words"),
    [
        (1001, "D1", "新人扶持", "须在0至10分之间"),
        (-1, "D1", "新人扶持", "须在0至10分之间"),
        (500, None, "新人扶持", "须写明给分人与理由"),
        (500, "D1", None, "须写明给分人与理由"),
        (500, "D1", "", "须写明给分人与理由"),
    ],
)
def test_discretion_is_refused(value: int, author: str | None, reason: str | None, words: str) -> None:
    given = fact("M1", "discretion", value, author=author, source_ref=reason)
    with pytest.raises(StrategyError, match=f"{words}.*不符的有 1 人：M1"):
        plan_of([planner("M1"), planner("M2")], [given])


def test_a_refusal_names_three_and_counts_all() -> None:
    people = [planner(f"M{i}") for i in range(5)]
    with pytest.raises(StrategyError, match=r"不符的有 5 人：M0、M1、M2$"):
        plan_of(people, [fact(f"M{i}", "discretion", 1001) for i in range(5)])


@pytest.mark.req("S1-16")
@pytest.mark.parametrize("value", [0, 1, 999, 1000])
def test_discretion_within_bounds_counts_with_author_and_reason(value: int) -> None:
    found = card([planner("M1")], [fact("M1", "discretion", value, source_ref="新人扶持")])["M1"]
    assert (found["discretion_points"], found["discretion_author"]) == (value, "D1")
    assert found["discretion_source"] == "新人扶持"


@pytest.mark.req("S1-22")
def test_only_facts_of_the_month_before_count_and_the_last_one_wins() -> None:
    facts = [
        fact("M1", "attendance", 10_000, month=NOW),
        fact("M1", "attendance", 6_000),
        fact("M1", "attendance", 9_000, source_ref="更正"),
        fact("M2", "attendance", 10_000, month=NOW),
        fact("M2", "rank", text="资深", source_ref=None),
        fact("M3", "attendance", 7_000, source_ref=None),
    ]
    cards = card([planner("M1"), planner("M2"), planner("M3")], facts)
    assert (cards["M1"]["attendance_points"], cards["M1"]["attendance_source"]) == (900, "更正")
    assert (cards["M2"]["attendance_points"], cards["M2"]["attendance_source"]) == (0, None)
    assert (cards["M2"]["rank_points"], cards["M2"]["rank_source"]) == (3400, "未注明出处")
    assert cards["M3"]["attendance_source"] == "未注明出处"
    assert "参会率" in str(cards["M2"]["missing"])


@pytest.mark.req("S1-22")
def test_the_announced_rank_goes_before_the_roster() -> None:
    people = [planner("M1", "初级"), planner("M2", "初级"), planner("M3", "高级", supervisor=None)]
    cards = card(people, [fact("M1", "rank", text="中级")])
    assert (cards["M1"]["rank"], cards["M1"]["rank_points"]) == ("中级", 2600)
    assert (cards["M2"]["rank"], cards["M2"]["rank_points"]) == ("初级", 2200)
    assert cards["M3"]["rank_points"] == 3000  # not known to lead a team: the ladder of sales


def test_cards_come_by_staff_number_and_only_for_planners_in_post() -> None:
    people = [
        planner("M2"), planner("M1"), planner("M9", left_date=AS_OF), planner("X1", series="marketing"),
    ]  # fmt: skip
    frame = plan_of(people, [fact("M1", "attendance", 9_000)]).tables["score_cards"]
    assert frame["staff_number"].to_list() == ["M1", "M2"]
    assert frame["score"].dtype == pl.Int64


@pytest.mark.req("S1-09")
def test_a_month_without_any_measured_figure_is_refused() -> None:
    other_month = fact("M1", "attendance", 9_000, month=NOW)
    with pytest.raises(
        StrategyError, match=r"2026年2月没有任何.*职级、.*参会率、工作日志合格率、部门灵活调配分"
    ):
        plan_of([planner("M1"), planner("M2")], [other_month, fact("X1", "attendance", 9_000)])


@pytest.mark.req("S1-10", "S1-11")
def test_a_roster_rank_of_both_ladders_says_on_which_it_stands() -> None:
    people = [planner("M1", "高级"), planner("M2", "高级", supervisor=True), planner("M3", "资深")]
    cards = card(people, [fact("M1", "attendance", 9_000)])
    assert (cards["M1"]["rank_points"], cards["M2"]["rank_points"]) == (3000, 4000)
    assert cards["M1"]["rank_source"] == "人员名册（无公布职级；未带组，按销售系列）"
    assert cards["M2"]["rank_source"] == "人员名册（无公布职级；带组，按管理系列）"
    assert cards["M3"]["rank_source"] == "人员名册"
