"""Motor policies of an import that is taken back (P-13): what may go, and what going means for the policies they renewed.

In: subjects that an import opened. Out: those that something has touched since, with why; rows removed, ends that those rows
proved withdrawn. Never: a policy removed that was listed, worked on or imported again since; a policy left ended as renewed
by one that is gone, or without somebody responsible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import Model

from tuogu.books import actions as books
from tuogu.bulk import in_parts
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals.kinds import Outcome
from tuogu.renewals.models import (
    Amendment,
    CallOutLine,
    FiredStep,
    ListedCase,
    MotorChange,
    MotorPolicy,
    Naming,
    RegisterLine,
    Sampled,
    Stated,
    Support,
)
from tuogu.renewals.renewed import ended_subjects, said_before, withdraw
from tuogu.renewals.standing import visible
from tuogu.work import queries as work
from tuogu.work.kinds import Purpose

RULE, REASON = "P-13", "import_reverted"
_LATER_IMPORT = "后来的导入更新过"
_SAID = "导入已撤回，续保保单不再在库"
_AT_ONCE = 5000
_TOUCHED: tuple[tuple[type[Model], str], ...] = (  # what tells most comes last
    (FiredStep, "已进入续保节点"), (ListedCase, "已列入续保清单"), (Naming, "已确定责任人"),
    (RegisterLine, "已进责任登记表"), (Amendment, "已进责任登记表"), (Support, "已申请支持"),
    (CallOutLine, "已列入统一呼出清单"), (Sampled, "已抽中回访"), (Stated, "已联系客户"),
)  # fmt: skip


class MotorRows:
    """`books.also_stored.Stores` of motor policies."""

    kind = str(SubjectKind.VEHICLE_CASE)
    counted = "motor"

    def touched(self, opened: pl.DataFrame, stored_at: datetime) -> dict[int, str]:
        """Listed, worked on, or written by a later import."""
        why: dict[int, str] = {}
        for some in _parts(opened["subject_id"].to_list()):
            kept = MotorPolicy.objects.filter(pk__in=some, stored_at=stored_at).values_list("pk", flat=True)
            why |= dict.fromkeys(set(some) - set(kept), _LATER_IMPORT)
            for model, words in _TOUCHED:
                rows = model._default_manager.filter(subject__in=some).values_list("subject_id", flat=True)
                why |= dict.fromkeys(rows, words)
            talks = work.contacts_for(Purpose.RENEWAL, some)["subject_id"].to_list()
            why |= dict.fromkeys(talks, "已联系客户")
        return why

    def customers(self, subjects: Collection[int]) -> set[str]:
        """Their holders."""
        found: set[str] = set()
        for some in _parts(subjects):
            found |= set(MotorPolicy.objects.filter(pk__in=some).values_list("holder_number", flat=True))
        return found

    def refers(self, customers: Sequence[str], but: Collection[int]) -> set[str]:
        """Holders of further motor policies among some customers."""
        going, found = set(but), set[str]()
        for some in _parts(customers):
            rows = MotorPolicy.objects.filter(holder_number__in=some).values_list("pk", "holder_number")
            found |= {holder for pk, holder in rows if pk not in going}
        return found

    def remove(self, subjects: Sequence[int], *, by: int, at: datetime) -> int:
        """Withdraw the ends that these policies proved, then remove them with the lines of what they changed."""
        proved: list[int] = []
        for some in _parts(subjects):
            rows = dict(MotorPolicy.objects.filter(pk__in=some).values_list("number", "stored_at"))
            ends = ended_subjects().filter(outcome=Outcome.RENEWED, successor_number__in=rows)
            told = list(ends.values_list("subject_id", "successor_number", "at"))
            typed = set(said_before([one for one, *_ in told]).values_list("subject_id", flat=True))
            proved += [one for one, number, when in told if rows[number] == when or one in typed]
        for some in _parts(proved):
            withdraw(some, reason=_SAID, by=by, at=at)
        staying = sorted(set(proved) - set(subjects))
        _reopen(staying, by=by, at=at)
        removed = 0
        with append_only.lifted(MotorChange._meta.db_table):
            for some in _parts(subjects):
                MotorChange.objects.filter(policy__in=some).delete()
                removed += MotorPolicy.objects.filter(pk__in=some).delete()[0]
        return removed

    def hidden(self, subjects: Collection[int], scope: Scope) -> bool:
        """Whether a scope does not show one of them that is stored."""
        return any(
            MotorPolicy.objects.filter(pk__in=some).exclude(visible(scope)).exists()
            for some in _parts(subjects)
        )


def join_in() -> None:
    """An import is taken back with its motor policies."""
    books.also_stores(MotorRows())


def _reopen(subjects: Sequence[int], *, by: int, at: datetime) -> None:
    """Whoever was responsible before the end is so again; who may not receive any more is replaced by the buffer group."""
    former = custody.last_holders(subjects)
    rows = pl.DataFrame(
        {"subject_id": list(subjects), "custodian_id": [former.get(one, org.buffer_group()) for one in subjects]},
        schema={"subject_id": pl.Int64, "custodian_id": pl.Int64},
    )  # fmt: skip
    ledger.reopen(
        rows.with_columns(effective_date=pl.lit(business_date(at))), by=by, recorded_at=at, rule=RULE, reason_code=REASON
    )  # fmt: skip


def _parts(of: Collection[Any]) -> Iterator[list[Any]]:
    return in_parts(list(of), _AT_ONCE)
