"""The cross-department project (S0-26): rounds of steps, each with an owner department, its hand-offs, what is overdue.

In: a round's name, month and institution; a step and who takes it or hands it on. Out: rounds with their steps as they
stand. Never: a hand-off changed or taken away (a step to be done again is handed back, which is a further line); a step
taken by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.plans.models import HandOff, Round, RoundStep, ScheduledRelease, StoredPlan
from tuogu.plans.reach import covers
from tuogu.rules import queries as rules

Kind, Artefact = HandOff.Kind, HandOff.Artefact
STEP_PARTS = 3  # of a line of the template: title, department, days


@dataclass(frozen=True)
class StepWish:
    """A step to open. `department_code`: the institution, where the department is one on record."""

    title: str
    department: str
    due_date: date
    department_code: str = ""


@dataclass(frozen=True)
class HandOffLine:
    """One line of a step's log."""

    kind: str
    label: str
    by: int
    by_name: str
    at: datetime
    note: str
    artefact: str
    artefact_id: int | None


@dataclass(frozen=True)
class StepLine:
    """A step as it stands: waiting | taken | done. `log` is every hand-off, oldest first."""

    id: int
    number: int
    title: str
    department: str
    department_code: str
    due_date: date
    state: str
    log: tuple[HandOffLine, ...]

    def overdue(self, today: date) -> bool:
        """Not handed on by its day."""
        return self.state != Kind.DONE and self.due_date < today

    @property
    def taken_at(self) -> datetime | None:
        """When it was last taken in hand."""
        return next((line.at for line in reversed(self.log) if line.kind == Kind.TAKEN), None)

    @property
    def done_at(self) -> datetime | None:
        """When it was handed on, if it is."""
        return self.log[-1].at if self.state == Kind.DONE else None


@dataclass(frozen=True)
class RoundLine:
    """A round with its steps in order."""

    id: int
    name: str
    month: date
    institution_code: str
    institution: str
    coordinating: str
    opened_by: int
    opened_by_name: str
    opened_at: datetime
    steps: tuple[StepLine, ...]

    @property
    def done(self) -> int:
        """Steps that are handed on."""
        return sum(step.state == Kind.DONE for step in self.steps)

    def overdue(self, today: date) -> list[StepLine]:
        """Steps that should have been handed on before `today`."""
        return [step for step in self.steps if step.overdue(today)]


def template(on: date, first_day: date) -> list[StepWish]:
    """The steps of the rulebook in force on a day, each due so many days after the one before."""
    wishes, day = [], first_day
    for line in rules.applicable(on)["plans.round_steps"]:
        parts = [part.strip() for part in line.split("=")]
        if len(parts) != STEP_PARTS or not parts[2].isdecimal():
            raise PlanRefused(f"步骤模板“{line}”应写成 步骤=牵头部门=天数")
        day += timedelta(days=int(parts[2]))
        wishes.append(StepWish(parts[0], parts[1], day))
    return wishes


@transaction.atomic
def open_round(
    name: str, *, month: date, institution_code: str, coordinating: str, steps: Sequence[StepWish], by: int, at: datetime
) -> int:  # fmt: skip
    """Open a round; returns its id. PlanRefused: no name, no steps, a step without owner, an unknown institution, a name
    that this institution has had, nobody to sign."""
    if not name.strip() or not coordinating.strip():
        raise PlanRefused("请写明轮次名称和协调小组")
    if not steps or any(not step.title.strip() or not step.department.strip() for step in steps):
        raise PlanRefused("每一步都要有名称和牵头部门")
    known = set(org.institutions()["institution_code"])
    strange = {institution_code, *(s.department_code for s in steps if s.department_code)} - known
    if strange:
        raise PlanRefused(f"没有机构 {sorted(strange)[0]}")
    if not org.is_person(by):
        raise PlanRefused("轮次须由在册人员开立")
    if Round.objects.filter(institution_code=institution_code, name=name.strip()).exists():
        raise PlanRefused(f"该机构已有轮次“{name.strip()}”")
    row = Round.objects.create(
        name=name.strip(), month=month.replace(day=1), institution_code=institution_code,
        coordinating=coordinating.strip(), opened_by_id=by, opened_at=at,
    )  # fmt: skip
    RoundStep.objects.bulk_create(
        RoundStep(
            round=row, number=number, title=step.title.strip(), department=step.department.strip(),
            department_code=step.department_code, due_date=step.due_date,
        )
        for number, step in enumerate(steps, start=1)
    )  # fmt: skip
    return row.pk


