"""The steps of every kind of case, told as paths: what leads where, and what is refused.

A path starts in the machine's first state; `!` before a step means that it is refused there.
"""

from __future__ import annotations

import random

import pytest

from tuogu.core.machines import MACHINES
from tuogu.core.steps import Machine, Step, StepError, faults, reachable

PATHS = """
machine    | req   | path                                                                        | end
service    | S1-23 | receive build_card query confirm complete return_visit maintain return_visit | maintained
service    | S1-23 | !build_card !query !return_visit receive !query !confirm build_card !complete | carded
service    | S1-23 | receive build_card !build_card query !complete !return_visit confirm !maintain complete | completed
service    | S1-23 | receive build_card query confirm complete return_visit data_changed confirm  | confirmed
service    | S1-23 | receive build_card moved !query receive take_card                           | carded
service    | S1-23 | receive end !receive !return_visit !end                                     | ended
difficult  | S1-31 | attempt attempt !confirm report !report confirm                             | confirmed
difficult  | S1-31 | attempt report return attempt report confirm attempt reach !attempt         | found
difficult  | S1-31 | attempt reach !report                                                       | found
hard       | S4-10 | !confirm report confirm !reach                                              | specialist
hard       | S4-10 | report return reach                                                         | found
lapsed     | S1-30 | receive visit revisit notice file_lost approve                              | closed
lapsed     | S1-30 | receive visit file_reinstated !file_lost approve !return                    | reinstated
lapsed     | S4-20 | !visit receive !notice !file_lost visit !file_lost !approve notice revisit file_lost return | noticed
lapsed     | S1-30 | receive visit file_reinstated return !approve                               | visited
dispatched | S4-10 | accept serve serve propose approve                                          | transferred
dispatched | S4-10 | accept !propose serve propose refuse !approve                               | kept
dispatched | S4-10 | accept serve !approve finish !propose                                       | done
dispatched | S4-10 | decline !serve                                                              | declined
problem    | S4-03 | !prove start !settle prove settle                                           | settled
problem    | S4-03 | start refute !prove                                                         | unfounded
papers     | S4-35 | add add !submit complete submit decide tell deliver                         | delivered
papers     | S4-23 | add complete take_back !submit add complete submit return !submit complete  | complete
papers     | S4-23 | complete submit !tell decide !deliver tell                                  | told
hand_over  | S4-34 | !new_signs old_signs new_signs finish !object                               | done
hand_over  | S4-34 | !finish old_signs !finish object sign_for_old new_signs                     | new_signed
penalty    | N-14  | !appeal notify appeal reverse !uphold                                       | reversed
penalty    | N-14  | notify appeal uphold void                                                   | reversed
penalty    | N-14  | notify expire !appeal                                                       | final
"""

# machine, state, step, what is lacking without anything given
NEEDS = """
difficult  | searching  | report          | 规定方式各有日期的联系记录、疑难件报告书
lapsed     | noticed    | file_lost       | 失效保单处理结果及反馈表、面访记录、再访记录、失效损失的告知
lapsed     | visited    | file_reinstated | 失效保单处理结果及反馈表、面访记录、复效凭据
papers     | complete   | submit          | 清单所列的全部资料、柜面受理凭据
hand_over  | listed     | old_signs       | 逐项核对的交接清单、签名
penalty    | notified   | appeal          | 理由
dispatched | served     | propose         | 服务结果良好的依据
service    | received   | build_card      | 客户服务卡编号
"""

# machine, state, step, who took which step before, taker: refused
SECOND_PERSON = """
difficult  | reported         | confirm   | report=E1          | E1
lapsed     | lost_filed       | approve   | file_lost=E1       | E1
dispatched | proposed         | approve   | propose=E1         | E1
hand_over  | old_signed       | new_signs | old_signs=E1       | E1
hand_over  | old_signed       | new_signs | sign_for_old=E1    | E1
penalty    | appealed         | uphold    | notify=E1          | E1
problem    | proven           | settle    | prove=E1           | E1
"""


