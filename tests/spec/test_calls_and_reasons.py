"""Whom to call, what the answers say, why to visit and why nobody was visited: as tables. The day is 10 March 2026."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from territory_books import fill, standard_rules
from tuogu.core import attempts, calling, high_end, visit_reasons
from tuogu.core.labels import VISIT_REASONS
from tuogu.core.tables import POLICIES

RULES = standard_rules()
DAY = date(2026, 3, 10)

# 投保人或成年的被保险人。十八周岁生日当天成年；2月29日生的，平年2月28日满。
CALLED = """
投保人 | 可联系 | 被保险人   | 可联系 | 联系谁
1980-01-01 | 是 | 2015-01-01 | 是     | holder
1980-01-01 | 否 | 2015-01-01 | 是     | -
1980-01-01 | 否 | 2008-03-10 | 是     | insured
1980-01-01 | 否 | 2008-03-11 | 是     | -
1980-01-01 | 否 | 2008-02-29 | 是     | insured
1980-01-01 | 否 | -          | 是     | -
1980-01-01 | 否 | 1990-01-01 | 否     | -
-          | 是 | 2015-01-01 | 是     | holder
2010-01-01 | 是 | 1990-01-01 | 是     | insured
2010-01-01 | 是 | 2015-01-01 | 是     | -
"""

# 五个问题的回答 → 分、态度
ANSWERS = """
地址 | 时间   | 意见 | 看法   | 沟通 | 分 | 态度
no   | agreed | none | need   | yes  | 6  | warm
yes  | agreed | some | agrees | yes  | 4  | warm
no   | agreed | none | need   | no   | 4  | warm
no   | agreed | none | agrees | no   | 3  | cold
no   | later  | some | agrees | yes  | 3  | cold
no   | never  | some | doubts | no   | 0  | cold
no   | agreed | none | need   | -    | -  | -
-    | agreed | none | need   | yes  | -  | -
"""

# 到期日、态度、距离 → 次序
VISITS = """
谁 | 到期       | 态度 | 距离
a  | 2026-02-01 | cold | 10
b  | 2026-03-15 | warm | 900
c  | 2026-03-11 | warm | 300
d  | 2026-03-10 | -    | 5
e  | 2026-03-16 | warm | 1
f  | -          | warm | 1
g  | 2026-03-10 | warm | 300
"""

HIGH_END = """
保单                                                | 年交      | 高端
1999999*1                                           | 19999.99  | 否
2000000*1                                           | 20000     | 是
1000000*1 1000000*1                                 | 20000     | 是
166666*12                                           | 19999.92  | 否
500000*4                                            | 20000     | 是
1999999*1 rider:1*1                                 | 20000     | 是
1999999*1 single:5000000*0                          | 19999.99  | 否
1999999*1 lapsed:1000000*1                          | 19999.99  | 否
"""

# 理由出现的条件，一项一行；其余都不成立时只有这一项
REASONS = """
列                | 值         | 理由
next_due_date     | 2026-03-09 | due_reminder
next_due_date     | 2026-04-09 | due_reminder
next_due_date     | 2026-04-10 | -
end_date          | 2026-03-10 | benefit
end_date          | 2026-06-08 | benefit
end_date          | 2026-06-09 | -
end_date          | 2026-03-09 | -
open_claims       | 1          | claim
open_claims       | 0          | -
info_accurate     | 否         | data_change
first_visit_date  | -          | explanation
check_up_date     | -          | review
check_up_date     | 2025-03-10 | review
check_up_date     | 2025-03-11 | -
inception_date    | 2020-04-09 | bonus
inception_date    | 2020-04-10 | -
birth_date        | 1980-03-10 | greeting
birth_date        | 1980-03-25 | greeting
birth_date        | 1980-03-26 | -
birth_date        | 1980-03-09 | -
last_contact_date | 2025-12-10 | information
last_contact_date | 2025-12-11 | -
news_date         | 2026-03-10 | new_service
news_date         | 2026-03-11 | -
"""

# 应收先于本季度生日
DEFAULTS = """
应缴       | 生日       | 类型
2026-03-01 | 1980-01-01 | due
2026-04-09 | 1980-08-01 | due
2026-04-10 | 1980-03-31 | birthday
-          | 1980-01-01 | birthday
-          | 1980-04-01 | -
-          | -          | -
"""

ATTEMPTED = """
联系                                                           | 方式数 | 还缺
phone@1 sms@2 wechat@3 visit@4 letter@5 relations@6            | 6 | 0
phone@1 sms@2 wechat@3 visit@4 letter@5                        | 5 | 1
phone@1 phone@2 phone@3 sms@4 wechat@5 visit@6 letter@7        | 5 | 1
phone@1 sms@2 wechat@3 visit@4 letter@5 relations@-            | 5 | 1
phone@1 sms@2 wechat@3 visit@4 letter@5 fax@6                  | 5 | 1
phone@1 sms@2 wechat@3 visit@4 letter@5 phone@6+ relations@7   | 1 | 5
phone@1 sms@2 wechat@3 visit@4 letter@5 relations@6+           | 0 | 6
phone@1+ sms@1 wechat@2                                        | 1 | 5
phone@1 sms@1 wechat@1 visit@1 letter@1 relations@1            | 6 | 0
phone@1 sms@1 wechat@1 visit@1 letter@1 letter@1               | 5 | 1
phone@1 phone@2 phone@3 phone@4 phone@5 phone@6                | 1 | 5
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def day(cell: str) -> date | None:
    return None if cell == "-" else date.fromisoformat(cell)


