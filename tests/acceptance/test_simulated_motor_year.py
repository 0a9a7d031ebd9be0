"""A motor book through holidays: who is responsible every day, every step once on its day, figures that are the truth.

Small with 1,000 policies and sixty days over National Day; the long run is a year of 50,000 with three long holidays. The
truth is counted policy by policy from a diary (tests/motor_truth.py), with numbers written down from the source.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import databases
from motor_days import months_on
from motor_diary import ONE
from motor_town import make_town, moment
from motor_truth import NEW, Truth, renewed
from motor_year import MotorYear
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.process_memory import memory
from tuogu.renewals import queries
from tuogu.renewals.models import FiredStep
from tuogu.reports import queries as figures
from tuogu.rules import actions as rules_actions
from tuogu.rules import queries as rules
from tuogu.vault import create_key_file
from tuogu.work.models import Task

EVERYTHING = Scope.everything()
SHOWN = 12  # differences that a failure prints
CHANGES = {  # NEW of the truth, as the rulebook names it
    "sms_before_days": NEW.sms, "own_contact_before_days": NEW.own_contact, "urge_before_days": NEW.urge,
    "second_round_before_days": NEW.final, "claim_days": NEW.claim, "important_premium_fen": NEW.premium_fen,
}  # fmt: skip


def change_rules(day: date, by: int) -> None:
    """From a day on, shorter limits: adopted on that day."""
    book = rules.applicable(day).replace(**{f"renewal__{key}": value for key, value in CHANGES.items()})
    changed = replace(book, version="2025.mid", effective_date=day)
    rules_actions.adopt(changed, by=by, at=moment(day, 5))


def steps_are_true(year: MotorYear, truth: Truth) -> Counter[str]:
    """Assert that what fired is what had to fire, with its days and reasons; returns how many of each."""
    rows = FiredStep.objects.values_list(
        "subject__number", "step", "round", "due_date", "fired_date", "reason"
    )
    fired = Counter(rows.iterator())
    owed = Counter((number, *step) for number, life in year.lives.items() for step in truth.steps(life))
    assert [row for row, times in fired.items() if times > 1] == []
    missing, extra = sorted((owed - fired).elements()), sorted((fired - owed).elements())
    wrong = Counter(row[1] for row in missing + extra)
    assert (missing[:SHOWN], extra[:SHOWN]) == ([], []), wrong
    return Counter(step[1] for step in fired)


def tasks_are_true(year: MotorYear, truth: Truth) -> None:
    """What people still owe to cases is what the steps asked of them and nobody has done or ended."""
    open_now = Task.objects.filter(end__isnull=True, obligation__in=["renewal", "next_year", "data_repair"])
    stored = Counter(open_now.values_list("subject__number", "obligation", "key"))
    owed = Counter(
        (number, *task)
        for number, life in year.lives.items()
        for task in truth.open_tasks(life, truth.steps(life))
    )
    missing, extra = sorted((owed - stored).elements()), sorted((stored - owed).elements())
    assert (missing[:SHOWN], extra[:SHOWN]) == ([], []), (len(missing), len(extra))


def lists_are_true(year: MotorYear, truth: Truth) -> None:
    """Each policy in the one list that is its own."""
    stored = {row.number: head.run_date for head in queries.lists(EVERYTHING) for row in _listed(head.id)}
    owed = {number: truth.listed(life) for number, life in year.lives.items()}
    assert stored == {number: run for number, run in owed.items() if run is not None}


def _listed(list_id: int) -> Any:
    rows, after = [], 0
    while page := queries.list_cases(EVERYTHING, list_id, after=after, size=1000):
        rows, after = rows + page, page[-1].subject
    return rows


def figures_are_true(year: MotorYear) -> None:
    """The frozen renewal rates of every month that is over: of the house and of each person, by count and by premium."""
    for month, holders in year.held.items():
        known = months_on(month, 1)
        if known > year.last:
            continue
        for measure, weight in (("renewal", ""), ("renewal_premium", "premium_fen")):
            rows = figures.frozen(EVERYTHING, month, measure=measure)
            stored = {
                (row["dimension"], row["value"]): (row["numerator"], row["denominator"])
                for row in rows.filter(rows["dimension"].is_in(["", "person"])).to_dicts()
            }
            owed = {("", ""): renewed(year.lives.values(), month, known, weight)}
            by_person = dict[int, list[Any]]()
            for number, person in holders.items():
                by_person.setdefault(person, []).append(year.lives[number])
            owed |= {
                ("person", str(person)): sums
                for person, lives in by_person.items()
                if (sums := renewed(lives, month, known, weight)) != (0, 0)
            }
            assert stored == owed, (month, measure)


def counted_again_it_is_the_same(year: MotorYear, month: date) -> None:
    """A frozen month counted again at the end is what it was; what came to be known since stands beside it."""
    again = figures.recount(EVERYTHING, month, on=year.last)
    assert again.same
    assert again.wrong.is_empty()
    later = again.later.filter((again.later["measure"] == "renewal") & (again.later["dimension"] == ""))
    then = renewed(year.lives.values(), month, months_on(month, 1))
    now = renewed(year.lives.values(), month, year.last + ONE)
    assert then != now
    assert later.select("numerator", "denominator", "numerator_now", "denominator_now").rows() == [
        (*then, *now)
    ]


def few_contacts_are_true(year: MotorYear, truth: Truth, days: int) -> int:
    """Running policies that end soon and were spoken about less than twice by whoever is responsible."""
    first = year.last + ONE
    found = queries.few_contacts(EVERYTHING, first, first + timedelta(days=days))
    stored = {(row["policy_number"], row["own_contacts"]) for row in found.to_dicts()}
    owed = set()
    for life in year.lives.values():
        if first <= life.expiry < first + timedelta(days=days) and life.runs(first):
            since = truth.listed(life) or date.min
            spoken = sum(person == life.holder and since <= day <= life.expiry for day, person in life.spoken)
            owed |= {(life.number, spoken)} if spoken < 2 else set()
    assert stored == owed
    return len(stored)


@pytest.mark.database
@pytest.mark.django_db(databases="__all__")
@pytest.mark.req("S3-03", "S3-04", "S3-06", "S3-07", "S3-09", "S3-13", "S3-17", "S3-18", "N-16")
def test_sixty_days_of_a_thousand_policies_over_national_day() -> None:
    first, changed = date(2025, 9, 1), date(2025, 9, 20)
    year = MotorYear(
        make_town(first - ONE, 1_000, 100, 7), first, 11, frozenset({date(2025, 9, 17), date(2025, 10, 9)})
    )
    year.live(date(2025, 10, 30), lambda day: change_rules(day, org.machine()) if day == changed else None)
    truth = year.truth(changed)
    assert year.faults == []
    fired = steps_are_true(year, truth)
    tasks_are_true(year, truth)
    lists_are_true(year, truth)
    figures_are_true(year)
    counted_again_it_is_the_same(year, date(2025, 9, 1))
    assert few_contacts_are_true(year, truth, 14) > 0
    assert {"sms", "dealt", "second_city_open", "head_office", "to_leaders", "lapsed"} <= fired.keys(), fired
    assert ledger.verify().ok


@pytest.mark.exhaustive
@pytest.mark.timeout(7200)
@pytest.mark.req("S3-03", "S3-04", "S3-06", "S3-07", "S3-09", "S3-13", "S3-17", "S3-18", "S3-23", "N-16")
def test_a_year_of_fifty_thousand_policies(tmp_path: Path, django_db_blocker: Any) -> None:
    first, changed = date(2025, 1, 1), date(2025, 7, 10)
    leaves = frozenset(first + timedelta(days=40 * n + 9) for n in range(1, 9))
    with django_db_blocker.unblock(), databases.copied(tmp_path) as database, databases.connected(database):
        create_key_file(database.directory / "keys")
        memory.clear()
        year = MotorYear(make_town(first - ONE, 50_000, 5_000, 7), first, 11, leaves)
        year.live(
            date(2025, 12, 31), lambda day: change_rules(day, org.machine()) if day == changed else None
        )
        truth = year.truth(changed)
        assert year.faults == []
        fired = steps_are_true(year, truth)
        tasks_are_true(year, truth)
        lists_are_true(year, truth)
        figures_are_true(year)
        counted_again_it_is_the_same(year, date(2025, 3, 1))
        assert few_contacts_are_true(year, truth, 30) > 0
        assert ledger.verify().ok
        print(fired, {k: v for k, v in year.acts.items() if ":" not in k}, Counter(year.refused))
