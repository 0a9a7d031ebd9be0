"""Appends the same line to many cases at once, and seals the words of a line.

In: cases, a step that the caller may take. Out: rows. Never: a step that the table does not hold (the database asks again),
a word in clear.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from tuogu import vault
from tuogu.bulk import in_parts
from tuogu.cases.kinds import machine
from tuogu.cases.models import Case, CaseStep
from tuogu.core.custody import business_date

_AT_ONCE = 500  # cases of one statement


def sealed(texts: Mapping[str, str]) -> bytes | None:
    """Words as they are stored; nothing where there are none."""
    return vault.seal_text(json.dumps(dict(texts), ensure_ascii=False)) if texts else None


def opened(content: str | None) -> dict[str, str]:
    """Words as they were given."""
    found: dict[str, str] = json.loads(content) if content else {}
    return found


def append(
    cases: Sequence[Case],
    name: str,
    *,
    by: int,
    at: datetime,
    facts: Mapping[int, dict[str, object]] | None = None,
) -> int:
    """The same step in many cases, whole rows at once; the caller has made sure that it may be taken. `facts`: by case."""
    last = _last([case.pk for case in cases])
    day = business_date(at)
    rows = []
    for case in cases:
        seq, state = last[case.pk]
        step = machine(case.kind).step(state, name)
        rows.append(
            CaseStep(
                case_id=case.pk, seq=seq + 1, name=name, source=state, target=step.target, by_id=by, at=at, day=day,
                facts=(facts or {}).get(case.pk, {}),
            )
        )  # fmt: skip
    CaseStep.objects.bulk_create(rows, batch_size=_AT_ONCE)
    return len(rows)


def _last(ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    found: dict[int, tuple[int, str]] = {}
    for part in in_parts(ids, _AT_ONCE):
        rows = CaseStep.objects.filter(case_id__in=part).order_by("seq")
        found |= {case: (seq, target) for case, seq, target in rows.values_list("case_id", "seq", "target")}
    return found
