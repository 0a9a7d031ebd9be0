"""Inspection of work logs, told as tables that are also the manual: who loses what, at which line exactly.

A log is worth 20 points. Times in these tables are days of March 2026; the 14th and 15th are a weekend.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from territory_books import fill, standard_rules
from tuogu.core.centre.score_card import score_cards
from tuogu.core.inspection import (
    InspectionFacts,
    differences,
    inspection_plan,
    judged_logs,
    month_facts,
    pass_rates,
    penalties,
    sample,
    standing,
    without_resources,
)
from tuogu.core.inspection.tables import CHECKS, FALSIFIED, LOGS, OWNERS, RECEIPTS, REVERSALS

MARCH = date(2026, 3, 1)
END = date(2026, 4, 30)
RULES = standard_rules()

# 主管打分与实际相差30%以上（约6分）：各扣6分；50%以上：归零，大主管扣10分。大主管：未查、查而注明、查而未注明。
DIFFERENCES = """
主管 | 抽查 | 大主管 | 所属人员 | 批阅主管 | 大主管扣
20   | 20   | 未注明 | 0        | 0        | 0
20   | 15   | 未注明 | 0        | 0        | 0
20   | 14.01 | 未注明 | 0       | 0        | 0
20   | 14   | 未注明 | 6        | 6        | 6
20   | 14   | 注明   | 6        | 6        | 0
20   | 14   | 未查   | 6        | 6        | 0
8    | 14   | 未注明 | 6        | 6        | 6
20   | 11   | 未注明 | 6        | 6        | 6
20   | 10.01 | 未注明 | 6       | 6        | 6
20   | 10   | 未注明 | 20       | 20       | 10
20   | 10   | 注明   | 20       | 20       | 0
20   | 10   | 未查   | 20       | 20       | 0
0    | 20   | 未注明 | 20       | 20       | 10
"""

# 一个月的合格率得分、各次扣分、余下的分：几次检查相加，不低于零。
MONTHS = """
合格率 | 扣分次数 | 余下
100    | 0        | 20
100    | 1        | 14
100    | 3        | 2
100    | 4        | 0
50     | 1        | 4
50     | 2        | 0
49.99  | 1        | 0
"""

# 部门抽查的结果依次：好=已查看；补=当下没有、次日补查；缺=次日也没有；失=遗失。连续超过3次取消今后资格。
SEQUENCES = """
各次             | 归零次数 | 取消资格
缺               | 1        | 否
缺 缺 缺         | 3        | 否
缺 缺 缺 缺      | 4        | 是
失 缺 失 缺      | 4        | 是
缺 缺 缺 好 缺   | 4        | 否
缺 缺 缺 补 缺   | 4        | 否
缺 缺 缺 好 缺 缺 缺 | 6    | 否
缺 缺 缺 好 缺 缺 缺 缺 | 7 | 是
缺 缺 缺 缺 好   | 4        | 是
"""

# 当下不能接受抽查的，次日重查；末日休息的顺延到下一工作日。期限未过不下结论。
RECHECKS = """
抽查日 | 重查日 | 截至 | 归零
10     | 11     | 31   | 否
10     | 12     | 31   | 是
10     | -      | 11   | 否
10     | -      | 12   | 是
13     | 16     | 31   | 否
13     | 17     | 31   | 是
13     | -      | 16   | 否
13     | -      | 17   | 是
"""

# 工作日志：早夕会检查。缺明日计划即不合格。合格线12分为本系统自定。
LOG_ROWS = """
填写 | 缺的部分    | 批阅 | 合格 | 理由
是   | -           | 20   | 是   | -
是   | -           | 12   | 是   | -
是   | -           | 11.99 | 否  | 主管批阅未达合格线
是   | -           | -    | 否   | 主管未批阅
是   | next_plan   | 20   | 否   | 缺明日工作计划
是   | work        | 20   | 否   | 缺当日工作内容
是   | collection development | 20 | 否 | 缺收费服务情况、业务拓展情况
是   | achievement | 20   | 否   | 缺计划达成情况
否   | -           | 20   | 否   | 未填写
"""

# 接单：七天内（自定）反馈；五项齐全；无故拒绝。三月二日发放，期限为九日。
RECEIPT_ROWS = """
反馈 | 缺         | 拒绝 | 有理由 | 截至 | 结果
9    | -          | -    | -      | 31   | -
10   | -          | -    | -      | 31   | S1-34:no_persistency S1-34:no_piece_allowance
-    | -          | -    | -      | 9    | -
-    | -          | -    | -      | 10   | S1-34:no_persistency S1-34:no_piece_allowance
9    | signed     | -    | -      | 31   | S1-34:no_persistency S1-34:no_piece_allowance
9    | bound      | -    | -      | 31   | S1-34:no_persistency S1-34:no_piece_allowance
9    | carded     | -    | -      | 31   | S1-34:no_persistency S1-34:no_piece_allowance
9    | registered | -    | -      | 31   | S1-34:no_persistency S1-34:no_piece_allowance
9    | visited    | -    | -      | 31   | S1-34:no_persistency S1-34:no_piece_allowance
-    | -          | 5    | 否     | 31   | S1-34:disqualify
-    | -          | 5    | 是     | 31   | -
-    | -          | 5    | -      | 31   | -
"""

# 弄虚作假：每次认定降低100元，下季度不发放。
FALSIFIED_ROWS = """
认定日     | 停发自     | 停发至
2026-01-01 | 2026-04-01 | 2026-07-01
2026-03-31 | 2026-04-01 | 2026-07-01
2026-04-01 | 2026-07-01 | 2026-10-01
2026-12-31 | 2027-01-01 | 2027-04-01
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def hundredths(cell: str) -> int | None:
    """'14.01' → 1401; '-' → None."""
    if cell == "-":
        return None
    whole, _, part = cell.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or "0")


