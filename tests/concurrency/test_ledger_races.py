"""Sixteen processes want the same policies. Nobody may get one twice, and the test can tell: without the
guards they do.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection, connections

import databases
from ledger_race import race
from ledger_world import make_world, open_policies
from tuogu.ledger import queries
from tuogu.ledger.guards import all_guards
from tuogu.ledger.models import Batch, Entry
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.database, pytest.mark.req("N-01")]
committed_database = databases.committed_database
PROCESSES = 16


def open_pool(count: int) -> tuple[Any, list[int]]:
    """A world and `count` policies in the buffer group, committed; no connection stays open."""
    world = make_world(people=PROCESSES)
    subjects = open_policies(world, count, None)
    connections.close_all()
    return world, subjects


def holders() -> dict[int, int]:
    """Who holds what, by the derived table."""
    return dict(queries.holdings(Scope.everything()).select("subject_id", "custodian_id").iter_rows())


def test_sixteen_processes_claim_the_same_policies_and_each_has_one_winner(committed_database: Any) -> None:
    world, subjects = open_pool(60)
    reports = race(committed_database, "claim", PROCESSES, subjects=subjects, people=list(world.people))
    won = Counter(subject for report in reports for subject in report["won"])
    assert won == Counter(subjects), "every policy has exactly one winner"
    winner = {subject: report["person"] for report in reports for subject in report["won"]}
    assert holders() == winner
    for report in reports:
        for subject, reason, holder in report["lost"]:
            assert reason in {"not_in_pool", "head_moved"}
            assert holder == winner[subject], "the loser is told who holds it"
    assert Entry.objects.filter(kind="claim").count() == 60
    assert queries.verify().problems == ()


def test_the_cap_holds_while_one_person_claims_from_many_windows(committed_database: Any) -> None:
    world, subjects = open_pool(40)
    reports = race(committed_database, "claim", 6, subjects=subjects, people=[world.people[0]], cap=10)
    assert sum(len(report["won"]) for report in reports) == 10
    assert queries.entrusted(world.people[0]) == 10
    assert {reason for r in reports for _, reason, _ in r["lost"]} >= {"cap_reached"}


@pytest.mark.req("S0-19")
def test_eight_people_press_the_same_button_and_one_release_is_posted(committed_database: Any) -> None:
    world, subjects = open_pool(200)
    arguments = {"to": world.people[0], "clerk": world.clerk, "manager": world.manager}
    reports = race(committed_database, "post", 8, subjects=subjects, **arguments)
    assert sorted(report["already"] for report in reports) == [False] + [True] * 7
    assert {(report["batch"], report["posted"]) for report in reports} == {(reports[0]["batch"], 200)}
    assert Batch.objects.filter(kind="release").count() == 1
    assert Entry.objects.filter(kind="release").count() == 200
    assert queries.verify().problems == ()


def test_claims_releases_returns_a_leave_and_seals_all_at_once(committed_database: Any) -> None:
    world, subjects = open_pool(60)
    people = list(world.people[:5])
    arguments = {"people": people, "clerk": world.clerk, "manager": world.manager, "rounds": 25}
    reports = race(committed_database, "storm", 6, subjects=subjects, **arguments)
    totals = Counter()
    for report in reports:
        totals.update(report)
    kinds = Counter(Entry.objects.values_list("kind", flat=True))
    done = {"claim": "claim", "return": "return_to_pool", "release": "release"}
    assert {act: totals[act] for act in done} == {act: kinds[kind] for act, kind in done.items()}
    assert queries.verify().problems == ()
    assert len(holders()) == 60
    assert queries.holdings(Scope.everything(), custodian_id=people[0]).height == 0, (
        "the leaver holds nothing"
    )


def test_careless_writers_are_stopped_by_the_database(committed_database: Any) -> None:
    world, subjects = open_pool(40)
    reports = race(committed_database, "careless", PROCESSES, subjects=subjects, people=list(world.people))
    won = Counter(subject for report in reports for subject in report["won"])
    assert won == Counter(subjects)
    assert {p.code for p in queries.verify().problems} == {"holding_differs"}, (
        "they forgot the holding, no more"
    )


def drop_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what makes a double claim impossible: the triggers, and unique(subject, relation, seq)."""
    on_table = " ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for guard in all_guards(connection.vendor):
            cursor.execute(f"DROP TRIGGER {guard.name}{on_table.format(table=guard.table)}")
    once = next(c for c in Entry._meta.constraints if c.name == "ledger_entry_once")
    others = [c for c in Entry._meta.constraints if c is not once]
    with monkeypatch.context() as patched, connection.schema_editor() as editor:
        patched.setattr(Entry._meta, "constraints", others)  # SQLite rebuilds the table from the model
        editor.remove_constraint(Entry, once)


def test_without_the_guards_the_same_writers_do_claim_twice_and_verify_says_so(
    committed_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, subjects = open_pool(40)
    drop_guards(monkeypatch)
    connections.close_all()
    reports = race(committed_database, "careless", PROCESSES, subjects=subjects, people=list(world.people))
    won = Counter(subject for report in reports for subject in report["won"])
    doubles = [subject for subject, times in won.items() if times > 1]
    assert doubles, "the race is real: without guards somebody gets what somebody else has"
    found = {p.code for p in queries.verify().problems}
    assert {"guard_missing", "seq_gap"} <= found
