"""Answers 200 when every check passes, else 503; the checks by name.

In: nothing. Out: JSON such as {"ok": true, "database": true, …, "worker_heartbeat_seconds": 3}. Never: a version, a path,
a name, the text of a failure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu import clock
from tuogu.accesslog import queries as accesslog
from tuogu.accounts import queries as accounts
from tuogu.ledger import queries as ledger
from tuogu.plans import queries as plans
from tuogu.rules import queries as rules

log = logging.getLogger("tuogu.health")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The checks in the order in which one rests on the other; the first failure leaves the rest unasked."""
    found: dict[str, bool | int | None] = {}
    for name, check in CHECKS.items():
        found[name] = _passes(check)
        if not found[name]:
            break
    healthy = all(found.values()) and len(found) == len(CHECKS)
    body = {"ok": healthy, **found, "worker_heartbeat_seconds": _heartbeat_age() if healthy else None}
    return JsonResponse(body, status=200 if healthy else 503)


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


_known_migrated: set[bool] = set()


def _pending(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _guarded() -> bool:
    return not any(room.missing_guards() for room in (ledger, rules, accounts, accesslog, plans))


CHECKS: dict[str, Callable[[], bool]] = {"database": _reachable, "migrations": _migrated, "guards": _guarded}


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseError:
        log.exception("health check failed")
        return False


def _heartbeat_age() -> int | None:
    """Seconds since the worker last showed itself; None = never."""
    from tuogu.jobs import queries as jobs

    seen = jobs.worker_seen_at()
    return None if seen is None else max(0, int((clock.now() - seen).total_seconds()))