@transaction.atomic
def hand_off(
    step_id: int, kind: str, *, note: str = "", artefact: str = "", artefact_id: int | None = None, by: int, at: datetime
) -> None:  # fmt: skip
    """Take a step in hand, hand it on as done, or hand a done one back with a reason. PlanRefused: out of turn for the
    step's own log, an artefact that there is none of, nobody to sign."""
    if not org.is_person(by):
        raise PlanRefused("交接须由在册人员进行")
    log = list(HandOff.objects.filter(step_id=step_id).order_by("number").values_list("kind", flat=True))
    state = _state(log)
    if kind == Kind.TAKEN and state != "waiting":
        raise PlanRefused("这一步已有人接收")
    if kind == Kind.DONE and state != Kind.TAKEN:
        raise PlanRefused("先接收，再移交")
    if kind == Kind.BACK and (state != Kind.DONE or not note.strip()):
        raise PlanRefused("只有已移交的步骤可以退回，并须写明理由")
    _require_artefact(artefact, artefact_id)
    try:
        with transaction.atomic():
            HandOff.objects.create(
                step_id=step_id, number=len(log) + 1, kind=kind, by_id=by, at=at, note=note.strip(), artefact=artefact,
                artefact_id=artefact_id if artefact else None,
            )  # fmt: skip
    except IntegrityError as taken:
        raise PlanRefused("刚刚有人交接了这一步；请刷新后再看") from taken


def rounds(scope: Scope) -> list[RoundLine]:
    """The rounds of institutions within scope, newest first."""
    return _lines([row for row in Round.objects.order_by("-pk") if covers(scope, [row.institution_code])])


def round_line(round_id: int, scope: Scope) -> RoundLine:
    """One round; PlanUnknown when there is none within scope."""
    row = Round.objects.filter(pk=round_id).first()
    if row is None or not covers(scope, [row.institution_code]):
        raise PlanUnknown(f"没有轮次 {round_id}")
    return _lines([row])[0]


def round_of_step(step_id: int, scope: Scope) -> RoundLine:
    """The round that a step belongs to; PlanUnknown as in `round_line`."""
    found = RoundStep.objects.filter(pk=step_id).values_list("round_id", flat=True).first()
    if found is None:
        raise PlanUnknown(f"没有步骤 {step_id}")
    return round_line(found, scope)


def overdue_steps(scope: Scope, today: date) -> list[tuple[RoundLine, StepLine]]:
    """Every step within scope that is late, the oldest due day first."""
    late = [(line, step) for line in rounds(scope) for step in line.overdue(today)]
    return sorted(late, key=lambda pair: (pair[1].due_date, pair[1].id))


def _lines(rows: list[Round]) -> list[RoundLine]:
    steps = list(RoundStep.objects.filter(round__in=rows).order_by("round_id", "number"))
    log = list(HandOff.objects.filter(step__in=steps).order_by("step_id", "number"))
    names = org.names({row.opened_by_id for row in rows} | {line.by_id for line in log})
    places = org.institution_names([row.institution_code for row in rows])
    by_step: dict[int, list[HandOff]] = {}
    for line in log:
        by_step.setdefault(line.step_id, []).append(line)
    by_round: dict[int, list[StepLine]] = {}
    for step in steps:
        by_round.setdefault(step.round_id, []).append(_step(step, by_step.get(step.pk, []), names))
    return [
        RoundLine(
            row.pk, row.name, row.month, row.institution_code, places.get(row.institution_code, row.institution_code),
            row.coordinating, row.opened_by_id, names.get(row.opened_by_id) or "", row.opened_at,
            tuple(by_round.get(row.pk, [])),
        )
        for row in rows
    ]  # fmt: skip


def _step(step: RoundStep, log: list[HandOff], names: dict[int, str | None]) -> StepLine:
    lines = tuple(
        HandOffLine(
            x.kind,
            x.get_kind_display(),
            x.by_id,
            names.get(x.by_id) or "",
            x.at,
            x.note,
            x.artefact,
            x.artefact_id,
        )
        for x in log
    )
    return StepLine(
        step.pk, step.number, step.title, step.department, step.department_code, step.due_date,
        _state([x.kind for x in log]), lines,
    )  # fmt: skip


def _state(log: Sequence[str]) -> str:
    """waiting | taken | done: what was handed back waits again."""
    if not log or log[-1] == Kind.BACK:
        return "waiting"
    return str(log[-1])


def _require_artefact(artefact: str, artefact_id: int | None) -> None:
    if not artefact:
        return
    if artefact not in Artefact.values or artefact_id is None:
        raise PlanRefused("请写明所附的导入、方案或期次的编号")
    if artefact == Artefact.PLAN and not StoredPlan.objects.filter(pk=artefact_id).exists():
        raise PlanRefused(f"没有方案 {artefact_id}")
    if artefact == Artefact.RELEASE and not ScheduledRelease.objects.filter(pk=artefact_id).exists():
        raise PlanRefused(f"没有期次 {artefact_id}")
