"""States of a case as a table of allowed steps: what may follow what, who takes the step, and what it needs (S1-23, A-29).

In: a `Machine` (tables in `core.machines`), a state, a step. Out: the next state, the steps allowed now, pairs for a
database's own check. Never: a step that the table does not hold, a state from which no end can be
reached, two meanings of one step.

`needs` names what must be given with the step (words in `machines.NEEDS`); `by` the part that takes it; `not_by` steps whose
taker may not take this one as well (a second person); `moves` to whom custody goes with it ("" = custody stays).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

REFUSALS = {  # why a step cannot be taken; %(…)s are words of a table
    "closed": "%(what)s处于“%(state)s”，不能“%(step)s”；已经办结，不能再变",
    "not_now": "%(what)s处于“%(state)s”，不能“%(step)s”；现在可以：%(possible)s",
    "lacking": "%(what)s“%(step)s”还缺：%(needs)s",
    "same_person": "%(what)s“%(step)s”须由“%(former)s”以外的另一人办理",
    "no_state": "%(what)s没有“%(state)s”这个状态",
}


class StepError(ValueError):
    """The step cannot be taken now; the message (Chinese) says why and what can. `words` with its `parts` (words, or
    several of them) say the same to a face that speaks another language."""

    def __init__(self, refusal: str, **parts: str | tuple[str, ...]) -> None:
        self.words, self.parts = REFUSALS[refusal], parts
        told = {name: part if isinstance(part, str) else "、".join(part) for name, part in parts.items()}
        super().__init__(self.words % told)

    def told(self, word: Callable[[str], str]) -> str:
        """The sentence and each of its words as `word` says them in another language."""
        parts = {
            name: word(part) if isinstance(part, str) else word("、").join(map(word, part))
            for name, part in self.parts.items()
        }
        return word(self.words) % parts


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of a table: from `source` by `name` to `target`."""

    source: str
    name: str
    target: str
    label: str
    by: str
    needs: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    moves: str = ""


@dataclass(frozen=True)
class Machine:
    """`states`: code → word, in the order in which people think of them. `closed`: nothing more is owed in these."""

    name: str
    title: str
    req: str
    first: str
    states: Mapping[str, str]
    steps: tuple[Step, ...]
    closed: frozenset[str]
    needs: Mapping[str, str]  # words of everything that a step may need

    def allowed(self, state: str) -> tuple[Step, ...]:
        """The steps out of a state, in the order of the table; none in an end."""
        self._known(state)
        return tuple(step for step in self.steps if step.source == state)

    def step(self, state: str, name: str) -> Step:
        """The row of this step; StepError when it is not allowed in this state."""
        rows = self.allowed(state)
        for row in rows:
            if row.name == name:
                return row
        label = next((row.label for row in self.steps if row.name == name), name)
        now = {"what": self.title, "state": self.states[state], "step": label}
        if not rows:
            raise StepError("closed", **now)
        raise StepError("not_now", **now, possible=tuple(dict.fromkeys(row.label for row in rows)))

    def after(self, state: str, name: str, given: Collection[str] | None = None) -> str:
        """The state after a step. `given`: what comes with it, checked against its needs; None = not asked here."""
        row = self.step(state, name)
        if given is not None:
            lacking = tuple(self.needs[need] for need in row.needs if need not in given)
            if lacking:
                raise StepError("lacking", what=self.title, step=row.label, needs=lacking)
        return row.target

    def is_closed(self, state: str) -> bool:
        """True when nothing more is owed."""
        self._known(state)
        return state in self.closed

    def second_person(self, state: str, name: str, takers: Mapping[str, str], by: str) -> None:
        """StepError when `by` took one of the steps after which another person must take this one.

        `takers`: step → staff number of who took it last in this case.
        """
        row = self.step(state, name)
        for former in row.not_by:
            if takers.get(former) == by:
                label = next(each.label for each in self.steps if each.name == former)
                raise StepError("same_person", what=self.title, step=row.label, former=label)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(from, to) of all steps, each once: what a database may check by itself."""
        return tuple(sorted({(step.source, step.target) for step in self.steps}))

    def _known(self, state: str) -> None:
        if state not in self.states:
            raise StepError("no_state", what=self.title, state=state)


def faults(machine: Machine) -> Iterator[str]:
    """What is wrong with a table itself; nothing for a sound one."""
    seen: set[tuple[str, str]] = set()
    for step in machine.steps:
        for state in (step.source, step.target):
            if state not in machine.states:
                yield f"{step.name}: unknown state {state}"
        if (step.source, step.name) in seen:
            yield f"{step.source}: two steps {step.name}"
        seen.add((step.source, step.name))
        yield from (f"{step.name}: unknown need {need}" for need in step.needs if need not in machine.needs)
        names = {each.name for each in machine.steps}
        yield from (f"{step.name}: unknown step {former}" for former in step.not_by if former not in names)
    onward = reachable(machine.pairs(), {machine.first})
    backward = reachable([(to, source) for source, to in machine.pairs()], machine.closed)
    for state in machine.states:
        if state not in onward:
            yield f"{state}: cannot be reached"
        if state not in backward:
            yield f"{state}: no way to an end"


def reachable(pairs: Collection[tuple[str, str]], starts: Collection[str]) -> frozenset[str]:
    """Every state that can be reached from `starts` along `pairs`, the starts included."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += [to for source, to in pairs if source == state]
    return frozenset(found)
