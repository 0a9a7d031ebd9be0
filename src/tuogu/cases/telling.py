"""What cases tell the duties of `work`: papers complete and answered start one, papers handed in, customers told and forms
filed meet one (S4-23, S4-20).

In: customers (None = all), a day. Out: EVENTS and EVIDENCE of `core.timeline`. Never: a step that was sent back counted as
done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from tuogu.bulk import in_parts
from tuogu.cases.kinds import Kind
from tuogu.cases.models import CaseStep
from tuogu.core.timeline.tables import EVENTS, EVIDENCE
from tuogu.work.evidence import also_tells

_STARTS = {(Kind.PAPERS, "complete"): "papers_complete", (Kind.PAPERS, "decide"): "papers_answered"}
_PROVES = {
    (Kind.PAPERS, "submit"): "papers_submitted", (Kind.PAPERS, "tell"): "call",
    (Kind.PAPERS, "deliver"): "papers_delivered", (Kind.LAPSED, "notice"): "loss_notice",
    (Kind.LAPSED, "approve"): "lapse_form",
}  # fmt: skip
_AT_ONCE = 10_000  # numbers of one query: below the parameter limits of both databases
_Row = tuple[int, str, str, date]


def join_in() -> None:
    """The rounds and pages of `work` ask this room, too."""
    also_tells(evidence=evidence, events=events, mark=_mark)


def _mark() -> str:
    """Changes with every step."""
    return str(CaseStep.objects.count())


def events(customers: Iterable[str] | None, since: date) -> pl.DataFrame:
    """EVENTS since a day."""
    rows = [(subject, kind, day) for subject, _customer, kind, day in _told(_STARTS, customers, since)]
    return pl.DataFrame(rows, schema=EVENTS, orient="row").unique(maintain_order=True)


def evidence(customers: Iterable[str] | None, since: date) -> pl.DataFrame:
    """EVIDENCE since a day."""
    return pl.DataFrame(_told(_PROVES, customers, since), schema=EVIDENCE, orient="row")


def _told(words: dict[tuple[Kind, str], str], customers: Iterable[str] | None, since: date) -> list[_Row]:
    rows = CaseStep.objects.filter(
        day__gte=since, name__in=sorted({name for _, name in words}), case__kind__in=sorted({k for k, _ in words})
    ).order_by("id")  # fmt: skip
    fields = ("case__subject_id", "case__customer_number", "case__kind", "name", "day")
    if customers is None:
        found = list(rows.values_list(*fields))
    else:
        wanted = sorted(set(customers))
        found = [
            row
            for part in in_parts(wanted, _AT_ONCE)
            for row in rows.filter(case__customer_number__in=part).values_list(*fields)
        ]
    return [
        (subject, customer, words[Kind(kind), name], day)
        for subject, customer, kind, name, day in found
        if (Kind(kind), name) in words
    ]