def march(day: str) -> date | None:
    return None if day == "-" else MARCH.replace(day=int(day))


def random_check(name: str, day: date, **more: object) -> dict[str, object]:
    row = {
        "check": name, "level": "department", "staff_number": "E1", "log_date": day, "checked_date": day, "by": "D1",
        "outcome": "seen", "marked_points": 2000, "marker_number": "S1", "found_points": 2000,
    }  # fmt: skip
    return row | more


def found(as_of: date = END, **facts: list[dict[str, object]]) -> pl.DataFrame:
    """PENALTIES of rows given by table."""
    return penalties(facts_of(**facts), RULES, as_of)


def facts_of(**facts: list[dict[str, object]]) -> InspectionFacts:
    schemas = {"checks": CHECKS, "receipts": RECEIPTS, "falsified": FALSIFIED, "reversals": REVERSALS}
    return InspectionFacts(**{name: fill(facts.get(name, []), schema) for name, schema in schemas.items()})


def taken(rows: pl.DataFrame, person: str) -> int:
    return int(rows.filter(pl.col("staff_number") == person)["points"].sum())


@pytest.mark.req("S1-19", "S1-20")
@pytest.mark.parametrize(("marked", "real", "head", "owner", "marker", "of_head"), table(DIFFERENCES))
def test_a_difference_costs_the_owner_the_marker_and_the_head_who_passed_over_it(
    marked: str, real: str, head: str, owner: str, marker: str, of_head: str
) -> None:
    day = march("10")
    checks = [random_check("C1", day, marked_points=hundredths(marked), found_points=hundredths(real))]
    if head != "未查":
        checks.append(random_check("H1", day, level="head", by="T1", noted=head == "注明", found_points=None))
    rows = found(checks=checks)
    assert [taken(rows, who) for who in ("E1", "S1", "T1")] == [
        int(cell) * 100 for cell in (owner, marker, of_head)
    ]
    zero = rows.filter(pl.col("effect") == "zero")["staff_number"].to_list()
    assert sorted(zero) == (["E1", "S1"] if owner == "20" else [])


