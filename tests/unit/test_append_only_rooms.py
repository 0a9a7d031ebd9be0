"""Every room with tables that only grow is watched: health and the system page read one list, which nobody keeps by hand."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.test import Client

import tuogu
from tuogu.jobs import health
from tuogu.org import append_only

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
SOURCE = Path(tuogu.__file__).parent


def triggers() -> list[tuple[str, str, str]]:
    """(database, trigger, table) of all that stand."""
    found = []
    for alias in connections:
        sql = (
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            if connections[alias].vendor == "sqlite"
            else "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal"
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(sql)
            found += [(alias, name, table) for name, table in cursor.fetchall()]
    return found


def rooms_that_declare() -> set[str]:
    """Rooms in whose apps.py or guards.py tables are named as growing only."""
    named = {
        file.parent.name
        for file in SOURCE.glob("*/*.py")
        if "AppendOnly(" in file.read_text(encoding="utf-8")
    }
    return {
        room for room in named if any(config.name == f"tuogu.{room}" for config in apps.get_app_configs())
    } - {"org"}


def test_no_room_with_append_only_tables_is_missing_from_the_list():
    labels = {model._meta.db_table: model._meta.app_label for model in apps.get_models()}
    guarded = {labels[table] for _alias, _name, table in triggers() if table in labels}
    assert guarded == set(append_only.rooms()), (
        "a room hangs triggers that nobody watches, or the other way round"
    )
    assert rooms_that_declare() == guarded


def test_nobody_keeps_a_list_of_its_own():
    for room in append_only.rooms():
        queries = import_module(f"tuogu.{room}.queries")
        assert hasattr(queries, "missing_guards") == (room in {"ledger", "accesslog"}), room


def test_a_trigger_that_is_gone_is_missed_in_its_room_and_health_says_so():
    assert not any(append_only.missing_everywhere().values())
    labels = {model._meta.db_table: model._meta.app_label for model in apps.get_models()}
    first = {labels[table]: (alias, name, table) for alias, name, table in triggers() if table in labels}
    assert set(first) == set(append_only.rooms())
    for room, (alias, name, table) in first.items():
        with transaction.atomic(using=alias):
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    f"DROP TRIGGER {name}" + (f" ON {table}" if connections[alias].vendor != "sqlite" else "")
                )
            assert name in append_only.missing_in(room), room
            assert not health._guarded()
            transaction.set_rollback(True, using=alias)
    assert Client().get("/healthz").status_code == 200
