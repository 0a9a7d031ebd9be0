"""Motor renewal day by day: on which day each step falls, for whom, and what a long holiday moves.

Calendar of these tables: Spring Festival 2026 is off from 15 to 23 February (Saturday the 14th is worked); 1 to 5 May
2026 is off (Thursday 30 April is worked); National Day from 1 to 7 October 2026 (Wednesday 30 September is worked).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from motor_cases import BOOK, fired, holidays, motor_cases, motor_limits
from timeline_books import lines
from tuogu.core.motor import clock, second

LIMITS = {BOOK: motor_limits()}
HOLIDAYS = holidays()
EXPIRY = date(2026, 8, 31)  # no festival in the ninety days before


def on(
    day: date, *rows: dict[str, Any], done: pl.DataFrame | None = None, **limits: Any
) -> list[tuple[str, date]]:
    """(step, due) of what is to be done on a day."""
    found = clock.due(
        motor_cases(*rows), fired() if done is None else done, {BOOK: motor_limits(**limits)}, HOLIDAYS, day
    )
    return list(found.select("step", "due_date").iter_rows())


STEPS = """
days left | new that day
61        | -
60        | sms
59        | -
31        | -
30        | own_contact
29        | -
16        | -
15        | call_all
14        | -
11        | -
10        | urge
9         | -
6         | -
5         | final
4         | -
0         | -
-1        | lapsed next_year
-2        | -
-31       | lapsed
-32       | -
-61       | -
-62       | lapsed
"""


@pytest.mark.req("S3-09", "S3-10", "S3-11", "S3-12", "S3-13", "S3-17")
def test_each_step_once_on_its_day() -> None:
    """Run every day from D-95 to D+62 (30 September, 31 October and 30 November are rounds of rescue)."""
    done, told = fired(), dict[int, list[str]]()
    for left in range(95, -93, -1):
        day = EXPIRY - timedelta(days=left)
        found = clock.due(motor_cases({"expiry_date": EXPIRY}), done, LIMITS, HOLIDAYS, day)
        assert found["due_date"].to_list() == [day] * found.height
        told[left] = found["step"].to_list()
        new = found.select("subject_id", "step", "round", fired_date=pl.lit(day))
        done = pl.concat([done, new])
    expected = {-1: ["lapsed", "next_year"], -31: ["lapsed"], -62: ["lapsed"], -92: ["lapsed"]}
    expected |= {60: ["sms"], 30: ["own_contact"], 15: ["call_all"], 10: ["urge"], 5: ["final"]}
    assert {left: steps for left, steps in told.items() if steps} == expected
    for line in lines(STEPS):
        assert told[int(line[0])] == ([] if line[1] == "-" else line[1].split())
    assert done.select("subject_id", "step", "round").is_unique().all()


CONDITIONS = """
case                        | days left | steps
opted_out                   | 60        | -
opted_out                   | 15        | own_contact call_all
ended renewed               | 60        | -
ended renewed               | 15        | -
ended renewed               | -1        | -
ended scrapped              | -1        | -
ended elsewhere             | 20        | -
ended elsewhere             | -1        | next_year
intention will              | 10        | own_contact call_all urge
intention wont              | 45        | sms to_leaders
intention wont              | 61        | to_leaders
important                   | 11        | own_contact call_all
important                   | 10        | own_contact call_all urge to_leaders
data_untrue                 | -1        | lapsed next_year
claimed late                | 40        | claim_late sms
claimed late, named         | 40        | sms
"""
CASES: dict[str, dict[str, Any]] = {
    "opted_out": {"opted_out": True},
    "ended renewed": {"ended": True, "outcome": "renewed"},
    "ended scrapped": {"ended": True, "outcome": "scrapped"},
    "ended elsewhere": {"ended": True, "outcome": "elsewhere"},
    "intention will": {"intention": "will"},
    "intention wont": {"intention": "wont"},
    "important": {"important": True},
    "data_untrue": {"data_true": False},
    "claimed late": {"claim_due_date": EXPIRY - timedelta(days=41), "named": False},
    "claimed late, named": {"claim_due_date": EXPIRY - timedelta(days=41)},
}


@pytest.mark.req("S3-09", "S3-11", "S3-14", "S3-17")
@pytest.mark.parametrize(("case", "left", "steps"), lines(CONDITIONS))
def test_for_whom(case: str, left: str, steps: str) -> None:
    day = EXPIRY - timedelta(days=int(left))
    found = on(day, {"expiry_date": EXPIRY, **CASES[case]})
    assert [step for step, _due in found] == ([] if steps == "-" else steps.split())


HELP = """
important | premium yuan | fleet | limits         | reason
no        | 9999         | 9     | 10000 10       | -
no        | 10000        | 9     | 10000 10       | premium
no        | 9999         | 10    | 10000 10       | fleet
yes       | 9999         | 9     | 10000 10       | important
yes       | 10000        | 10    | 10000 10       | important
no        | 99999        | 99    | unset          | -
yes       | 1            | 0     | unset          | important
"""


@pytest.mark.req("S3-14")
@pytest.mark.parametrize("line", lines(HELP), ids=lambda line: "-".join(line))
def test_important_customers_and_large_fleets_go_to_the_city(line: list[str]) -> None:
    premium, fleet = (
        (None, None) if line[3] == "unset" else (int(line[3].split()[0]) * 100, int(line[3].split()[1]))
    )
    row = {
        "expiry_date": EXPIRY, "important": line[0] == "yes", "premium_fen": int(line[1]) * 100,
        "fleet_vehicles": int(line[2]),
    }  # fmt: skip
    limits = {BOOK: motor_limits(important_premium_fen=premium, fleet_vehicles=fleet)}
    found = clock.due(motor_cases(row), fired(), limits, HOLIDAYS, EXPIRY - timedelta(days=10))
    told = found.filter(pl.col("step") == "to_leaders")["reason"].to_list()
    assert told == ([] if line[4] == "-" else [line[4]])


HOLIDAY = """
expiry     | step        | due
2026-02-14 | final       | 2026-02-09
2026-02-15 | final       | 2026-02-09
2026-02-23 | final       | 2026-02-09
2026-02-24 | final       | 2026-02-14
2026-02-28 | final       | 2026-02-14
2026-03-01 | final       | 2026-02-24
2026-02-23 | urge        | 2026-02-04
2026-02-24 | urge        | 2026-02-14
2026-04-30 | final       | 2026-04-25
2026-05-01 | final       | 2026-04-25
2026-05-05 | final       | 2026-04-25
2026-05-06 | final       | 2026-04-30
2026-05-10 | final       | 2026-04-30
2026-05-11 | final       | 2026-05-06
2026-06-03 | own_contact | 2026-04-30
2026-06-04 | own_contact | 2026-04-30
2026-06-05 | own_contact | 2026-05-06
2026-06-30 | sms         | 2026-04-30
2026-07-04 | sms         | 2026-04-30
2026-07-05 | sms         | 2026-05-06
2026-10-01 | sms         | 2026-08-01
2026-10-07 | final       | 2026-09-25
2026-10-08 | final       | 2026-09-30
2026-05-03 | lapsed      | 2026-05-04
"""


@pytest.mark.req("S3-18")
@pytest.mark.parametrize("line", lines(HOLIDAY), ids=lambda line: "-".join(line))
def test_long_holidays_move_days_to_the_last_working_day_before(line: list[str]) -> None:
    """The lapse itself is a fact, no deadline: it does not move."""
    cases = motor_cases({"expiry_date": date.fromisoformat(line[0])})
    found = clock.step_days(cases, LIMITS, HOLIDAYS).filter(pl.col("step") == line[1])
    assert found["due_date"].to_list() == [date.fromisoformat(line[2])]


@pytest.mark.req("S3-18")
def test_only_the_festivals_of_the_rulebook_move_days() -> None:
    cases = motor_cases({"expiry_date": date(2026, 5, 6)})
    limits = {BOOK: motor_limits(early_holidays=("spring_festival",))}
    days = clock.step_days(cases, limits, HOLIDAYS).filter(pl.col("step") == "final")["due_date"]
    assert days.to_list() == [date(2026, 5, 1)]


@pytest.mark.req("S3-07")
def test_each_case_keeps_the_limits_of_its_own_version() -> None:
    cases = motor_cases({"expiry_date": EXPIRY}, {"expiry_date": EXPIRY, "rulebook": "new"})
    limits = {BOOK: motor_limits(), "new": motor_limits(sms_before_days=75)}
    found = clock.due(cases, fired(), limits, HOLIDAYS, EXPIRY - timedelta(days=75))
    assert found.select("subject_id", "step").rows() == [(2, "sms")]


MISSED = """
days left | done        | caught up
58        | -           | sms
31        | -           | sms
30        | -           | own_contact
28        | sms         | own_contact
3         | own_contact | call_all urge final
0         | -           | own_contact call_all urge final
-40       | -           | lapsed next_year
-200      | lapsed      | lapsed next_year
"""


@pytest.mark.req("S3-09", "S3-17")
@pytest.mark.parametrize(("left", "done", "expected"), lines(MISSED))
def test_what_was_missed_is_caught_up_while_it_makes_sense(left: str, done: str, expected: str) -> None:
    """A courtesy message is not sent any more once the person is to call; of the rescue only the newest round."""
    day = EXPIRY - timedelta(days=int(left))
    before = fired() if done == "-" else fired((1, done, 1))
    found = on(day, {"expiry_date": EXPIRY}, done=before)
    assert [step for step, _ in found] == expected.split()


SECOND = """
opened           | expiry     | hours | until            | now              | next
2026-08-26 09:00 | 2026-08-31 | 24    | 2026-08-27 09:00 | 2026-08-27 08:59 | -
2026-08-26 09:00 | 2026-08-31 | 24    | 2026-08-27 09:00 | 2026-08-27 09:00 | second_city_open
2026-08-31 09:00 | 2026-08-31 | 24    | 2026-09-01 00:00 | 2026-08-31 23:59 | -
2026-08-31 09:00 | 2026-08-31 | 24    | 2026-09-01 00:00 | 2026-09-01 00:00 | second_city_open
2026-08-31 09:00 | 2026-08-31 | 3     | 2026-08-31 12:00 | 2026-08-31 12:00 | second_city_open
2026-04-29 18:00 | 2026-05-10 | 24    | 2026-04-30 18:00 | 2026-04-30 18:00 | second_city_open
2026-04-30 18:00 | 2026-05-10 | 24    | 2026-05-01 00:00 | 2026-04-30 23:00 | -
2026-04-30 18:00 | 2026-05-10 | 24    | 2026-05-01 00:00 | 2026-05-01 00:00 | second_city_open
2026-05-02 09:00 | 2026-05-10 | 24    | 2026-05-02 09:00 | 2026-05-02 09:00 | second_city_open
2026-05-06 09:00 | 2026-05-10 | 24    | 2026-05-07 09:00 | 2026-05-07 08:00 | -
"""


@pytest.mark.req("S3-13")
@pytest.mark.parametrize("line", lines(SECOND), ids=lambda line: "-".join(line))
def test_the_second_round_runs_in_hours_and_never_beyond_cover(line: list[str]) -> None:
    opened = pl.DataFrame(
        [(1, "second", datetime.fromisoformat(line[0]), date.fromisoformat(line[1]))],
        schema=second.OPENED, orient="row",
    )  # fmt: skip
    limits = motor_limits(second_claim_hours=int(line[2]))
    found = second.states(opened, limits, HOLIDAYS, datetime.fromisoformat(line[4])).row(0, named=True)
    assert found["until_at"] == datetime.fromisoformat(line[3])
    assert found["next"] == (None if line[5] == "-" else line[5])