def table(text: str, skip: int = 0) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[skip:]]


@pytest.mark.parametrize(
    ("name", "path", "end"),
    [
        pytest.param(name, path, end, marks=pytest.mark.req(req), id=f"{name}-{end}-{n}")
        for n, (name, req, path, end) in enumerate(table(PATHS, skip=1))
    ],
)
def test_a_path_leads_where_the_table_says(name: str, path: str, end: str) -> None:
    machine = MACHINES[name]
    state = machine.first
    for step in path.split():
        if step.startswith("!"):
            with pytest.raises(StepError, match="不能"):
                machine.after(state, step.removeprefix("!"))
        else:
            state = machine.after(state, step)
    assert state == end


@pytest.mark.req("S1-23", "S4-35", "S1-31", "S1-30")
@pytest.mark.parametrize(("name", "state", "step", "lacking"), table(NEEDS))
def test_a_step_without_what_it_needs_says_what_is_lacking(
    name: str, state: str, step: str, lacking: str
) -> None:
    machine = MACHINES[name]
    with pytest.raises(StepError, match=f"还缺：{lacking}$"):
        machine.after(state, step, ())
    given = machine.step(state, step).needs
    assert machine.after(state, step, given) == machine.step(state, step).target
    with pytest.raises(StepError):
        machine.after(state, step, given[1:])


@pytest.mark.req("S1-30", "S1-31", "S4-10", "S4-34")
@pytest.mark.parametrize(("name", "state", "step", "before", "by"), table(SECOND_PERSON))
def test_nobody_confirms_the_own_step(name: str, state: str, step: str, before: str, by: str) -> None:
    former, _, who = before.partition("=")
    with pytest.raises(StepError, match="另一人"):
        MACHINES[name].second_person(state, step, {former: who}, by)
    MACHINES[name].second_person(state, step, {former: who}, "another")
    MACHINES[name].second_person(state, step, {}, by)


@pytest.mark.req("S1-23")
@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_every_table_is_sound_and_every_walk_can_end(machine: Machine) -> None:
    assert list(faults(machine)) == []
    chance = random.Random(machine.name)
    for _ in range(50):
        state = machine.first
        for _ in range(30):
            steps = machine.allowed(state)
            if not steps:
                break
            step = chance.choice(steps)
            assert machine.after(state, step.name) == step.target
            state = step.target
        assert reachable(machine.pairs(), {state}) & machine.closed
    every = {step.name for step in machine.steps}
    for state in machine.states:
        for name in every - {step.name for step in machine.allowed(state)}:
            with pytest.raises(StepError, match=machine.title):
                machine.after(state, name)


@pytest.mark.req("S4-10")
def test_custody_moves_only_with_a_confirmed_step() -> None:
    moves = {(m.name, s.name): s for m in MACHINES.values() for s in m.steps if s.moves}
    assert set(moves) == {("difficult", "confirm"), ("hard", "confirm"), ("dispatched", "approve")}
    assert all(step.not_by for step in moves.values())


def test_a_table_with_a_trap_is_found_out() -> None:
    rows = (
        Step(source="a", name="go", target="b", label="去", by="x", needs=("nothing",), not_by=("fly",)),
        Step(source="a", name="go", target="c", label="去", by="x"),
        Step(source="b", name="turn", target="b", label="转", by="x"),
        Step(source="b", name="leave", target="z", label="走", by="x"),
    )
    machine = Machine(
        "m", "试", "S1-23", "a", {"a": "甲", "b": "乙", "c": "丙", "d": "丁"}, rows, frozenset({"c"}), {}
    )
    assert list(faults(machine)) == [
        "go: unknown need nothing", "go: unknown step fly", "a: two steps go", "leave: unknown state z",
        "b: no way to an end", "d: cannot be reached", "d: no way to an end",
    ]  # fmt: skip
    with pytest.raises(StepError, match="没有“q”"):
        machine.allowed("q")
    assert machine.is_closed("c")
