"""The body of a webhook: numbers and ids, derived from rows that never change, so that a second delivery says the same.

In: an event, the scope of a key. Out: a payload, or None where nothing of it lies within the scope. Never: a name, a phone,
an address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tuogu.books import queries as books
from tuogu.integration.events import CUSTODY, IMPORTED, LEAVER, RELEASED
from tuogu.integration.models import Event
from tuogu.ledger import queries as ledger
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans


def payload_of(event: Event, scope: Scope) -> dict[str, Any] | None:
    """The data of an event as this scope sees it."""
    return _OF_KIND[event.kind](event, scope)


def told_changes(found: list[ledger.Assignment]) -> list[dict[str, Any]]:
    """Entries of the ledger as the API and webhooks tell them; custodians by staff number or name of the pool."""
    people = {c for entry in found for c in (entry.old_custodian_id, entry.new_custodian_id) if c is not None}
    labels = org.labels(people)

    def label(custodian: int | None) -> str | None:
        return None if custodian is None else labels.get(custodian)

    return [
        {
            "entry_id": entry.id, "policy_number": entry.number, "relation": entry.relation, "kind": entry.kind,
            "from_custodian": label(entry.old_custodian_id), "to_custodian": label(entry.new_custodian_id),
            "effective_date": entry.effective_date.isoformat(),
            "recorded_at": entry.recorded_at.isoformat(), "batch_id": entry.batch_id, "batch_key": entry.batch_key,
            "rule": entry.rule, "reason_code": entry.reason_code,
        }
        for entry in found
    ]  # fmt: skip


def _custody(event: Event, scope: Scope) -> dict[str, Any] | None:
    found = books.entries_between(scope, event.source_id, event.until_id or event.source_id)
    return {"changes": told_changes(found)} if found else None


def _leaver(event: Event, scope: Scope) -> dict[str, Any] | None:
    departure = notices.departure_told(event.source_id)
    visible = org.custodians_within(scope)
    if departure is None or (visible is not None and departure.person not in visible):
        return None
    return {
        "departure_id": departure.id, "staff_number": org.labels([departure.person]).get(departure.person),
        "left_date": departure.left_date.isoformat(),
    }  # fmt: skip


def _released(event: Event, scope: Scope) -> dict[str, Any] | None:
    batch = books.batch_record(scope, event.source_id)
    if batch is None:
        return None
    plan, instalment = plans.batch_origins([batch.id]).get(batch.id, (None, None))
    return {
        "batch_id": batch.id, "batch_key": batch.key, "plan_id": plan, "instalment": instalment,
        "relation": batch.relation, "effective_date": batch.effective_date.isoformat(),
    }  # fmt: skip


def _imported(event: Event, scope: Scope) -> dict[str, Any] | None:
    """Without counts: these are the whole file's, wider than most scopes."""
    if not scope.all_rows:
        return None
    found = books.import_run(event.source_id)
    return {"import_id": found.id, "data_date": found.data_date.isoformat(), "coverage": found.coverage}


_OF_KIND: dict[str, Callable[[Event, Scope], dict[str, Any] | None]] = {
    CUSTODY: _custody,
    LEAVER: _leaver,
    RELEASED: _released,
    IMPORTED: _imported,
}
