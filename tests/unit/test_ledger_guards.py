"""Append-only for real: what the database itself refuses, and that the refusal cannot get lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.signals import post_migrate

import databases
import ledger_world
from ledger_world import JANUARY, RULE, World, asked, moment, open_policies
from tuogu.ledger import actions, queries
from tuogu.ledger.models import Batch, Entry, Seal, SealedEntry, Subject

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.req("N-01")]
world = ledger_world.fresh_world
committed_database = databases.committed_database
TABLES = ("ledger_batch", "ledger_entry", "ledger_seal", "ledger_sealedentry", "ledger_subject")


@pytest.fixture
def released(world: World) -> World:
    """A world in which one release was posted and sealed."""
    subjects = open_policies(world, 3, world.people[0])
    actions.post_batch(
        asked(subjects, world.people[1]), key="k", effective_date=JANUARY, **world.signed(JANUARY)
    )
    return world


def refused(act: Callable[[], Any], match: str = "append-only") -> None:
    """Run `act` in a savepoint and require the database to refuse it."""
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        act()


def run(sql: str, params: list[Any] | None = None) -> None:
    """Raw SQL, as somebody with a database client would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    ("model", "field"),
    [(Batch, "rule"), (Entry, "rule"), (Seal, "digest"), (SealedEntry, "digest")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_orm_can_neither_update_nor_delete(released: World, model: Any, field: str) -> None:
    row = model.objects.order_by("pk").first()
    rows = model.objects.filter(pk=row.pk)
    refused(row.save)
    refused(lambda: rows.update(**{field: getattr(row, field)}))
    refused(lambda: model.objects.bulk_update([row], [field]))
    refused(lambda: rows._raw_delete(connection.alias))
    assert rows.exists()


@pytest.mark.parametrize("table", TABLES)
def test_raw_sql_can_neither_update_nor_delete(released: World, table: str) -> None:
    column = "number" if table == "ledger_seal" else "id"
    refused(lambda: run(f"UPDATE {table} SET {column} = {column}"))
    refused(lambda: run(f"DELETE FROM {table}"))


@pytest.mark.parametrize("table", TABLES)
def test_truncate_is_refused(released: World, table: str) -> None:
    if connection.vendor == "sqlite":  # SQLite has no TRUNCATE; its REPLACE is what slips past the others
        refused(lambda: run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"))
        return
    run("SET CONSTRAINTS ALL IMMEDIATE")  # else PostgreSQL refuses for another reason: pending foreign keys
    refused(lambda: run(f"TRUNCATE {table} CASCADE"))


def test_overwriting_inserts_are_refused(committed_database: Any) -> None:
    made = ledger_world.make_world()
    open_policies(made, 1, made.people[0])
    columns = (
        "subject_id, relation, seq, custodian_id, kind, effective_date, recorded_at, recorded_date, by_id"
    )
    same = f"SELECT {columns}, '', 'x' FROM ledger_entry WHERE true"
    again = f"INTO ledger_entry ({columns}, rule, reason_code) {same}"
    if connection.vendor == "postgresql":
        once = "ON CONSTRAINT ledger_entry_once"
        refused(lambda: run(f"INSERT {again} ON CONFLICT {once} DO UPDATE SET reason_code = 'x'"))
        return
    run("PRAGMA recursive_triggers = OFF")  # then REPLACE deletes without asking the DELETE trigger
    refused(lambda: run(f"INSERT OR REPLACE {again}"))
    for table in ("ledger_entry", "ledger_subject", "ledger_batch"):
        refused(lambda table=table: run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


def test_erasure_may_empty_a_number_and_nothing_else(released: World) -> None:
    subject = Subject.objects.order_by("pk").first()
    assert subject is not None
    refused(lambda: Subject.objects.filter(pk=subject.pk).update(number="other"))
    refused(lambda: Subject.objects.filter(pk=subject.pk).update(number=None, kind="customer"))
    assert Subject.objects.filter(pk=subject.pk).update(number=None) == 1


def entry(world: World, subject: int, **changes: Any) -> Entry:
    """An entry that would be accepted as the third of a released subject, with changes."""
    fields: dict[str, Any] = {
        "subject_id": subject, "relation": "custody", "seq": 3, "custodian_id": world.people[2],
        "kind": "claim", "effective_date": JANUARY, "recorded_at": moment(JANUARY, 12),
        "recorded_date": JANUARY, "by_id": world.clerk, "rule": RULE, "reason_code": "x",
    }  # fmt: skip
    return Entry(**{**fields, **changes})


def test_an_entry_made_by_hand_is_accepted_only_as_the_next_one(released: World) -> None:
    subject = Subject.objects.order_by("pk").values_list("pk", flat=True)[0]
    refused(lambda: entry(released, subject, seq=5).save(), match="seq must follow")
    refused(lambda: entry(released, subject, seq=2).save(), match="append-only|unique|duplicate")
    refused(lambda: entry(released, subject, recorded_at=moment(JANUARY, 1)).save(), match="seq must follow")
    entry(released, subject).save()
    assert Entry.objects.filter(subject_id=subject, relation="custody").count() == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "release"},  # no batch, so no second person
        {"kind": "open"},  # a second opening
        {"custodian_id": None},  # nobody
        {"kind": "close"},  # a close names nobody
        {"effective_date": JANUARY.replace(day=2)},  # dated ahead
        {"effective_until": JANUARY},  # an empty period
        {"relation": "friendship", "seq": 1},
        {"kind": "gift"},
    ],
    ids=str,
)
def test_checks_refuse_what_no_act_would_write(released: World, changes: dict[str, Any]) -> None:
    subject = Subject.objects.order_by("pk").values_list("pk", flat=True)[0]
    refused(lambda: entry(released, subject, **changes).save(), match=r"(?i)check")