@pytest.mark.req("S1-19")
def test_a_head_answers_only_for_what_he_inspected_before_and_once() -> None:
    day, later = march("10"), march("11")
    wrong = random_check("C1", day, found_points=1400)
    looked_later = random_check("H1", day, level="head", by="T1", checked_date=later, noted=False)
    other_log = random_check("H2", march("9"), level="head", by="T1", checked_date=march("9"), noted=False)
    assert taken(found(checks=[wrong, looked_later, other_log]), "T1") == 0
    marks_himself = wrong | {"marker_number": "T1"}
    before = random_check("H3", day, level="head", by="T1", noted=False)
    assert taken(found(checks=[marks_himself, before]), "T1") == 600
    noted_then = random_check("H4", day, level="head", by="T1", noted=True)
    assert taken(found(checks=[wrong, before, noted_then]), "T1") == 0


@pytest.mark.req("S1-19")
@pytest.mark.parametrize("level", ["supervisor", "head", "management"])
def test_only_the_departments_random_checks_deduct(level: str) -> None:
    assert found(checks=[random_check("C1", march("10"), level=level, found_points=0)]).is_empty()


@pytest.mark.req("S1-19", "S1-15")
@pytest.mark.parametrize(("rate", "times", "left"), table(MONTHS))
def test_deductions_of_a_month_add_up_and_never_go_below_zero(rate: str, times: str, left: str) -> None:
    checks = [random_check(f"C{n}", date(2026, 3, 2 + n), found_points=1400) for n in range(int(times))]
    rates = pl.DataFrame(
        [("E1", MARCH, 10_000, hundredths(rate), hundredths(rate))],
        schema={"staff_number": pl.String, "month": pl.Date, "owed": pl.Int64, "passed": pl.Int64, "rate_bp": pl.Int64},
        orient="row",
    )  # fmt: skip
    facts = month_facts(rates, found(checks=checks), MARCH, RULES)
    planner = pl.DataFrame([{"staff_number": "E1", "supervisor": False, "rank": "初级"}])
    card = score_cards(planner, facts, date(2026, 4, 1), RULES)
    assert card["log_points"].item() == int(left) * 100


@pytest.mark.req("S1-21")
@pytest.mark.parametrize(("outcomes", "zeros", "barred"), table(SEQUENCES))
def test_more_than_three_missing_in_a_row_bar_for_good(outcomes: str, zeros: str, barred: str) -> None:
    rows = found(checks=episodes(outcomes.split()))
    assert rows.filter(pl.col("effect") == "zero").height == int(zeros)
    bars = rows.filter(pl.col("effect") == "bar")
    assert bars.height == (barred == "是")
    assert bars["until_date"].null_count() == bars.height
    assert without_resources(rows, date(2030, 1, 1)).height == (barred == "是")


def episodes(outcomes: list[str]) -> list[dict[str, object]]:
    """Random checks every other day from the 2nd (weekends included: checks are facts)."""
    checks: list[dict[str, object]] = []
    for n, outcome in enumerate(outcomes):
        day = date(2026, 3, 2 + 2 * n)
        kind = {"好": "seen", "失": "lost"}.get(outcome, "absent")
        checks.append(random_check(f"C{n}", day, outcome=kind, found_points=2000 if kind == "seen" else None))
        if outcome == "补":
            shown = day.replace(day=day.day + 1)
            checks.append(random_check(f"R{n}", day, checked_date=shown, recheck_of=f"C{n}"))
    return checks


@pytest.mark.req("S1-21")
@pytest.mark.parametrize(("checked", "again", "until", "missing"), table(RECHECKS))
def test_a_recheck_comes_by_the_next_working_day(checked: str, again: str, until: str, missing: str) -> None:
    checks = [random_check("C1", march(checked), outcome="absent", found_points=None)]
    if again != "-":
        checks.append(random_check("R1", march(checked), checked_date=march(again), recheck_of="C1"))
    assert found(march(until), checks=checks).height == (missing == "是")


@pytest.mark.req("S1-21", "S1-19")
def test_a_recheck_is_compared_like_any_check_if_it_came_in_time() -> None:
    absent = random_check("C1", march("10"), outcome="absent", found_points=None)
    again = random_check("R1", march("10"), checked_date=march("11"), recheck_of="C1", found_points=1400)
    assert taken(found(checks=[absent, again]), "E1") == 600
    too_late = again | {"checked_date": march("12")}
    rows = found(checks=[absent, too_late])
    assert rows["req"].to_list() == ["S1-21"]


