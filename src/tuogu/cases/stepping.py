"""Takes a step in a case: the one way in which a case goes on.

In: a case, a step, what is given, who, when. Out: a line of history, and where the table says so one batch of the ledger.
Never: a step that the table does not hold, by somebody who has no part in it, without what it needs; custody moved by one
person, or where it has moved since it was proposed (S1-31, S4-10).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu.cases import cards, whose
from tuogu.cases.appending import append, sealed
from tuogu.cases.failures import CaseUnknown, refused
from tuogu.cases.kinds import Kind, machine
from tuogu.cases.models import Case, CaseStep, HandedLine
from tuogu.cases.moving import head_of, move
from tuogu.cases.needs import Given, Provided, provided
from tuogu.cases.ruling import CaseRules
from tuogu.core.custody import business_date
from tuogu.core.steps import Machine, Step, StepError
from tuogu.org import queries as org

_PROPOSES = {
    "report",
    "propose",
}  # the head of custody is kept with these: what is agreed to is what was seen


@dataclass(frozen=True)
class Taken:
    """The line that was written. `batch`: of the ledger, where custody moved."""

    case_id: int
    seq: int
    state: str
    batch: int | None = None


def take(case_id: int, name: str, given: Given | None = None, *, by: int, at: datetime) -> Taken:
    """One step of one case. CaseRefused says why not, and what can be done now."""
    try:
        return _take(case_id, name, given or Given(), by=by, at=at)
    except StepError as wrong:
        raise refused(wrong.told(_)) from None


@transaction.atomic
def _take(case_id: int, name: str, given: Given, *, by: int, at: datetime) -> Taken:
    case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise CaseUnknown(f"没有个案 {case_id}")
    history = list(CaseStep.objects.filter(case=case).order_by("seq"))
    table, today = machine(case.kind), business_date(at)
    row = table.step(history[-1].target, name)
    _require_part(table, row, case, by, today)
    table.second_person(row.source, name, takers(history), str(by))
    rules = CaseRules.on(case.opened_date)
    day = _day(case, given, today, rules)
    found = provided(case, history, row, given, day, rules)
    target = table.after(row.source, name, found.met)
    facts = dict(found.facts)
    if name in _PROPOSES and case.subject_id:
        facts["head"] = head_of(case.subject_id)
    if name == "build_card":
        facts["card"] = cards.build(case.customer_number, by=by, at=at).number
    if case.kind == Kind.HAND_OVER and "signature" in row.needs:
        facts["digest"] = _signed_for(case, history, facts)
    if case.kind == Kind.SERVICE and name == "receive":
        facts["for"] = sorted(whose.stands_for(by, today) & set(whose.holders(case)))
    batch = move(case, row, history, given, by=by, at=at) if row.moves else None
    write(case, history, row, day, facts, found, batch, by=by, at=at)
    if (
        case.kind == Kind.HAND_OVER and name == "new_signs"
    ):  # open tasks have moved with custody: nothing is left to do
        append([case], "finish", by=org.machine(), at=at)
        target = table.after(target, "finish")
    return Taken(case.pk, len(history) + 1, target, batch)


def takers(history: Sequence[CaseStep]) -> dict[str, str]:
    """Who took each step last."""
    return {step.name: str(step.by_id) for step in history}


def write(
    case: Case,
    history: Sequence[CaseStep],
    row: Step,
    day: date,
    facts: dict[str, Any],
    found: Provided | None,
    batch: int | None,
    *,
    by: int,
    at: datetime,
) -> None:
    """Append the line; of two at once, the second is told."""
    texts = found.texts if found else {}
    try:
        with transaction.atomic():
            CaseStep.objects.create(
                case=case, seq=len(history) + 1, name=row.name, source=row.source, target=row.target, by_id=by, at=at,
                day=day, facts=facts, texts_sealed=sealed(texts), record_id=found.record if found else None,
                batch_id=batch,
            )  # fmt: skip
    except IntegrityError:
        raise refused(_("这件个案刚被别人办了一步，请刷新")) from None


def _require_part(table: Machine, row: Step, case: Case, by: int, today: date) -> None:
    if row.by not in whose.parts(case, by, today):
        raise refused(
            _("%(what)s“%(step)s”由%(who)s办理")
            % {"what": _(table.title), "step": _(row.label), "who": whose.words([row.by])}
        )


def _day(case: Case, given: Given, today: date, rules: CaseRules) -> date:
    day = given.day or today
    if day > today:
        raise refused(_("日期：不能晚于今天"))
    if day < case.opened_date - timedelta(days=rules.backdated_days):
        raise refused(_("日期：最早为立案前 %(n)s 天") % {"n": rules.backdated_days})
    return day


def _signed_for(case: Case, history: Sequence[CaseStep], facts: dict[str, Any]) -> str:
    """What a signature under a hand-over stands for: exactly these policies and exactly these items (S4-34)."""
    subjects = (
        HandedLine.objects.filter(case=case).order_by("subject_id").values_list("subject_id", flat=True)
    )
    listed = [step.facts["checked"] for step in history if "checked" in step.facts]
    items = facts.get("checked") or (listed[-1] if listed else [])
    text = json.dumps([case.pk, list(subjects), items])
    return hashlib.sha256(text.encode()).hexdigest()
