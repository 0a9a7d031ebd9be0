"""Cases as pages list and show them.

In: a scope and who looks. Out: plain rows; one case with its history and what may be done now. Never: a word of a case in a
list, a case of somebody out of scope (it reads as not there), a query for each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tuogu import vault
from tuogu.books import queries as books
from tuogu.cases import attempts, whose
from tuogu.cases.appending import opened
from tuogu.cases.failures import CaseUnknown
from tuogu.cases.kinds import Kind, machine
from tuogu.cases.models import Case, CaseStep, HandedLine
from tuogu.cases.needs import lacking_papers, papers_in
from tuogu.cases.opening import with_state
from tuogu.cases.ruling import CaseRules
from tuogu.cases.stepping import takers
from tuogu.cases.turns import in_view, waits_for
from tuogu.core.steps import Step, StepError
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class CaseRow:
    """One line of a list. `parts`: who must act now; `due_date`: by when, where there is such a day."""

    id: int
    kind: str
    state: str
    state_label: str
    policy_number: str
    customer_number: str
    topic: str
    former: int | None
    other: int | None
    due_date: date | None
    opened_date: date
    parts: tuple[str, ...]
    closed: bool


@dataclass(frozen=True)
class StepRow:
    """One line of a history; what was given in words is `texts_of`."""

    seq: int
    name: str
    label: str
    target: str
    by: int
    at: datetime
    day: date
    facts: dict[str, Any]
    record: int | None
    batch: int | None


@dataclass(frozen=True)
class CaseRecord:
    """One case. `steps`: what the viewer may do now; `lacking`: papers still to come; `tried`: the search so far."""

    row: CaseRow
    history: tuple[StepRow, ...]
    steps: tuple[Step, ...]
    holders: tuple[int, ...]
    opened_by: int
    rulebook: str
    have: tuple[str, ...]
    lacking: tuple[str, ...]
    tried: attempts.Tried | None
    lines: tuple[tuple[str, str], ...]  # of a hand-over: policy, customer
    items: tuple[str, ...]  # of a hand-over: what must be gone through


def visible(scope: Scope, person: int) -> QuerySet[Any]:
    """The cases that a scope shows, and those in which the person has a part of the own."""
    rows = with_state(Case.objects.all())
    if scope.all_rows:
        return rows
    own = Q(former=person) | Q(other=person)
    customers = books.numbers_within(scope)
    people = org.custodians_within(scope)
    if customers is None:
        by_customer = ~Q(customer_number="")
    else:
        by_customer = Q(customer_number__in=customers)
    handed = Q(kind=Kind.HAND_OVER)
    if people is not None:
        handed &= Q(former__in=people) | Q(other__in=people)
    return rows.filter(own | by_customer | handed)


def case_page(
    scope: Scope,
    person: int,
    *,
    kind: str = "",
    state: str = "",
    view: str = "open",
    today: date,
    before: int | None = None,
    size: int = 40,
) -> list[CaseRow]:
    """The newest cases, or those older than `before`. `view`: mine (waits for this person), open, closed, all."""
    rows = in_view(visible(scope, person), view, person, today)
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return told(list(rows.order_by("-pk")[:size]))


def counts(scope: Scope, person: int) -> dict[tuple[str, str], int]:
    """(kind, state) → how many within scope. One query."""
    rows = visible(scope, person).order_by().values("kind", "state").annotate(n=Count("pk"))
    return {(row["kind"], row["state"]): row["n"] for row in rows}


def waiting_count(scope: Scope, person: int, today: date) -> int:
    """How many cases wait for this person."""
    return in_view(visible(scope, person), "mine", person, today).count()


def quality_queue(scope: Scope, person: int, size: int = 200) -> list[CaseRow]:
    """What waits for quality, the oldest report first."""
    last = CaseStep.objects.filter(case=OuterRef("pk")).order_by("-seq")
    rows = visible(scope, person).filter(waits_for("quality")).annotate(since=last.values("day")[:1])
    return told(list(rows.order_by("since", "pk")[:size]))


def told(rows: Sequence[Case]) -> list[CaseRow]:
    """Lines of cases that carry their state: one more query, for the days by which papers are due."""
    dues = _papers_due([row.pk for row in rows if row.kind == Kind.PAPERS])
    found = []
    for row in rows:
        state: str = row.state  # type: ignore[attr-defined]  # annotated
        table = machine(row.kind)
        steps = [step for step in table.allowed(state) if step.by != "system"]
        closed = table.is_closed(state)
        found.append(
            CaseRow(
                row.pk, row.kind, state, table.states[state], row.policy_number, row.customer_number, row.topic,
                row.former_id, row.other_id, dues.get(row.pk, None if row.kind == Kind.PAPERS else row.due_date),
                row.opened_date,
                () if closed else tuple(dict.fromkeys(step.by for step in steps)), closed,
            )
        )  # fmt: skip
    return found


def _papers_due(cases: Sequence[int]) -> dict[int, date]:
    """Of papers that are complete and not yet at the counter: by when they must be there (S4-23)."""
    later = CaseStep.objects.filter(case=OuterRef("case"), seq__gt=OuterRef("seq"))
    rows = CaseStep.objects.filter(case_id__in=cases, name="complete").exclude(Exists(later))
    return {case: date.fromisoformat(facts["due"]) for case, facts in rows.values_list("case_id", "facts")}


def papers_overdue(scope: Scope, person: int, today: date) -> list[CaseRow]:
    """Complete papers that should have been at the counter by now, the oldest first (S4-23)."""
    complete = visible(scope, person).filter(kind=Kind.PAPERS, state="complete").order_by("pk")
    rows = [row for row in told(list(complete)) if row.due_date is not None and row.due_date < today]
    return sorted(rows, key=lambda row: (row.due_date, row.id))


def cases_of_customer(number: str, *, limit: int = 20) -> list[CaseRow]:
    """The newest cases of a customer whom the caller has found within scope."""
    return told(list(with_state(Case.objects.filter(customer_number=number)).order_by("-pk")[:limit]))


def case_record(scope: Scope, person: int, case_id: int, today: date) -> CaseRecord:
    """One case; CaseUnknown when there is none within scope."""
    case = visible(scope, person).filter(pk=case_id).first()
    if case is None:
        raise CaseUnknown(f"没有个案 {case_id}")
    history = list(CaseStep.objects.filter(case=case).order_by("seq"))
    rules = CaseRules.on(case.opened_date)
    papers = case.kind == Kind.PAPERS
    lines = HandedLine.objects.filter(case=case).order_by("subject_id")
    return CaseRecord(
        told([case])[0],
        _history(case, history),
        _steps(case, history, person, today),
        tuple(whose.holders(case)) if case.kind != Kind.HAND_OVER else (),
        case.opened_by_id,
        case.rulebook,
        tuple(sorted(papers_in(history))) if papers else (),
        lacking_papers(case, history, rules) if papers else (),
        attempts.standing(case, history, rules.book) if case.kind == Kind.DIFFICULT else None,
        tuple(
            (number or "", customer)
            for number, customer in lines.values_list("subject__number", "customer_number")
        )
        if case.kind == Kind.HAND_OVER
        else (),
        rules.handover_items if case.kind == Kind.HAND_OVER else (),
    )


def _steps(case: Case, history: Sequence[CaseStep], person: int, today: date) -> tuple[Step, ...]:
    table, parts = machine(case.kind), whose.parts(case, person, today)
    found = []
    for step in table.allowed(history[-1].target):
        if step.by in parts:
            try:
                table.second_person(step.source, step.name, takers(history), str(person))
            except StepError:
                continue
            found.append(step)
    return tuple(found)


def _history(case: Case, history: Sequence[CaseStep]) -> tuple[StepRow, ...]:
    table = machine(case.kind)
    words = {step.name: step.label for step in table.steps}
    return tuple(
        StepRow(
            step.seq, step.name, words.get(step.name, "立案"), table.states[step.target], step.by_id, step.at, step.day,
            step.facts, step.record_id, step.batch_id,
        )
        for step in history
    )  # fmt: skip


def texts_of(case_id: int) -> dict[int, dict[str, str]]:
    """What was given in words, line → need → text, in clear: for the choke point of personal data only."""
    rows = list(CaseStep.objects.filter(case_id=case_id).order_by("seq").values_list("seq", "texts_sealed"))
    texts = vault.open_texts(sealed for _seq, sealed in rows)
    return {seq: opened(text) for (seq, _sealed), text in zip(rows, texts, strict=True) if text}