def case(**more: object) -> dict[str, object]:
    return {
        "policy_number": "P1", "due_date": DAY, "transfer": "orphan", "holder_number": "H", "insured_number": "I",
        "holder_birth": date(1980, 1, 1), "holder_reachable": True, "insured_reachable": True,
    } | more  # fmt: skip


@pytest.mark.req("S1-24")
@pytest.mark.parametrize(("holder", "h_reach", "insured", "i_reach", "called"), table(CALLED))
def test_the_holder_or_an_adult_insured_is_called(
    holder: str, h_reach: str, insured: str, i_reach: str, called: str
) -> None:
    row = case(
        holder_birth=day(holder), holder_reachable=h_reach == "是",
        insured_birth=day(insured), insured_reachable=i_reach == "是",
    )  # fmt: skip
    cases = fill([row], calling.CALLABLE)
    listed = calling.call_list(cases, DAY, RULES)
    assert listed["called_as"].to_list() == ([] if called == "-" else [called])
    assert listed["customer_number"].to_list() == ([] if called == "-" else [called[0].upper()])
    assert calling.nobody_to_call(cases, DAY, RULES).height == (called == "-")


@pytest.mark.req("S1-24")
def test_calls_come_by_due_date_with_the_script_of_their_reason() -> None:
    days = {
        "P1": date(2026, 4, 1),
        "P2": date(2026, 3, 1),
        "P3": None,
        "P4": date(2026, 3, 15),
        "P0": date(2026, 4, 1),
    }
    rows = [
        case(policy_number=name, due_date=due, transfer="stripped" if name == "P2" else "orphan")
        for name, due in days.items()
    ]
    listed = calling.call_list(fill(rows, calling.CALLABLE), DAY, RULES)
    assert listed["policy_number"].to_list() == ["P2", "P4", "P0", "P1", "P3"]
    assert listed["place"].to_list() == [1, 2, 3, 4, 5]
    scripts = RULES["calling.scripts"]
    assert listed["script"].to_list() == [scripts["stripped"], *[scripts["orphan"]] * 4]
    assert scripts["stripped"] != scripts["orphan"]
    assert set(scripts) == set(calling.TRANSFERS)


