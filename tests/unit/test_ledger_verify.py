"""Whoever owns the database can switch the triggers off. Then `verify` must say so, and where it begins."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

import databases
from ledger_world import RULE, World, asked, later, make_world, moment, open_policies
from tuogu.ledger import actions, queries
from tuogu.ledger.canonical import FROM, entry_digest, line_sql, seal_digest, settle_spelling
from tuogu.ledger.guards import install_guards
from tuogu.ledger.models import Batch, Entry, Seal, SealedEntry
from tuogu.ledger.results import Problem

pytestmark = [pytest.mark.database, pytest.mark.req("N-01")]
committed_database = databases.committed_database
MARCH = date(2026, 3, 1)


@dataclass(frozen=True)
class Ledger:
    """Three seals: the opening with a release (20 + 12 entries), a second release (8), two claims (2)."""

    world: World
    subjects: list[int]


def make_ledger() -> Ledger:
    """Post the acts that `Ledger` names."""
    world = make_world()
    ann, bob, cat, dan = world.people
    subjects = open_policies(world, 20, None)
    actions.post_batch(asked(subjects[:12], ann), key="a", effective_date=MARCH, **world.signed(MARCH))
    actions.post_batch(asked(subjects[:8], bob), key="b", effective_date=MARCH, **world.signed(MARCH, 10))
    for person, subject in zip((cat, dan), subjects[18:], strict=True):
        actions.claim(subject, person, by=person, recorded_at=moment(later(MARCH, 1)), rule=RULE)
    actions.seal_pending(by=world.clerk, recorded_at=moment(later(MARCH, 2)))
    assert queries.verify().problems == ()
    assert Seal.objects.count() == 3
    return Ledger(world, subjects)


@pytest.fixture(scope="module")
def sealed_ledger(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Ledger]:
    """One committed ledger with its seal file, for all tests of this module."""
    directory = tmp_path_factory.mktemp("ledger")
    with django_db_blocker.unblock(), databases.copied(directory) as copy, databases.connected(copy):
        yield make_ledger()


@pytest.fixture
def ledger(sealed_ledger: Ledger) -> Iterator[Ledger]:
    """The ledger in a transaction that is rolled back; foreign keys are off, as an owner can have them."""
    pragma = "PRAGMA foreign_keys = " if connection.vendor == "sqlite" else "SELECT 1 --"
    with connection.cursor() as cursor:
        cursor.execute(pragma + "OFF")
    with transaction.atomic():
        yield sealed_ledger
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute(pragma + "ON")


@contextmanager
def unguarded() -> Iterator[Callable[..., None]]:
    """What a database's owner can do: triggers and foreign keys off, and afterwards everything in place
    again.
    """

    def run(sql: str, *params: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))

    if connection.vendor == "postgresql":
        run("SET session_replication_role = replica")
        yield run
        run("SET session_replication_role = DEFAULT")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%%'", [])
        names = [row[0] for row in cursor.fetchall()]
    for name in names:
        run(f"DROP TRIGGER {name}")
    yield run
    install_guards(connection)


def first_problem(code: str) -> Problem:
    """The first problem with this code; fails when verify did not find one."""
    found = [p for p in queries.verify().problems if p.code == code]
    assert found, f"{code} not found: {queries.verify().problems}"
    return found[0]


def test_a_changed_entry_is_named(ledger: Ledger) -> None:
    entry = Entry.objects.filter(batch__key="b").order_by("id")[3]
    with unguarded() as run:
        run("UPDATE ledger_entry SET custodian_id = %s WHERE id = %s", ledger.world.people[3], entry.pk)
    problem = first_problem("entry_changed")
    assert (problem.seal, problem.entry) == (2, entry.pk)


def test_a_deleted_entry_is_named(ledger: Ledger) -> None:
    entry = Entry.objects.filter(batch__key="a").order_by("id")[5]
    with unguarded() as run:
        run("DELETE FROM ledger_entry WHERE id = %s", entry.pk)
    problem = first_problem("entry_missing")
    assert (problem.seal, problem.entry) == (1, entry.pk)
    assert first_problem("batch_size").detail.startswith("批次")


def test_entries_that_change_places_are_found(ledger: Ledger) -> None:
    history = Entry.objects.filter(subject_id=ledger.subjects[0], relation="custody")
    first, second = history.filter(seq__gt=1).order_by("seq")
    with unguarded() as run:
        for seq, entry in ((9, first), (first.seq, second), (second.seq, first)):
            run("UPDATE ledger_entry SET seq = %s WHERE id = %s", seq, entry.pk)
    problem = first_problem("entry_changed")
    assert (problem.seal, problem.entry) == (1, first.pk)
    assert first_problem("holding_differs").detail.startswith("对象")


def test_an_entry_slipped_in_behind_a_seal_is_named(ledger: Ledger) -> None:
    subject = ledger.subjects[19]
    columns = (
        "relation, custodian_id, kind, effective_date, recorded_at, recorded_date, by_id, rule, reason_code"
    )
    with unguarded() as run:
        run(
            f"INSERT INTO ledger_entry (id, subject_id, seq, {columns}) SELECT -7, subject_id, 3, {columns}"
            " FROM ledger_entry WHERE subject_id = %s AND seq = 2",
            subject,
        )
    assert first_problem("entry_slipped_in").entry == -7


def test_a_changed_approver_is_found_at_the_first_entry_of_the_batch(ledger: Ledger) -> None:
    batch = Batch.objects.get(key="b")
    with unguarded() as run:
        run("UPDATE ledger_batch SET approved_by_id = %s WHERE id = %s", ledger.world.people[3], batch.pk)
    problem = first_problem("entry_changed")
    sealed_first = SealedEntry.objects.filter(seal_id=2).order_by("id")[0].entry_id
    assert (problem.seal, problem.entry) == (2, sealed_first)


def test_a_changed_digest_is_found(ledger: Ledger) -> None:
    sealed = SealedEntry.objects.filter(seal_id=2).order_by("id")[1]
    with unguarded() as run:
        run("UPDATE ledger_sealedentry SET digest = %s WHERE id = %s", b"\0" * 32, sealed.pk)
    problem = first_problem("entry_changed")
    assert (problem.seal, problem.entry) == (2, sealed.entry_id)


def test_a_dropped_line_of_the_sealed_list_is_found(ledger: Ledger) -> None:
    sealed = SealedEntry.objects.filter(seal_id=2).order_by("id")[1]
    with unguarded() as run:
        run("DELETE FROM ledger_sealedentry WHERE id = %s", sealed.pk)
    assert first_problem("seal_content").seal == 2
    assert first_problem("entry_slipped_in").entry == sealed.entry_id


def test_a_changed_and_a_deleted_seal_are_found(ledger: Ledger) -> None:
    with unguarded() as run:
        run("UPDATE ledger_seal SET recorded_at = %s WHERE number = 2", moment(MARCH, 23).isoformat(" ")[:19])
    assert first_problem("seal_changed").seal == 2
    with unguarded() as run:
        run("DELETE FROM ledger_seal WHERE number = 2")
    assert first_problem("seal_gap").seal == 2
    assert first_problem("seal_missing").seal == 2


def cut_tail(run: Callable[..., None]) -> None:
    """Remove the third seal and everything that was recorded since the second."""
    last = Seal.objects.get(number=2).last_entry_id
    run("DELETE FROM ledger_sealedentry WHERE seal_id = 3")
    run("DELETE FROM ledger_seal WHERE number = 3")
    run("DELETE FROM ledger_entry WHERE id > %s", last)


def test_a_cut_tail_is_found_only_by_the_file_outside(ledger: Ledger, tmp_path: Path) -> None:
    with unguarded() as run:
        cut_tail(run)
    actions.rebuild_holdings()
    assert first_problem("tail_cut").seal == 3
    alone = [problem.code for problem in queries.verify(tmp_path / "no such file").problems]
    assert alone == ["seal_file_missing"], "the database alone cannot know"


def rewrite(run: Callable[..., None]) -> None:
    """Give one entry another custodian and recompute every digest and seal, as an insider with the code
    could.
    """
    entry = Entry.objects.filter(batch__key="a").order_by("id")[11]
    run("UPDATE ledger_entry SET custodian_id = 1 WHERE id = %s", entry.pk)
    previous = ""
    for seal in Seal.objects.order_by("number"):
        from tuogu.ledger.canonical import Content

        content = Content()
        with connection.cursor() as cursor:
            settle_spelling(cursor)
            cursor.execute(
                f"SELECT s.id, e.id, {line_sql()} FROM {FROM} JOIN ledger_sealedentry s ON s.entry_id = e.id"
                " WHERE s.seal_id = %s ORDER BY s.id",
                [seal.number],
            )
            rows = cursor.fetchall()
        for sealed, _, line in rows:
            run("UPDATE ledger_sealedentry SET digest = %s WHERE id = %s", entry_digest(line), sealed)
        content.add([r[1] for r in rows], [r[2] for r in rows], [entry_digest(r[2]) for r in rows])
        stated = content.stated()
        digest = seal_digest(seal.number, previous, *stated, seal.by_id, seal.recorded_at)
        run(
            "UPDATE ledger_seal SET previous_digest = %s, digest = %s, lines_digest = %s, entries_digest = %s"
            " WHERE number = %s",
            previous, digest, stated[2], stated[3], seal.number,
        )  # fmt: skip
        previous = digest


def test_a_missing_or_empty_file_outside_is_named(ledger: Ledger, tmp_path: Path) -> None:
    torn = tmp_path / "torn"
    torn.write_text("xx", encoding="utf-8")
    for path in (torn, tmp_path / "no such file"):
        assert [problem.code for problem in queries.verify(path).problems] == ["seal_file_missing"]


def test_a_chain_rewritten_from_end_to_end_is_found_by_the_file_outside(
    ledger: Ledger, tmp_path: Path
) -> None:
    with unguarded() as run:
        rewrite(run)
    actions.rebuild_holdings()
    alone = [problem.code for problem in queries.verify(tmp_path / "no such file").problems]
    assert alone == ["seal_file_missing"], "the rewriting is perfect"
    assert first_problem("chain_rewritten").seal == 1


def test_a_changed_holding_is_found_and_rebuilt(ledger: Ledger) -> None:
    subject = ledger.subjects[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_holding SET custodian_id = 1 WHERE subject_id = %s", [subject])
    assert str(subject) in first_problem("holding_differs").detail
    actions.rebuild_holdings()
    assert queries.verify().problems == ()


def test_pending_entries_are_counted_and_no_problem(ledger: Ledger) -> None:
    act = {
        "by": ledger.world.clerk,
        "recorded_at": moment(later(MARCH, 3)),
        "rule": RULE,
        "reason_code": "difficult",
    }
    actions.return_to_pool(ledger.subjects[0], **act)
    report = queries.verify()
    assert (report.entries, report.pending, report.seals, report.problems) == (43, 1, 3, ())


def test_the_file_catches_up_after_a_crash_and_survives_a_torn_line(committed_database: Any) -> None:
    ledger = make_ledger()
    path = Path(settings.TUOGU_SEAL_FILE)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["1", "2", "3"]
    path.write_text(lines[0] + "\n" + lines[1][:20], encoding="utf-8")  # the crash tore the second line
    assert queries.verify().problems == ()
    act = {
        "by": ledger.world.clerk,
        "recorded_at": moment(later(MARCH, 3)),
        "rule": RULE,
        "reason_code": "difficult",
    }
    actions.return_to_pool(ledger.subjects[0], **act)
    actions.seal_pending(by=ledger.world.clerk, recorded_at=moment(later(MARCH, 4)))
    whole = [line for line in path.read_text(encoding="utf-8").splitlines() if line.count("\t") == 2]
    assert [line.split("\t")[0] for line in whole] == ["1", "2", "3", "4"]
    assert whole[1] == lines[1]
    assert queries.verify().problems == ()


# Columns whose change must be found in any sealed entry, with another valid value for each.
ALTERATIONS: dict[str, Callable[[Entry], Any]] = {
    "custodian_id": lambda e: 1 if e.custodian_id != 1 else 3,
    "rule": lambda e: e.rule + ".",
    "reason_code": lambda e: e.reason_code.upper(),
    "by_id": lambda e: e.by_id + 1,
    "effective_date": lambda e: later(e.effective_date, -1).isoformat(),
    "recorded_date": lambda e: later(e.recorded_date, 1).isoformat(),
    "subject_id": lambda e: e.subject_id + 100,
    "relation": lambda e: "supervision",
    "batch_id": lambda e: 3 if e.batch_id != 3 else 2,
}


def tamper_at_random(seed: int, times: int) -> None:
    """Change one column of one entry, have it found and named, change it back; `times` times."""
    chance = random.Random(seed)
    entries = list(Entry.objects.order_by("id"))
    seals = dict(SealedEntry.objects.values_list("entry_id", "seal_id"))
    with unguarded() as run:
        for _ in range(times):
            entry, column = chance.choice(entries), chance.choice(sorted(ALTERATIONS))
            before = getattr(entry, column)
            run(f"UPDATE ledger_entry SET {column} = %s WHERE id = %s", ALTERATIONS[column](entry), entry.pk)
            problem = first_problem("entry_changed")
            assert (problem.seal, problem.entry) == (seals[entry.pk], entry.pk), column
            value = before.isoformat() if isinstance(before, date) else before
            run(f"UPDATE ledger_entry SET {column} = %s WHERE id = %s", value, entry.pk)
    assert queries.verify().problems == ()


def test_random_tampering_is_always_found_and_named(ledger: Ledger) -> None:
    tamper_at_random(seed=7, times=40)


@pytest.mark.exhaustive
def test_a_thousand_tamperings_are_all_found_and_named(ledger: Ledger) -> None:
    tamper_at_random(seed=8, times=1_000)


def test_the_same_acts_give_the_same_seals_on_both_databases(ledger: Ledger) -> None:
    """The digests are written down: canonical lines may not depend on the database or on this machine."""
    digests = list(Seal.objects.order_by("number").values_list("digest", flat=True))
    assert [digest[:16] for digest in digests] == ["8119c72f7dc7993a", "9176e55b9c90a5fe", "e90069098721eeb6"]