def test_the_database_wants_a_second_person_for_releases_transfers_and_undos(released: World) -> None:
    batch = Batch.objects.get(kind="release")
    for kind in ("release", "transfer", "undo"):
        for second in (None, released.clerk):
            row = {
                "kind": kind, "relation": "custody", "key": f"{kind}{second}", "posted": 0,
                "content_digest": "", "by_id": released.clerk, "approved_by_id": second,
                "effective_date": JANUARY, "recorded_at": moment(JANUARY), "rule": RULE, "reason_code": "x",
                "undoes_id": batch.pk if kind == "undo" else None,
            }  # fmt: skip
            refused(lambda row=row: Batch.objects.create(**row), match="second_person")


def test_an_entry_cannot_be_slipped_into_a_batch_of_another_kind_or_author(released: World) -> None:
    batch = Batch.objects.get(kind="release")
    subject = Subject.objects.order_by("pk").values_list("pk", flat=True)[0]
    refused(lambda: entry(released, subject, batch=batch).save(), match="its batch")
    by_other = entry(released, subject, batch=batch, kind="release", by_id=released.people[0])
    refused(by_other.save, match="its batch")


def test_verify_and_start_up_miss_a_dropped_trigger_and_migrating_brings_it_back(released: World) -> None:
    on = " ON ledger_entry" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER ledger_entry_order{on}")
    assert queries.missing_guards() == ["ledger_entry_order"]
    assert [p.code for p in queries.verify().problems] == ["guard_missing"]
    with pytest.raises(actions.LedgerError, match="ledger_entry_order"):
        actions.require_guards()
    config = apps.get_app_config("ledger")
    post_migrate.send(config, app_config=config, using="default", verbosity=0, interactive=False)
    assert queries.missing_guards() == []
    actions.require_guards()


def test_a_trigger_that_is_switched_off_counts_as_missing(released: World) -> None:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
            run("ALTER TABLE ledger_seal DISABLE TRIGGER ledger_seal_append_only")
        assert queries.missing_guards() == ["ledger_seal_append_only"]
        return
    run("DROP TRIGGER ledger_seal_no_delete")
    toothless = "CREATE TRIGGER ledger_seal_no_delete BEFORE DELETE ON ledger_seal BEGIN SELECT 1; END"
    run(toothless)
    assert queries.missing_guards() == ["ledger_seal_no_delete"]


def test_the_holding_is_the_only_table_that_may_be_emptied_and_it_comes_back(released: World) -> None:
    from tuogu.org.scope import Scope

    before = queries.holdings(Scope.everything())
    run("DELETE FROM ledger_holding")
    assert {p.code for p in queries.verify().problems} == {"holding_differs"}
    assert actions.rebuild_holdings() == 3
    assert queries.holdings(Scope.everything()).equals(before)
    assert queries.verify().problems == ()


def test_refusals_reach_python_as_integrity_errors(released: World) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        run("DELETE FROM ledger_entry")
