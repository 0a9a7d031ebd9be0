"""The triggers that hold the ledger's promises: installed by post_migrate, asserted at start-up and by
`verify`.

In: a database connection. Out: triggers, or the names of missing ones. Never: a ledger that is used
unguarded.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tuogu.ledger.failures import LedgerError
from tuogu.org.append_only import AppendOnly, Guard, guards_of, install, missing

PROTECTED = (
    AppendOnly("ledger_batch", (("id",), ("key",))),
    AppendOnly("ledger_entry", (("id",), ("subject_id", "relation", "seq"))),
    AppendOnly("ledger_seal", (("number",),)),
    AppendOnly("ledger_sealedentry", (("id",), ("entry_id",))),
)


def all_guards(vendor: str) -> list[Guard]:
    """Every trigger of the ledger on 'sqlite' or 'postgresql'."""
    return [*guards_of(PROTECTED, vendor), *_written_guards(vendor)]


def _written_guards(vendor: str) -> list[Guard]:
    """The triggers of sql/guards_*.sql: each starts with a line '-- name table'."""
    text = _sql(f"guards_{vendor}.sql")
    found: list[Guard] = []
    for block in text.split("-- ledger_")[1:]:
        head, body = ("ledger_" + block).split("\n", 1)
        name, table = head.split()
        lines = [line for line in body.strip().splitlines() if not line.startswith("--")]
        found.append(Guard(name, table, "\n".join(lines)))
    return found


def _sql(name: str) -> str:
    return (files("tuogu.ledger") / "sql" / name).read_text(encoding="utf-8")


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """(Re)create every trigger of the ledger."""
    if connection.vendor == "postgresql" and "ledger_entry" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(_sql("functions_postgresql.sql"))
    install(connection, all_guards(connection.vendor))


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are absent, switched off or altered, and of constraints that are not there."""
    return missing_triggers(connection) + _missing_constraints(connection)


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers alone: one query, for pages."""
    return missing(connection, all_guards(connection.vendor))


def _missing_constraints(connection: BaseDatabaseWrapper) -> list[str]:
    """Every unique and check constraint of this room's models must stand in its table."""
    absent: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_app_config("ledger").get_models():
            present = connection.introspection.get_constraints(cursor, model._meta.db_table)
            absent += [str(c.name) for c in model._meta.constraints if c.name not in present]
    return absent


def require_guards(connection: BaseDatabaseWrapper) -> None:
    """Raise LedgerError unless every trigger stands. Commands that write call this first."""
    absent = missing_guards(connection)
    if absent:
        raise LedgerError(
            f"台账的防改触发器或约束缺失：{'、'.join(absent)}；请先运行 migrate 重新安装，再执行 ledger verify"
        )


def install_after_migrate(using: str, **_: Any) -> None:
    """Receiver of post_migrate: table rebuilds drop triggers on SQLite, so they are created anew."""
    install_guards(connections[using])
