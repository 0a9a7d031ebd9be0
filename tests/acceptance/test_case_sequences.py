"""Generated histories: whatever is tried, the database keeps exactly what the tables of steps hold."""

from __future__ import annotations

import random

import pytest
from django.db import DatabaseError, transaction

from cast import Cast
from tuogu.cases.actions import CaseRefused, Given, take
from tuogu.cases.kinds import OPENED, Kind, machine
from tuogu.cases.models import Case, CaseStep
from tuogu.org import queries as org
from tuogu.org.roles import Role

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
TRIES = 60


def bare_case(cast: Cast, kind: Kind, place: int) -> Case:
    """A case without its first line, about nothing in particular."""
    from tuogu.ledger.models import Subject

    person = cast.people[Role.ACCOUNT_MANAGER]
    about = {"subject": Subject.objects.create(kind="policy", source_system="t", number=f"{kind}{place}")}
    if kind in (Kind.SERVICE, Kind.HAND_OVER):
        about = {}
    if kind == Kind.HAND_OVER:
        about = {"former_id": person, "other_id": cast.other}
    return Case.objects.create(
        key=f"{kind}/{place}/1", kind=kind, customer_number="" if kind == Kind.HAND_OVER else "C1", rulebook="t",
        opened_by_id=person, opened_date=cast.today, opened_at=cast.now, **about,
    )  # fmt: skip


@pytest.mark.req("S1-23", "S4-10", "S1-30", "S1-31", "S4-34", "S4-35")
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("seed", [1, 2])
def test_no_sequence_of_writes_makes_an_illegal_history(cast: Cast, kind: Kind, seed: int) -> None:
    draw, table = random.Random(f"{kind}{seed}"), machine(kind)
    case = bare_case(cast, kind, seed)
    states, names = ["", *table.states], sorted({step.name for step in table.steps} | {OPENED})
    allowed = {(step.source, step.name, step.target) for step in table.steps}
    history: list[str] = []
    for _ in range(TRIES):
        here = history[-1] if history else ""
        sound = [one for one in sorted(allowed) if one[0] == here] if history else [("", OPENED, table.first)]
        if sound and draw.random() < 0.4:
            source, name, target = draw.choice(sound)
        else:
            source, name, target = draw.choice(states), draw.choice(names), draw.choice(states[1:])
        seq = len(history) + draw.choice([0, 1, 1, 1, 1, 2])
        legal = seq == len(history) + 1 and (source, name, target) in sound
        try:
            with transaction.atomic():
                CaseStep.objects.create(
                    case=case, seq=seq, name=name, source=source, target=target, by_id=cast.other, at=cast.now,
                    day=cast.today,
                )  # fmt: skip
        except DatabaseError:
            assert not legal, (history, source, name, target)
        else:
            assert legal, (history, source, name, target)
            history.append(target)
    assert (
        list(CaseStep.objects.filter(case=case).order_by("seq").values_list("target", flat=True)) == history
    )


@pytest.mark.req("S1-23")
@pytest.mark.parametrize("kind", list(Kind))
def test_an_action_refuses_every_step_that_the_state_does_not_allow(cast: Cast, kind: Kind) -> None:
    table = machine(kind)
    case = bare_case(cast, kind, 0)
    CaseStep.objects.create(
        case=case, seq=1, name=OPENED, target=table.first, by_id=cast.other, at=cast.now, day=cast.today
    )
    now = {step.name for step in table.allowed(table.first)}
    for name in sorted({step.name for step in table.steps} - now):
        with pytest.raises(CaseRefused, match="不能“"):
            take(case.pk, name, Given(), by=org.machine(), at=cast.now)
    assert CaseStep.objects.filter(case=case).count() == 1
