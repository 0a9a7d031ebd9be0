"""Whether this installation can work: the checks that `/healthz` and monitoring ask for, by name.

In: nothing. Out: name → passed. Never: a version, a path, a name, the text of a failure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from tuogu.jobs import queries as jobs
from tuogu.org import append_only

log = logging.getLogger("tuogu.health")
_known_migrated: set[bool] = set()


def checks() -> dict[str, bool]:
    """The checks in the order in which one rests on the other; the first failure leaves the rest unasked."""
    found: dict[str, bool] = {}
    for name, check in CHECKS.items():
        found[name] = _passes(check)
        if not found[name]:
            break
    return found


def worker_age_seconds(now: datetime) -> int | None:
    """Seconds since the worker last showed itself; None = never."""
    seen = jobs.worker_seen_at()
    return None if seen is None else max(0, int((now - seen).total_seconds()))


def _reachable() -> bool:
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    return True


def _migrated() -> bool:
    """Whether each database has every migration of this program. Once true it stays true while the program runs."""
    if not _known_migrated:
        pending = [_pending(alias) for alias in connections]
        if not any(pending):
            _known_migrated.add(True)
    return bool(_known_migrated)


def _pending(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _guarded() -> bool:
    return not any(append_only.missing_everywhere().values())


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseError:
        log.exception("health check failed")
        return False


CHECKS: dict[str, Callable[[], bool]] = {"database": _reachable, "migrations": _migrated, "guards": _guarded}
