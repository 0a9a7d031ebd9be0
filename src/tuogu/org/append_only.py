"""Tables whose rows are only ever added: installs the triggers that refuse everything else, and looks for
them. The one list of the rooms that have such tables: a room is on it by the call that installs its triggers.

In: table names with their unique keys. Out: triggers in the database, or the names of those that are missing.
Never: a guard in `save()`, which `bulk_create`, `update()` and raw SQL walk around.

PostgreSQL refuses UPDATE, DELETE and TRUNCATE by one statement trigger. SQLite has no TRUNCATE, but INSERT
OR REPLACE deletes silently unless `recursive_triggers` is on for that very connection, so a further trigger
refuses to insert over an existing key. An AlterField on SQLite rebuilds the table and drops its triggers:
rooms install in post_migrate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

_ROOMS: dict[str, Callable[[], list[str]]] = {}
_FUNCTION = """
CREATE OR REPLACE FUNCTION tuogu_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


@dataclass(frozen=True)
class AppendOnly:
    """One protected table and its unique keys (SQLite refuses an INSERT over any of them)."""

    table: str
    keys: tuple[tuple[str, ...], ...] = (("id",),)


@dataclass(frozen=True)
class Guard:
    """One trigger: its name, its table and the statement that creates it."""

    name: str
    table: str
    sql: str


def guards_of(tables: Sequence[AppendOnly], vendor: str) -> list[Guard]:
    """The triggers that protect `tables` on 'sqlite' or 'postgresql'."""
    return [
        guard for table in tables for guard in (_sqlite(table) if vendor == "sqlite" else _postgresql(table))
    ]


def _sqlite(protected: AppendOnly) -> list[Guard]:
    table = protected.table
    refuse = "SELECT RAISE(ABORT, '{table} is append-only: {what} refused');"
    guards = [
        Guard(
            f"{table}_no_{what.lower()}",
            table,
            f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
            f"BEGIN {refuse.format(table=table, what=what)} END",
        )
        for what in ("UPDATE", "DELETE")
    ]
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{c} = NEW.{c}' for c in key)})"
        for key in protected.keys
    )
    replace = f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
    return [
        *guards,
        Guard(
            f"{table}_no_replace", table, f"{replace}BEGIN {refuse.format(table=table, what='REPLACE')} END"
        ),
    ]


def _postgresql(protected: AppendOnly) -> list[Guard]:
    table = protected.table
    name = f"{table}_append_only"
    sql = f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    return [Guard(name, table, f"{sql}FOR EACH STATEMENT EXECUTE FUNCTION tuogu_append_only()")]


def install(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """(Re)create the triggers; a table that is not there (yet) is passed over."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for guard in guards:
            if guard.table in existing:
                on_table = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on_table}")
                cursor.execute(guard.sql)


def keep_installed(room: AppConfig, tables: Sequence[AppendOnly]) -> None:
    """(Re)create the triggers of a room's tables after every migration, on the database that was migrated; from now on the
    room is watched."""

    def after_migrating(using: str, **_: Any) -> None:
        install(connections[using], guards_of(tables, connections[using].vendor))

    post_migrate.connect(after_migrating, sender=room, weak=False)  # nobody else holds it
    watched(room, lambda: missing(connections["default"], guards_of(tables, connections["default"].vendor)))


def watched(room: AppConfig, look: Callable[[], list[str]]) -> None:
    """A room that installs triggers of its own tells how to look for them."""
    _ROOMS[room.label] = look


def rooms() -> tuple[str, ...]:
    """Labels of the rooms with tables that only grow, in the order in which they were made ready."""
    return tuple(_ROOMS)


def missing_in(*labels: str) -> list[str]:
    """Names of the triggers that are absent in these rooms."""
    return [name for label in labels for name in _ROOMS[label]()]


def missing_everywhere() -> dict[str, list[str]]:
    """Room → names of its triggers that are absent; every room is named."""
    return {label: look() for label, look in _ROOMS.items()}


def missing(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> list[str]:
    """Names of triggers that are absent, switched off (PostgreSQL) or not the ones installed (SQLite)."""
    wanted = list(guards)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            present = {(name, sql) for name, sql in cursor.fetchall()}
            return [g.name for g in wanted if (g.name, g.sql) not in present]
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
        )
        enabled = set(cursor.fetchall())
    return [g.name for g in wanted if (g.name, g.table) not in enabled]


@contextmanager
def lifted(table: str, alias: str = "default") -> Iterator[None]:
    """Within a transaction that must hold for it: the table may be written while the block runs, and its triggers are back
    before anybody else can see it. For the owner's own acts (sealing under a new key, removal past a period), each of which
    writes down what it did; a killed process rolls the triggers back with the rest."""
    connection = connections[alias]
    if not connection.in_atomic_block:
        raise RuntimeError("triggers are lifted inside a transaction only")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # a table with checks still waiting cannot be altered
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)