@pytest.mark.req("S1-24")
def test_an_appointment_needs_a_second_call() -> None:
    now = datetime(2026, 3, 10, 9)  # noqa: DTZ001 - local by contract
    rows = [
        ("A1", "K1", now.replace(hour=15), now.replace(day=8)),  # confirmed this morning
        ("A2", "K2", now.replace(hour=15), now.replace(day=8)),  # called the day it was made only
        ("A3", "K3", now.replace(day=11, hour=10), now.replace(day=8)),  # more than a day ahead
        ("A4", "K4", now.replace(day=11, hour=9), now.replace(day=8)),
        ("A5", "K5", now.replace(hour=8), now.replace(day=8)),  # over
    ]
    made = pl.DataFrame(rows, schema=calling.APPOINTMENTS, orient="row")
    reached = pl.DataFrame(
        [("K1", now.replace(hour=8)), ("K2", now.replace(day=8))],
        schema={"customer_number": pl.String, "at": pl.Datetime("us")}, orient="row",
    )  # fmt: skip
    assert calling.unconfirmed(made, reached, now, RULES)["appointment"].to_list() == ["A2", "A4"]


@pytest.mark.req("S4-22")
@pytest.mark.parametrize("row", table(ANSWERS))
def test_five_answers_make_the_class(row: list[str]) -> None:
    *answers, points, attitude = row
    cells = ["K1", *(None if cell == "-" else cell for cell in answers)]
    judged = calling.attitudes(pl.DataFrame([cells], schema=calling.ANSWERED, orient="row"), RULES)
    assert judged["attitude"].item() == (None if attitude == "-" else attitude)
    assert judged["points"].item() == (None if points == "-" else int(points))


@pytest.mark.req("S4-22")
def test_visits_go_by_week_then_class_then_nearness() -> None:
    rows = [(who, day(due), None if a == "-" else a, int(m)) for who, due, a, m in table(VISITS)]
    visits = pl.DataFrame(rows, schema=calling.TO_VISIT, orient="row")
    assert "".join(calling.visit_order(visits, DAY, RULES)["key"]) == "gcbdaef"
    reverse = RULES.replace(calling__visit_order=["cold", "unknown", "warm"])
    assert "".join(calling.visit_order(visits.reverse(), DAY, reverse)["key"]) == "adgcbef"


@pytest.mark.req("S4-22")
def test_the_rulebook_scores_every_answer_of_the_five_questions() -> None:
    for name, (_question, words) in calling.ANSWERS.items():
        assert set(RULES[f"calling.answers.{name}"]) == set(words)


@pytest.mark.req("S4-29")
@pytest.mark.parametrize(("policies", "yearly", "high"), table(HIGH_END))
def test_high_end_counts_a_customers_policies_together(policies: str, yearly: str, high: str) -> None:
    rows = []
    for n, word in enumerate(policies.split()):
        kind, _, money = word.rpartition(":")
        fen, times = money.split("*")
        rows.append({
            "policy_number": f"P{n}", "kind": "rider" if kind == "rider" else "main", "holder_number": "K1",
            "premium_mode": "single" if kind == "single" else "regular", "premium_fen": int(fen),
            "payments_per_year": int(times), "state": "lapsed" if kind == "lapsed" else "in_force",
        })  # fmt: skip
    rows.append(
        rows[0] | {"policy_number": "Q", "holder_number": "K2", "premium_fen": 5_000_000, "state": "matured"}
    )
    found = high_end.high_end(fill(rows, POLICIES), RULES)
    assert found["customer_number"].to_list() == ["K1", "K2"]
    assert found["yearly_fen"].to_list() == [round(float(yearly) * 100), 0]
    assert found["high_end"].to_list() == [high == "是", False]


QUIET = {
    "policy_number": "P1", "customer_number": "K1", "product_type": "participating", "info_accurate": True, "open_claims": 0,
    "first_visit_date": date(2025, 6, 1), "check_up_date": date(2026, 1, 1), "inception_date": date(2020, 8, 1),
    "birth_date": date(1980, 8, 1), "last_contact_date": date(2026, 3, 1),
}  # fmt: skip