@pytest.mark.req("S1-32")
@pytest.mark.parametrize(("filed", "lacking", "marked", "passed", "why"), table(LOG_ROWS))
def test_a_log_passes_when_all_is_there_and_marked(
    filed: str, lacking: str, marked: str, passed: str, why: str
) -> None:
    parts = ("work", "collection", "development", "achievement", "next_plan")
    row = {
        "staff_number": "E1",
        "log_date": MARCH,
        "filed": filed == "是",
        "marked_points": hundredths(marked),
    }
    row |= {part: part not in lacking.split() for part in parts}
    judged = judged_logs(fill([row], LOGS), RULES)
    assert judged["passed"].item() == (passed == "是")
    assert (judged["why"].item() or "-") == why


@pytest.mark.req("S1-32", "S1-15")
def test_the_pass_rate_counts_every_log_owed_and_becomes_a_fact() -> None:
    full = {"filed": True, "marked_points": 2000} | dict.fromkeys(
        ("work", "collection", "development", "achievement", "next_plan"), True
    )
    rows = [
        {"staff_number": "E1", "log_date": date(2026, 3, day), "filed": False} if day > 4 else
        full | {"staff_number": "E1", "log_date": date(2026, 3, day)} for day in range(2, 5 + 2)
    ]  # fmt: skip
    rows.append(full | {"staff_number": "E1", "log_date": date(2026, 4, 1)})
    false = fill([{"event": "F1", "staff_number": "E1", "log_date": date(2026, 3, 4)}], FALSIFIED)
    rates = pass_rates(judged_logs(fill(rows, LOGS), RULES))
    assert rates.rows() == [
        ("E1", MARCH, 5, 3, 6000),
        ("E1", date(2026, 4, 1), 1, 1, 10_000),
    ]
    assert pass_rates(judged_logs(fill(rows, LOGS), RULES, false))["rate_bp"].to_list() == [4000, 10_000]
    facts = month_facts(rates, found(), MARCH, RULES)
    assert facts.select("subject", "key", "value").rows() == [("E1", "log_pass_rate", 6000)]


@pytest.mark.req("S1-34")
@pytest.mark.parametrize(("answer", "lacking", "refused", "cause", "until", "result"), table(RECEIPT_ROWS))
def test_a_receipt_is_in_time_and_in_order_or_costs_allowance_and_points(
    answer: str, lacking: str, refused: str, cause: str, until: str, result: str
) -> None:
    row = {"receipt": "R1", "staff_number": "E1", "given_date": march("2"), "feedback_date": march(answer)}
    row |= {step: step != lacking for step in ("signed", "bound", "carded", "registered", "visited")}
    row |= {"refused_date": march(refused), "with_cause": {"是": True, "否": False}.get(cause)}
    rows = found(march(until), receipts=[row])
    words = [f"{req}:{effect}" for req, effect in rows.select("req", "effect").sort("effect").rows()]
    assert words == ([] if result == "-" else result.split())
    month = rows.filter(pl.col("effect") != "disqualify")
    assert set(month["from_date"]) <= {MARCH}
    assert set(month["until_date"]) <= {date(2026, 4, 1)}


@pytest.mark.req("S1-35")
@pytest.mark.parametrize(("confirmed", "start", "end"), table(FALSIFIED_ROWS))
def test_each_confirmed_event_costs_100_yuan_and_the_next_quarter(
    confirmed: str, start: str, end: str
) -> None:
    day = date.fromisoformat(confirmed)
    events = [
        {"event": name, "staff_number": "E1", "log_date": day, "confirmed_date": day} for name in ("F1", "F2")
    ]
    rows = found(falsified=events)
    assert rows.filter(pl.col("effect") == "pay")["amount_fen"].to_list() == [10_000, 10_000]
    withheld = rows.filter(pl.col("effect") == "withhold").select("from_date", "until_date").unique().row(0)
    assert withheld == (date.fromisoformat(start), date.fromisoformat(end))
    quarter = [date(withheld[0].year, withheld[0].month + n, 1) for n in range(3)]
    assert [without_resources(rows, month).height for month in (*quarter, withheld[1])] == [1, 1, 1, 0]


