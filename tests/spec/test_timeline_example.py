"""The limits of timelines, day by day: what is owed, from when, until when, and which record is in time.

Calendar of these tables: Spring Festival 2026 is off from 15 to 23 February (Saturday the 14th and Saturday the 28th are
worked); 1 May to 5 May 2026 is off (Saturday 9 May is worked); 25 to 27 September and 1 to 7 October are festivals.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from territory_books import standard_rules
from timeline_books import cases_of, day, duties, events_of, evidence_of, lines
from tuogu.core.tables import empty
from tuogu.core.timeline.coverage import HOLDERS, gaps, shares
from tuogu.core.timeline.meeting import standing
from tuogu.core.timeline.occurrences import occurrences
from tuogu.core.timeline.tables import EVENTS

BEGIN, END = date(2019, 1, 1), date(2029, 12, 31)


def owed(key: str, cases: pl.DataFrame, events: pl.DataFrame | None = None, **rules: Any) -> pl.DataFrame:
    return occurrences(cases, empty(EVENTS) if events is None else events, [duties(**rules)[key]], BEGIN, END)


def days(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.select("anchor_date", "opens_date", "due_date").rows()


FIRST_VISITS = """
visits on                                   | as of      | done | in time | state    | met
2026-03-02 2026-03-20 2026-04-29            | 2026-04-30 | 3    | 3       | met      | 2026-04-29
2026-03-02 2026-03-20 2026-04-30            | 2026-04-30 | 3    | 3       | met      | 2026-04-30
2026-03-02 2026-03-20 2026-05-01            | 2026-05-01 | 3    | 2       | met_late | 2026-05-01
2026-03-01 2026-03-20 2026-04-30            | 2026-05-01 | 3    | 3       | met      | 2026-04-30
2026-02-28 2026-03-20 2026-04-30            | 2026-05-01 | 2    | 2       | late     | -
2026-03-02 2026-03-20                       | 2026-04-30 | 2    | 2       | open     | -
2026-03-02 2026-03-20                       | 2026-05-01 | 2    | 2       | late     | -
2026-03-02 2026-03-02 2026-03-20            | 2026-05-01 | 2    | 2       | late     | -
2026-03-02 2026-03-20 2026-04-29 2026-04-30 | 2026-05-01 | 4    | 4       | met      | 2026-04-29
-                                           | 2026-05-01 | 0    | 0       | late     | -
"""


@pytest.mark.req("S4-18")
@pytest.mark.parametrize("line", lines(FIRST_VISITS), ids=lambda line: line[0])
def test_three_visits_in_sixty_days(line: list[str]) -> None:
    """Received on 1 March: the 30th of April is day 60, 1 May is day 61."""
    cases = cases_of({"received_date": date(2026, 3, 1)})
    found = owed("first_visits", cases)
    assert days(found) == [(date(2026, 3, 1), date(2026, 3, 1), date(2026, 4, 30))]
    visits = [d for word in line[0].split() if (d := day(word))]
    evidence = evidence_of((1, "C1", "visit", visit) for visit in visits)
    judged = standing(found, evidence, list(duties().values()), date.fromisoformat(line[1]))
    assert judged.select("done", "in_time", "state", "met_date").row(0) == (
        int(line[2]), int(line[3]), line[4], day(line[5]),
    )  # fmt: skip


ONLY_VISITS = """
kind     | counts
visit    | yes
call     | no
sms      | no
wecom    | no
check_up | no
"""


@pytest.mark.req("S4-18", "S4-19")
@pytest.mark.parametrize(("kind", "counts"), lines(ONLY_VISITS))
def test_only_face_visits_count_as_visits(kind: str, counts: str) -> None:
    found = owed("first_visits", cases_of({"received_date": date(2026, 3, 1)}))
    judged = standing(
        found, evidence_of([(1, "C1", kind, date(2026, 3, 9))]), [duties()["first_visits"]], END
    )
    assert judged["done"].item() == (counts == "yes")


WHOSE = """
count_by | visit to policy | of customer | first policy | second policy | other customer's
policy   | 1               | C1          | 1            | 0             | 0
policy   | -               | C1          | 0            | 0             | 0
customer | 1               | C1          | 1            | 1             | 0
customer | -               | C1          | 1            | 1             | 0
customer | 3               | C2          | 0            | 0             | 1
"""


@pytest.mark.req("S4-18", "N-20")
@pytest.mark.parametrize("line", lines(WHOSE))
def test_a_visit_counts_for_the_policy_or_for_the_customer(line: list[str]) -> None:
    got = {"received_date": date(2026, 3, 1)}
    cases = cases_of(got, {**got, "subject_id": 2}, {**got, "subject_id": 3, "customer_number": "C2"})
    found = owed("first_visits", cases, visits__count_by=line[0])
    subject = None if line[1] == "-" else int(line[1])
    evidence = evidence_of([(subject, line[2], "visit", date(2026, 3, 9))])
    judged = standing(found, evidence, [duties(visits__count_by=line[0])["first_visits"]], END)
    assert judged["done"].to_list() == [int(cell) for cell in line[3:]]


POLICY_YEARS = """
inception  | end        | begins                | ends
2022-06-15 | -          | 2022-06-15            | 2023-06-14
2022-06-15 | -          | 2025-06-15            | 2026-06-14
2020-02-29 | -          | 2020-02-29            | 2021-02-27
2020-02-29 | -          | 2021-02-28            | 2022-02-27
2020-02-29 | -          | 2023-02-28            | 2024-02-28
2020-02-29 | -          | 2024-02-29            | 2025-02-27
2023-12-31 | -          | 2024-12-31            | 2025-12-30
2023-06-15 | 2026-06-15 | 2025-06-15            | 2026-06-14
2023-06-15 | 2026-06-10 | 2025-06-15            | 2026-06-10
"""


@pytest.mark.req("S4-19")
@pytest.mark.parametrize(("begun", "over", "first", "last"), lines(POLICY_YEARS))
def test_a_policy_year_runs_from_anniversary_to_the_day_before_the_next(
    begun: str, over: str, first: str, last: str
) -> None:
    found = owed("year_visits", cases_of({"inception_date": day(begun), "end_date": day(over)}))
    assert (day(first), day(first), day(last)) in days(found)
    assert found["needed"].unique().to_list() == [4]


@pytest.mark.req("S4-19")
def test_no_policy_year_begins_when_the_cover_ends() -> None:
    found = owed(
        "year_visits", cases_of({"inception_date": date(2023, 6, 15), "end_date": date(2026, 6, 15)})
    )
    assert found["anchor_date"].to_list() == [date(2023, 6, 15), date(2024, 6, 15), date(2025, 6, 15)]


@pytest.mark.req("S4-19")
def test_the_first_visits_count_in_the_policy_year_too_and_new_years_day_is_no_edge() -> None:
    """Policy year 15 June 2025 to 14 June 2026; received on 1 December: three visits in time, the fourth on the last day."""
    cases = cases_of({"received_date": date(2025, 12, 1)})
    rules = [duties()["first_visits"], duties()["year_visits"]]
    found = occurrences(cases, empty(EVENTS), rules, date(2025, 6, 1), date(2025, 12, 31))
    visits = [date(2025, 12, 3), date(2025, 12, 20), date(2026, 1, 8), date(2026, 6, 14)]
    judged = standing(found, evidence_of((1, "C1", "visit", d) for d in visits), rules, date(2026, 6, 15))
    assert judged.select("obligation", "done", "in_time", "state", "met_date").rows() == [
        ("first_visits", 4, 3, "met", date(2026, 1, 8)),
        ("year_visits", 4, 4, "met", date(2026, 6, 14)),
    ]


WHO = """
change                                            | first | check | year | reminder | lapse
-                                                 | yes   | yes   | yes  | yes      | no
orphan=no                                         | no    | no    | yes  | yes      | no
service_class=difficult                           | no    | no    | no   | yes      | no
service_class=lapsed state=lapsed                 | yes   | yes   | no   | no       | yes
premium_mode=single                               | yes   | yes   | yes  | no       | no
live=no                                           | no    | no    | no   | no       | no
state=surrendered                                 | no    | no    | no   | no       | no
nature=hard                                       | yes   | yes   | yes  | yes      | no
"""


@pytest.mark.req("S4-17", "S4-18", "S4-19", "S4-20", "S4-25")
@pytest.mark.parametrize("line", lines(WHO), ids=lambda line: line[0])
def test_for_whom_each_duty_is(line: list[str]) -> None:
    words = dict(word.split("=") for word in line[0].split() if "=" in word)
    change = {name: word == "yes" if name in {"orphan", "live"} else word for name, word in words.items()}
    case = {"received_date": date(2026, 3, 1), "lapse_date": date(2026, 2, 1), **change}
    rules = list(duties().values())
    found = occurrences(cases_of(case), empty(EVENTS), rules, date(2026, 1, 1), date(2026, 12, 31))
    keys = ("first_visits", "check_up", "year_visits", "collection_reminder", "lapse_visit")
    owing = set(found["obligation"])
    assert ["yes" if key in owing else "no" for key in keys] == line[1:]


LAPSED = """
duty           | lapse      | received   | opens                                       | due
lapse_visit    | 2026-03-02 | 2026-03-10 | 2026-03-10                                  | 2026-03-17
lapse_visit    | 2026-03-10 | 2026-01-05 | 2026-03-10                                  | 2026-03-17
lapse_visit    | 2026-03-07 | -          | 2026-03-07                                  | 2026-03-16
lapse_revisits | 2025-11-30 | -          | 2026-02-28 2026-05-30 2026-08-30            | 2026-03-30 2026-06-29 2026-09-29
lapse_file     | 2026-02-01 | -          | 2026-02-01                                  | 2026-02-24
lapse_file     | 2026-03-02 | -          | 2026-03-02                                  | 2026-03-17
"""


@pytest.mark.req("S4-20")
@pytest.mark.parametrize("line", lines(LAPSED))
def test_the_dated_steps_of_a_lapsed_policy(line: list[str]) -> None:
    """7 days and 15 days, a last day off work moves on; every three months on the same day, for two years."""
    case = {
        "service_class": "lapsed",
        "state": "lapsed",
        "lapse_date": day(line[1]),
        "received_date": day(line[2]),
    }
    found = owed(line[0], cases_of(case))
    opens, due = ([date.fromisoformat(word) for word in cell.split()] for cell in line[3:])
    assert found["opens_date"].to_list()[: len(opens)] == opens
    assert found["due_date"].to_list()[: len(due)] == due
    assert len(found) == (8 if line[0] == "lapse_revisits" else 1)


GRACE = """
due        | told the loss | state
2026-06-15 | 2026-07-14    | late
2026-06-15 | 2026-07-15    | met
2026-06-15 | 2026-08-13    | met
2026-06-15 | 2026-08-14    | met_late
"""


@pytest.mark.req("S4-20")
@pytest.mark.parametrize(("due", "told", "state"), lines(GRACE))
def test_the_loss_is_told_before_grace_ends(due: str, told: str, state: str) -> None:
    """Due on 15 June, grace ends on 14 August (60 days): told from 15 July to 13 August."""
    lapsed = {"service_class": "lapsed", "state": "lapsed", "lapse_date": date(2026, 6, 16)}
    found = owed("loss_notice", cases_of(lapsed))
    assert days(found) == [(date(2026, 8, 14), date(2026, 7, 15), date(2026, 8, 13))]
    evidence = evidence_of([(1, "C1", "loss_notice", date.fromisoformat(told))])
    assert standing(found, evidence, [duties()["loss_notice"]], date(2026, 8, 20))["state"].item() == state


LOSS_OWED = """
class     | state    | lapsed     | lapsing    | every      | why
normal    | in_force | -          | -          | 2026-08-14 | in force: nobody knows whether it was paid
difficult | lapsed   | 2026-06-16 | -          | 2026-08-14 | not to be found: there is nobody to tell
lapsed    | lapsed   | 2026-06-14 | -          | -          | lapsed before this instalment fell due
lapsed    | lapsed   | 2026-06-15 | 2026-08-14 | 2026-08-14 | on the day on which it fell due
lapsed    | lapsed   | 2026-08-13 | 2026-08-14 | 2026-08-14 | the last day on which it can be told
lapsed    | lapsed   | 2026-08-14 | -          | 2026-08-14 | known only when it is too late to tell
lapsed    | lapsed   | 2026-08-15 | -          | 2026-08-14 | after the grace: nothing can be told before
lapsed    | lapsed   | 2025-06-20 | -          | -          | another instalment lapsed, a year ago
lapsed    | lapsed   | -          | -          | 2026-08-14 | the day of the lapse is not known
"""


@pytest.mark.req("S4-20")
@pytest.mark.parametrize("line", lines(LOSS_OWED))
def test_the_loss_is_told_only_where_the_books_know_of_a_lapse(line: list[str]) -> None:
    """No import says what was paid: an instalment counts as unpaid where its policy lapses for it (`lapsing`), or always."""
    word, state, lapsed, *wanted, _why = line
    case = {"service_class": word, "state": state, "lapse_date": day(lapsed)}
    for rule, anchor in zip(("lapsing", "every"), wanted, strict=True):
        found = owed("loss_notice", cases_of(case), obligation__loss_notice__instalments=rule)
        of_the_year = found.filter(pl.col("anchor_date").dt.year() == 2026)
        assert of_the_year["anchor_date"].to_list() == [one for one in (day(anchor),) if one], rule


@pytest.mark.req("S4-20", "S4-25")
def test_an_instalment_told_as_paid_owes_nothing_more() -> None:
    paid = events_of([(1, "paid", date(2026, 6, 15))])
    for key in ("collection_reminder", "loss_notice"):
        rules = {"obligation__loss_notice__instalments": "every"}
        before, after = owed(key, cases_of({}), **rules), owed(key, cases_of({}), paid, **rules)
        assert len(before) - len(after) == 1
        assert date(2026, 6, 15) not in after["anchor_date"].to_list()


PAPERS = """
complete   | calendar   | working    | why
2026-03-03 | 2026-03-05 | 2026-03-05 | a Tuesday
2026-03-05 | 2026-03-09 | 2026-03-09 | Thursday: day 2 is a Saturday, moves to Monday; Friday, Monday
2026-03-06 | 2026-03-09 | 2026-03-10 | Friday: day 2 is a Sunday, moves to Monday; Monday, Tuesday
2026-03-07 | 2026-03-09 | 2026-03-10 | Saturday
2026-02-12 | 2026-02-14 | 2026-02-14 | Thursday before the festival: Saturday the 14th is worked
2026-02-13 | 2026-02-24 | 2026-02-24 | Friday: the 15th is off, moves behind the festival; the 14th and the 24th
2026-02-14 | 2026-02-24 | 2026-02-25 | Saturday, worked
2026-02-20 | 2026-02-24 | 2026-02-25 | within the festival
2026-02-26 | 2026-02-28 | 2026-02-28 | Thursday: Saturday the 28th is worked
2026-04-29 | 2026-05-06 | 2026-05-06 | Wednesday before 1 May
"""


@pytest.mark.req("S4-23")
@pytest.mark.parametrize(("complete", "calendar", "working", "why"), lines(PAPERS))
def test_papers_are_handed_in_within_two_days(complete: str, calendar: str, working: str, why: str) -> None:
    events = events_of([(1, "papers_complete", date.fromisoformat(complete))])
    cases = cases_of({"live": False, "state": "terminated"})  # a claim ends the policy, its papers are owed
    for count, due in (("calendar", calendar), ("working", working)):
        found = owed("papers_in", cases, events, service__papers_days_count=count)
        assert days(found) == [(day(complete), day(complete), day(due))], count


MEETINGS = """
second     | third      | as of      | state
2026-03-02 | 2026-03-05 | 2026-03-05 | met
2026-03-02 | 2026-03-06 | 2026-03-06 | met_late
2026-03-02 | 2026-03-02 | 2026-03-05 | open
2026-03-02 | 2026-03-02 | 2026-03-06 | late
"""


@pytest.mark.req("S4-37")
@pytest.mark.parametrize("line", lines(MEETINGS))
def test_the_third_meeting_is_at_most_three_days_after_the_second(line: list[str]) -> None:
    second, third, as_of = (date.fromisoformat(cell) for cell in line[:3])
    found = owed("third_meeting", cases_of({}), events_of([(1, "second_meeting", second)]))
    evidence = evidence_of([(1, "C1", "visit", second), (1, "C1", "visit", third)])
    assert standing(found, evidence, [duties()["third_meeting"]], as_of)["state"].item() == line[3]


DUES = """
inception  | a year | term | due                                         | opens
2022-03-10 | 1      | 5    | 2026-03-10                                  | 2026-02-08
2022-03-10 | 1      | 4    | -                                           | -
2025-02-28 | 4      | 20   | 2026-02-28 2026-05-28 2026-08-28 2026-11-27 | 2026-01-29 2026-04-28 2026-07-29 2026-10-29
2026-05-20 | 1      | 20   | -                                           | -
2024-02-29 | 1      | -    | 2026-02-28                                  | 2026-01-29
"""


@pytest.mark.req("S1-24", "S4-25")
@pytest.mark.parametrize("line", lines(DUES))
def test_each_instalment_is_reminded_from_thirty_days_before(line: list[str]) -> None:
    """Saturday 28 November 2026 is off: reminded by the Friday. The first instalment is paid with the contract."""
    term = None if line[2] == "-" else int(line[2])
    case = {"inception_date": day(line[0]), "payments_per_year": int(line[1]), "payment_term_years": term}
    found = owed("collection_reminder", cases_of(case)).filter(pl.col("anchor_date").dt.year() == 2026)
    due, opens = ([date.fromisoformat(word) for word in cell.split() if word != "-"] for cell in line[3:])
    assert found["due_date"].to_list() == due
    assert found["opens_date"].to_list() == opens


BIRTHDAYS = """
duty              | born       | anchored                                               | due
birthday_card     | 1980-12-05 | 2025-12-05 2026-12-05 2027-12-05                       | 2025-12-05 2026-12-05 2027-12-05
birthday_card     | 1980-02-29 | 2025-02-28 2026-02-28 2027-02-28                       | 2025-02-28 2026-02-28 2027-02-28
birthday_card     | -          | -                                                      | -
"""


@pytest.mark.req("S1-27")
@pytest.mark.parametrize("line", lines(BIRTHDAYS))
def test_a_birthday_comes_every_year_once_a_customer(line: list[str]) -> None:
    """Of the two policies of the customer the first one has it."""
    cases = cases_of(
        {"birth_date": day(line[1]), "subject_id": 7}, {"birth_date": day(line[1]), "subject_id": 4}
    )
    found = occurrences(cases, empty(EVENTS), [duties()[line[0]]], date(2025, 1, 1), date(2027, 12, 31))
    anchors, due = ([date.fromisoformat(word) for word in cell.split() if word != "-"] for cell in line[2:])
    assert found["anchor_date"].to_list() == anchors
    assert found["due_date"].to_list() == due
    assert set(found["subject_id"]) <= {4}


ENDS = """
inception  | end        | duty            | opens      | due
2016-05-20 | 2026-05-20 | maturity_notice | 2026-04-20 | 2026-05-13
2025-05-20 | 2026-05-21 | maturity_notice | 2026-04-21 | 2026-05-14
2025-05-20 | 2026-05-20 | renewal_notice  | 2026-04-20 | 2026-05-15
2025-05-20 | 2026-05-19 | renewal_notice  | 2026-04-19 | 2026-05-15
2016-05-20 | -          | maturity_notice | -          | -
"""


@pytest.mark.req("S4-21")
@pytest.mark.parametrize("line", lines(ENDS))
def test_the_end_of_a_contract_is_told_before(line: list[str]) -> None:
    """Up to a year is renewed, longer matures; a last day off work (17 and 16 May, a weekend) moves to the Friday before."""
    cases = cases_of({"inception_date": day(line[0]), "end_date": day(line[1])})
    for key in ("maturity_notice", "renewal_notice"):
        expected = [(day(line[1]), day(line[3]), day(line[4]))] if key == line[2] and line[3] != "-" else []
        assert days(owed(key, cases)) == expected, key


FESTIVALS = """
opens      | first day off | last in time
2025-01-21 | 2025-01-28    | 2025-02-04
2025-09-24 | 2025-10-01    | 2025-10-08
2025-09-29 | 2025-10-06    | 2025-10-06
2026-02-08 | 2026-02-15    | 2026-02-23
2026-09-18 | 2026-09-25    | 2026-09-27
2026-09-24 | 2026-10-01    | 2026-10-07
"""


@pytest.mark.req("S1-27")
def test_festivals_of_the_published_years_once_a_customer() -> None:
    """Nothing for 2027, which is not published; in 2025 Mid-Autumn lies within the National Day holiday."""
    rule = [duties()["festival_greeting"]]
    found = occurrences(
        cases_of({"subject_id": 7}, {"subject_id": 4}), empty(EVENTS), rule, date(2025, 1, 1), END
    )
    assert found.select("opens_date", "anchor_date", "due_date").rows() == [
        tuple(day(cell) for cell in line) for line in lines(FESTIVALS)
    ]
    assert set(found["subject_id"]) == {4}


VISITED = """
policies | visited | checked | visits share | enough | checks share | enough
3        | 3       | 3       | 10000        | yes    | 10000        | yes
3        | 2       | 3       | 6666         | no     | 10000        | yes
3        | 0       | 1       | 0            | no     | 3333         | no
"""


@pytest.mark.req("S4-17")
@pytest.mark.parametrize("line", lines(VISITED))
def test_every_orphan_customer_is_visited_and_every_policy_checked(line: list[str]) -> None:
    """Whose share falls short, and which policies are missing; what somebody else holds is not mixed in."""
    policies, visited, checked = (int(cell) for cell in line[:3])
    got = {"received_date": date(2026, 3, 1)}
    cases = cases_of(*({**got, "subject_id": i, "customer_number": f"C{i}"} for i in range(1, policies + 2)))
    rules = [duties()["first_visits"], duties()["check_up"]]
    found = occurrences(cases, empty(EVENTS), rules, BEGIN, END)
    done = [("visit", i) for i in range(1, visited + 1)] + [("check_up", i) for i in range(1, checked + 1)]
    evidence = evidence_of((i, f"C{i}", kind, date(2026, 3, 9)) for kind, i in done)
    judged = standing(found, evidence, rules, date(2026, 3, 20))
    holders = pl.DataFrame(
        [(i, "M1") for i in range(1, policies + 1)] + [(policies + 1, "M2")], schema=HOLDERS, orient="row"
    )
    told = shares(judged, holders, standard_rules()).select(
        "holder", "obligation", "owed", "share_bp", "enough"
    )
    assert told.rows() == [
        ("M1", "check_up", policies, int(line[5]), line[6] == "yes"),
        ("M1", "first_visits", policies, int(line[3]), line[4] == "yes"),
        ("M2", "check_up", 1, 0, False),
        ("M2", "first_visits", 1, 0, False),
    ]
    missing = gaps(judged, holders, standard_rules()).filter(holder="M1")
    assert missing.filter(obligation="first_visits")["subject_id"].to_list() == [
        *range(visited + 1, policies + 1)
    ]
    assert missing.filter(obligation="check_up")["subject_id"].to_list() == [
        *range(checked + 1, policies + 1)
    ]


@pytest.mark.req("S1-23", "S1-27")
def test_a_day_of_the_calendar_is_met_on_that_day_alone() -> None:
    """Greetings open a week before 15 February, return visits on the first of a quarter: on no other day."""
    rules = [duties()["festival_greeting"], duties()["quarter_return"]]
    opening = {
        first: occurrences(cases_of({}), empty(EVENTS), rules, first, first)["obligation"].to_list()
        for first in (
            date(2026, 2, 7),
            date(2026, 2, 8),
            date(2026, 2, 9),
            date(2026, 4, 1),
            date(2026, 4, 2),
        )
    }
    assert [*opening.values()] == [[], ["festival_greeting"], [], ["quarter_return"], []]
    later = occurrences(cases_of({}), empty(EVENTS), rules, date(2026, 4, 2), date(2026, 6, 30))
    assert later.is_empty()
