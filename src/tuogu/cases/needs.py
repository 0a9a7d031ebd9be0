"""What must come with a step, and whether it did.

In: a case with its history, a step of its table, what a person gave. Out: `Provided`: the needs that are met, the facts to
be kept. Never: an attempt without method and day, a visit that is no face visit of this customer (A-30), papers called
complete while one is lacking (S4-35), a field for cash (L-02).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tuogu.cases import attempts
from tuogu.cases.cards import card_of
from tuogu.cases.deadlines import papers_due
from tuogu.cases.failures import refused
from tuogu.cases.kinds import Kind
from tuogu.cases.models import Case, CaseStep
from tuogu.cases.ruling import CaseRules
from tuogu.core import paper_lists
from tuogu.core.attempts import METHODS, report_late
from tuogu.core.machines import NEEDS
from tuogu.core.steps import Step
from tuogu.work import queries as work

TEXTS = (  # given in words
    "answers", "report", "feedback", "reason", "form", "payment", "loss_notice", "service_record", "good_result", "findings",
    "remedy", "receipt", "outcome", "told", "delivery",
)  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What a person gives with a step. `texts`: by need; `day`: when it happened, None = today; `record`: of `work`;
    `receiver`: who shall hold it, where the step leaves a choice; `checked`: items of the hand-over list."""

    day: date | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    paper: str = ""
    record: int | None = None
    receiver: int | None = None
    checked: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True)
class Provided:
    """What is met, and what is kept of it."""

    met: frozenset[str]
    facts: dict[str, Any]
    texts: dict[str, str]
    record: int | None


@dataclass(frozen=True)
class _Ask:
    case: Case
    history: Sequence[CaseStep]
    step: Step
    given: Given
    day: date
    rules: CaseRules


def provided(
    case: Case, history: Sequence[CaseStep], step: Step, given: Given, day: date, rules: CaseRules
) -> Provided:
    """Judge everything that the step asks for. CaseRefused for something wrong; what is merely absent is not met."""
    ask = _Ask(case, history, step, given, day, rules)
    facts: dict[str, Any] = {}
    met, texts = set(), {}
    for need in step.needs:
        if need in TEXTS:
            text = _text(need, given, rules)
            if text:
                met.add(need)
                texts[need] = text
            continue
        found = _JUDGES[need](ask)
        if found is not None:
            met.add(need)
            facts |= found
    remark = _text("remark", given, rules)
    if remark:
        texts["remark"] = remark
    facts |= _dates(ask)
    record = given.record if given.record is not None and _record(ask) else None
    return Provided(frozenset(met), facts, texts, record)


def _text(need: str, given: Given, rules: CaseRules) -> str:
    text = given.texts.get(need, "").strip()
    if len(text) > rules.text_chars_max:
        raise refused(
            _("%(field)s：最多 %(n)s 个字") % {"field": _(NEEDS.get(need, "备注")), "n": rules.text_chars_max}
        )
    return text


def _dates(ask: _Ask) -> dict[str, Any]:
    """Days that follow from this step: whether it came in time, by when the next is due."""
    case, name = ask.case, ask.step.name
    if case.kind == Kind.PAPERS and name == "complete":
        return {"due": papers_due(ask.day, ask.rules.book).isoformat()}  # S4-23
    if case.kind == Kind.PAPERS and name == "submit":
        due = next(one.facts["due"] for one in reversed(ask.history) if one.name == "complete")
        return {"late": ask.day > date.fromisoformat(due)}
    if case.kind == Kind.DIFFICULT and name == "report":
        return {"late": report_late(ask.day, case.due_date)}  # S1-31
    if case.kind == Kind.LAPSED and name == "notice" and case.due_date is not None:
        return {"late": ask.day > case.due_date}  # S4-20: before the grace ends
    return {}


def _attempt(ask: _Ask) -> dict[str, Any] | None:
    if not ask.given.method:
        return None
    if ask.given.method not in METHODS:
        raise refused(_("联系方式：没有这一种"))
    return {"method": ask.given.method, "reached": ask.step.name == "reach"}


def _six_methods(ask: _Ask) -> dict[str, Any] | None:
    found = attempts.standing(ask.case, ask.history, ask.rules.book)
    if not found.exhausted:
        raise refused(  # S4-04
            _("规定方式还缺 %(n)s 种：%(which)s")
            % {"n": found.lacking, "which": _("、").join(_(one) for one in found.unused)}
        )
    return {"methods": found.methods}


def _visit(ask: _Ask) -> dict[str, Any] | None:
    row = _record(ask)
    if row is None:
        return None
    if row.kind != "visit" or row.outcome != "met":
        raise refused(_("面访记录：只有当面见到客户的才算"))
    if any(one.record_id == row.id for one in ask.history):
        raise refused(_("面访记录：这一次已登记过"))
    return {}


def _record(ask: _Ask) -> work.RecordRow | None:
    if ask.given.record is None:
        return None
    row = work.record(ask.given.record)
    if row is None or row.customer_number != ask.case.customer_number:
        raise refused(_("服务记录：不是这位客户的"))
    return row


def _paper(ask: _Ask) -> dict[str, Any] | None:
    paper, have = ask.given.paper, papers_in(ask.history)
    if not paper:
        return None
    if ask.step.name == "take_back":
        if paper not in have:
            raise refused(_("资料：这一项没有收到过"))
        return {"paper": paper}
    if paper not in paper_lists.missing(ask.case.topic, have, ask.rules.book):
        raise refused(_("资料：清单里没有这一项，或已经收到"))
    return {"paper": paper}


def _all_papers(ask: _Ask) -> dict[str, Any] | None:
    return {} if not lacking_papers(ask.case, ask.history, ask.rules) else None


def _checklist(ask: _Ask) -> dict[str, Any] | None:
    checked, items = set(ask.given.checked), ask.rules.handover_items
    if checked - set(items):
        raise refused(_("交接清单：有不认识的项目"))
    return {"checked": sorted(checked)} if checked == set(items) else None


def _card(ask: _Ask) -> dict[str, Any] | None:
    card = card_of(ask.case.customer_number)
    if ask.step.name == "build_card":
        if card is not None:
            raise refused(_("这位客户已有服务卡，请选“接管客户服务卡”"))
        return {}  # built with the step
    return None if card is None else {"card": card.number}


_JUDGES: dict[str, Callable[[_Ask], dict[str, Any] | None]] = {
    "signature": lambda ask: {"signed": True} if ask.given.signed else None,
    "card": _card,
    "visit": _visit,
    "revisit": _visit,
    "attempt": _attempt,
    "six_methods": _six_methods,
    "paper": _paper,
    "all_papers": _all_papers,
    "checklist": _checklist,
}


def papers_in(history: Sequence[CaseStep]) -> set[str]:
    """What has been received and not been given back."""
    have: set[str] = set()
    for step in history:
        if step.name == "add":
            have.add(step.facts["paper"])
        elif step.name == "take_back":
            have.discard(step.facts["paper"])
    return have


def lacking_papers(case: Case, history: Sequence[CaseStep], rules: CaseRules) -> tuple[str, ...]:
    """What is still to come of the list of this service."""
    return paper_lists.missing(case.topic, papers_in(history), rules.book)
