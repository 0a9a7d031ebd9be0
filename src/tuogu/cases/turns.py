"""Whose turn it is: which cases wait for a part, and which of them for a person.

In: cases with their state, a person, a day. Out: conditions on them. Never: a case that waits for somebody who has no step
to take.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tuogu.books import queries as books
from tuogu.cases import whose
from tuogu.cases.kinds import Kind, machine
from tuogu.ledger import queries as ledger
from tuogu.org.rights import rights_of
from tuogu.org.scope import Scope

_CALM = {"visited", "maintained"}  # the customer is in regular care: nothing waits here


def in_view(rows: QuerySet[Any], view: str, person: int, today: date) -> QuerySet[Any]:
    over = Q()
    for kind in Kind:
        over |= Q(kind=kind, state__in=sorted(machine(kind).closed))
    if view == "closed":
        return rows.filter(over)
    if view == "open":
        return rows.exclude(over)
    return rows.filter(mine(person, today)) if view == "mine" else rows


def mine(person: int, today: date) -> Q:
    """What this person may move on now: by custody, by name, by right."""
    stands_for, roles = whose.stands_for_and_roles(person, today)
    held = ledger.held_by(stands_for)
    customers = books.numbers_within(Scope(custodian_ids=frozenset(stands_for)))
    subjects = Q(subject_id__in=held) | Q(subject__isnull=True, customer_number__in=customers)
    found = (waits_for("custodian") | waits_for("specialist")) & subjects
    found |= waits_for("collector") & Q(other=person)
    found |= waits_for("old") & Q(former=person)
    found |= waits_for("new") & Q(other__in=stands_for)
    held_rights = rights_of(roles)
    for part in ("quality", "branch", "counter"):
        if whose.BY_RIGHT[part] in held_rights:
            found |= waits_for(part)
    return found


def waits_for(part: str) -> Q:
    """Cases of which a part can take a step now. Of service, only what brings the flow on: the regular visits are tasks."""
    found = Q(pk__in=[])
    for kind in Kind:
        table = machine(kind)
        states = {
            step.source
            for step in table.steps
            if step.by == part
            and step.source not in table.closed
            and not (kind == Kind.SERVICE and step.source in _CALM)
        }
        if states:
            found |= Q(kind=kind, state__in=sorted(states))
    return found