@pytest.mark.req("N-14")
def test_recomputed_penalties_equal_the_ledger_and_a_reversal_lifts_what_hung_on_it() -> None:
    rows = {"checks": episodes(["缺"] * 4) + [random_check("D1", march("20"), found_points=1000)]}
    ledger = found(**rows)
    none = fill([], REVERSALS)
    assert differences(ledger, found(**rows), none).is_empty()
    reverse = [{"penalty": "S1-21:zero:C1:E1", "reversed_date": march("25")}]
    again = found(**rows, reversals=reverse)
    gone = differences(ledger, again, fill(reverse, REVERSALS))
    assert gone.rows() == [("S1-21:bar:C3:E1", "void")]
    left = standing(again, fill(reverse, REVERSALS))
    assert "S1-21:zero:C1:E1" not in left["penalty"].to_list()
    assert without_resources(left, date(2026, 4, 1)).is_empty()
    corrected = {"checks": [*rows["checks"][:-1], rows["checks"][-1] | {"found_points": 1200}]}
    assert set(differences(ledger, found(**corrected), none)["kind"]) == {"missing", "void"}
    forged = ledger.with_columns(points=pl.col("points") + 1)
    assert set(differences(forged, ledger, none)["kind"]) == {"changed"}


OWNER_ROWS = """
人   | 系列       | 部门 | 主管 | 大主管 | 经理
E1   | sales      | D1   | S1   | T1     | M1
E2   | sales      | D1   | S1   | T1     | M1
E3   | sales      | D2   | -    | T2     | M2
S1   | sales      | D1   | S1   | T1     | M1
T1   | management | D1   | -    | -      | M1
M1   | management | D1   | -    | -      | M1
"""


def owners() -> pl.DataFrame:
    rows = [[None if cell == "-" else cell for cell in row] for row in table(OWNER_ROWS)]
    return pl.DataFrame(rows, schema=OWNERS, orient="row")


@pytest.mark.req("S1-18")
def test_everybody_is_due_at_the_right_level_and_nobody_for_the_own_log() -> None:
    plan = inspection_plan(
        owners(), fill([], CHECKS), march("10"), RULES, seed=b"published-seed-16", draw_id="R"
    )
    levels = {
        level: sorted(plan.filter(pl.col("level") == level).select("staff_number", "by").rows())
        for level in ("supervisor", "head", "management")
    }
    assert levels == {
        "supervisor": [("E1", "S1"), ("E2", "S1"), ("E3", "T2"), ("S1", "T1")],
        "head": [("E1", "T1"), ("E2", "T1"), ("E3", "T2"), ("S1", "T1")],
        "management": [("M1", None), ("T1", "M1")],
    }
    drawn = plan.filter(pl.col("level") == "department")
    assert drawn.height == 2  # one of each department
    assert plan.filter(pl.col("by") == pl.col("staff_number")).is_empty()


@pytest.mark.req("S1-18")
@pytest.mark.parametrize(
    ("level", "last", "day", "due"),
    [
        ("supervisor", "9", "9", False),
        ("supervisor", "9", "10", True),
        ("head", "3", "9", False),
        ("head", "3", "10", True),
        ("department", "3", "9", False),
        ("department", "3", "10", True),
    ],
)
def test_a_check_is_due_again_when_its_days_have_passed(level: str, last: str, day: str, due: bool) -> None:
    done = fill([random_check("C1", march(last), level=level)], CHECKS)
    plan = inspection_plan(owners().head(1), done, march(day), RULES, seed=b"published-seed-16", draw_id="R")
    assert (level in plan["level"].to_list()) == due


@pytest.mark.req("S1-18")
def test_a_stranger_draws_the_same_sample_again() -> None:
    many = pl.DataFrame(
        [(f"E{n:02}", "sales", "D1", None, None, "M1") for n in range(41)], schema=OWNERS, orient="row"
    )
    first = sample(many, RULES, seed=b"published-seed-16", draw_id="W11")
    again = sample(many.reverse(), RULES, seed=b"published-seed-16", draw_id="W11")
    assert first.equals(again)
    assert first.height == 5  # a tenth of 41, rounded up
    assert not first.equals(sample(many, RULES, seed=b"another-seed-of-16", draw_id="W11"))
