"""Steps that no person takes: a policy has ended, a customer has come to somebody else, both have signed.

In: running cases, who holds what now. Out: the machine's lines. Never: a person's step taken by the machine, a case ended
while somebody holds its policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from tuogu.books import queries as books
from tuogu.bulk import in_parts
from tuogu.cases.appending import append
from tuogu.cases.kinds import Kind, machine
from tuogu.cases.models import Case, CaseStep
from tuogu.cases.opening import running
from tuogu.ledger import queries as ledger

_ENDS = (Kind.DIFFICULT, Kind.HARD, Kind.LAPSED, Kind.PROBLEM)
_AT_ONCE = 500


def end_closed(*, by: int, at: datetime) -> int:
    """End the running cases whose policies have come to an end; how many."""
    cases = [case for kind in _ENDS for case in running(kind)]
    held = ledger.holders_of([case.subject_id for case in cases if case.subject_id is not None])
    over = [case for case in cases if case.subject_id in held and held[case.subject_id].custodian_id is None]
    return append(over, "end", by=by, at=at)


def follow_service(*, by: int, at: datetime) -> int:
    """Service cases whose customer has come to somebody else start anew; those without any live policy end."""
    cases = list(running(Kind.SERVICE))
    holders = holders_of_customers(case.customer_number for case in cases)
    servants = _servants(cases)
    ended = [case for case in cases if case.customer_number not in holders]
    moved = [
        case
        for case in cases
        if case.pk in servants and not servants[case.pk] & holders.get(case.customer_number, servants[case.pk])
        and case.state != machine(Kind.SERVICE).first
    ]  # fmt: skip
    return append(ended, "end", by=by, at=at) + append(moved, "moved", by=by, at=at)


def holders_of_customers(customers: Iterable[str]) -> dict[str, set[int]]:
    """Customer → who holds a live policy of theirs now; customers of whom nobody holds anything are absent."""
    held = books.care_cases(holders=customers).filter(pl.col("custodian_id").is_not_null())
    found: dict[str, set[int]] = {}
    for customer, custodian in held.select("customer_number", "custodian_id").unique().iter_rows():
        found.setdefault(customer, set()).add(custodian)
    return found


def _servants(cases: Sequence[Case]) -> dict[int, set[int]]:
    """Case → for whom its customer was received last."""
    ids = [case.pk for case in cases]
    found: dict[int, set[int]] = {}
    for part in in_parts(ids, _AT_ONCE):
        rows = CaseStep.objects.filter(case_id__in=part, name="receive").order_by("seq")
        found |= {case: set(facts.get("for", ())) for case, facts in rows.values_list("case_id", "facts")}
    return found
