"""Custody while people work: who holds what by the entries, and moves by two people.

In: policies, people, a day. Out: batches in the ledger; since when each policy was received. Never: a look at the holdings
to say since when (they are what is judged).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import polars as pl

from tuogu.core.custody import SHANGHAI
from tuogu.ledger import actions, queries
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.ledger.models import Entry
from tuogu.org.scope import Scope

GIVEN = ("release", "transfer", "claim", "undo")  # entries after which a person has received a policy


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a business day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def hand_over(numbers: Iterable[str], to: int, day: date, kind: str, *, by: int, approved_by: int) -> None:
    """These policies to a person, by two people, at noon."""
    wanted = sorted(numbers)
    heads = queries.heads_by_number(wanted, kind=SubjectKind.POLICY)
    rows = pl.DataFrame(
        [(heads[n].subject_id, to, heads[n].entry_id) for n in wanted],
        schema={"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64}, orient="row",
    )  # fmt: skip
    done = actions.post_batch(
        rows, kind=kind, relation=Relation.CUSTODY, key=f"{kind} {day} {to}", by=by, approved_by=approved_by,
        effective_date=day, recorded_at=at(day, 12), rule="test", reason_code="plan",
    )  # fmt: skip
    assert done.posted == len(wanted), done


def held_by(custodian: int) -> list[str]:
    """Numbers of the policies that a custodian holds."""
    rows = queries.holdings(Scope.everything()).filter(custodian_id=custodian, kind="policy")
    return sorted(rows["number"])


def received_by_entries() -> dict[int, date]:
    """Since when a person has each policy by a decision, read entry by entry; without those never handed over."""
    newest: dict[int, Any] = {}
    rows = Entry.objects.filter(relation=Relation.CUSTODY, effective_until__isnull=True).order_by("seq")
    for subject, *told in rows.values_list("subject_id", "kind", "effective_date", "custodian__kind"):
        newest[subject] = told
    return {
        subject: since
        for subject, (kind, since, whose) in newest.items()
        if kind in GIVEN and whose == "person"
    }
