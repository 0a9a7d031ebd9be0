"""`migrate`, which on the side file passes over the rooms that have no table there.

In: what Django's own command takes. Out: the same database; in the side file, migrations of other rooms are recorded as done
without being run. Never: a migration passed over that a room of the side file rests on and runs, one of the main database.

Django renders every model anew at each step of every room, though the router lets none of their tables come into being here:
that was nearly all of the time that a fresh side file took.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from tuogu.accesslog.router import SIDE, SIDE_APPS, SIDE_MODELS

_BESIDE = SIDE_APPS | {name.split(".")[0] for name in SIDE_MODELS}


class Command(migrate.Command):
    """Django's own, for the side file after `pass_over`."""

    def handle(self, *args: Any, **options: Any) -> None:
        plain = not any(
            options.get(name) for name in ("app_label", "fake", "plan", "check_unapplied", "prune")
        )
        if options["database"] == SIDE and plain:
            pass_over(SIDE)
        super().handle(*args, **options)


def pass_over(alias: str) -> int:
    """Record as done what has no table in that database and rests on nothing that has; returns how many."""
    executor = MigrationExecutor(connections[alias])
    executor.recorder.ensure_schema()
    graph, applied = executor.loader.graph, set(executor.recorder.applied_migrations())
    waiting = [(step.app_label, step.name) for step, _back in executor.migration_plan(graph.leaf_nodes())]
    beside = {key for key, step in executor.loader.disk_migrations.items() if _lies_beside(step)}
    passed = [key for key in waiting if key not in applied and beside.isdisjoint(graph.forwards_plan(key))]
    for app, name in passed:
        executor.recorder.record_applied(app, name)
    return len(passed)


def _lies_beside(step: Migration) -> bool:
    """Whether the router would let it make anything in the side file, as far as can be told without running it."""
    asked = any(getattr(operation, "hints", {}).get("side") for operation in step.operations)
    return step.app_label in _BESIDE or asked