@pytest.mark.req("S4-21")
@pytest.mark.parametrize(("column", "value", "reason"), table(REASONS))
def test_each_reason_is_suggested_from_its_own_figure(column: str, value: str, reason: str) -> None:
    cell = {"否": False, "0": 0, "1": 1}.get(value, value)
    cell = day(value) if cell is value else cell
    found = visit_reasons.suggested(fill([QUIET | {column: cell}], visit_reasons.SERVED), DAY, RULES)
    assert found["reason"].to_list() == ([] if reason == "-" else [reason])


@pytest.mark.req("S4-21")
def test_ten_reasons_stand_in_the_order_of_the_rulebook() -> None:
    everything = QUIET | {
        "next_due_date": DAY, "end_date": DAY, "open_claims": 2, "info_accurate": False, "first_visit_date": None,
        "check_up_date": None, "inception_date": date(2020, 3, 10), "birth_date": date(1984, 2, 29).replace(month=3, day=15),
        "last_contact_date": date(2020, 1, 1), "news_date": DAY,
    }  # fmt: skip
    rows = [everything, everything | {"policy_number": "P2", "product_type": "annuity"}]
    found = visit_reasons.suggested(fill(rows, visit_reasons.SERVED), DAY, RULES)
    first = found.filter(pl.col("policy_number") == "P1")
    assert first["reason"].to_list() == RULES["visit_reasons.order"]
    assert set(RULES["visit_reasons.order"]) == set(VISIT_REASONS)
    assert first["place"].to_list() == list(range(1, 11))
    assert first["detail"].null_count() == 0
    assert "bonus" not in found.filter(pl.col("policy_number") == "P2")["reason"].to_list()


@pytest.mark.req("S4-25")
@pytest.mark.parametrize(("due", "birth", "kind"), table(DEFAULTS))
def test_collection_goes_before_this_quarters_birthday(due: str, birth: str, kind: str) -> None:
    row = QUIET | {"next_due_date": day(due), "birth_date": day(birth)}
    found = visit_reasons.default_type(fill([row], visit_reasons.SERVED), DAY, RULES)
    assert found["service_type"].item() == (None if kind == "-" else kind)


@pytest.mark.req("S4-36")
def test_the_report_of_no_visits_says_how_many_and_whether_more_than_usual() -> None:
    reasons = list(visit_reasons.NO_VISIT)
    rows = [(f"K{n}", reason, DAY) for n, reason in enumerate(reasons)]
    rows += [("K9", "moved", date(2026, 1, 1)), ("K9", "died", DAY), ("K9", "moved", date(2026, 2, 1))]
    frame = pl.DataFrame(rows, schema=visit_reasons.NO_VISITS, orient="row")
    report, above = visit_reasons.no_visit_report(frame, 120, RULES)
    assert report["customers"].to_list() == [2, 1, 1, 1, 1]  # K9 counts once, as died
    assert report["share_bp"].to_list() == [166, 83, 83, 83, 83]
    assert not above  # exactly 5%
    assert visit_reasons.no_visit_report(frame, 119, RULES)[1]


@pytest.mark.req("S4-04", "S1-31")
@pytest.mark.parametrize(("tried", "methods", "lacking"), table(ATTEMPTED))
def test_six_dated_attempts_by_six_methods_make_a_difficult_case(
    tried: str, methods: str, lacking: str
) -> None:
    rows = []
    for word in tried.split():
        method, _, when = word.removesuffix("+").partition("@")
        rows.append(("S", method, None if when == "-" else date(2026, 3, int(when)), word.endswith("+")))
    found = attempts.exhausted(pl.DataFrame(rows, schema=attempts.ATTEMPTS, orient="row"), RULES)
    assert (found["methods"].item(), found["lacking"].item()) == (int(methods), int(lacking))
    assert found["exhausted"].item() == (lacking == "0")
    assert len(found["unused"].item().split("、")) == (6 - int(methods) or 1)


@pytest.mark.req("S1-31")
def test_a_report_on_the_due_day_is_late() -> None:
    assert [attempts.report_late(date(2026, 3, 9 + n), DAY) for n in range(3)] == [False, True, True]
    assert not attempts.report_late(DAY, None)
    assert len(RULES["attempts.methods"]) >= RULES["orphan.difficult_attempts"]
