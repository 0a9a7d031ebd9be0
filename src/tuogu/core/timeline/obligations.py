"""What is owed to a customer, read from a rulebook: one section `[obligation.<key>]` a duty.

In: a rulebook. Out: `Obligation`s, in the order of the book. Never: a number that the book does not give; a duty of which it
gives a word that nothing reads (`obligation_problems` names it).

A section gives what sets the duty apart; the rest is in `[obligation.default]`. `same_as` takes numbers from other
parameters ("due_after=visits.first_window_days"), so that each number stands in the book once. A duty that is owed 0 times
is switched off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any

from tuogu.core.rulebook import Problem, Rulebook, RulebookError

GROUP = "obligation"
DEFAULT = "default"
ANY = "any"  # in a list: whatever it is, even unknown
LAPSING = "lapsing"  # only what the books know to be unpaid


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """One duty. Days count from the anchor: 0 is the anchor's day, 1 the day after; negative ones lie before it."""

    key: str
    title: str
    req: str  # the row that orders it, and the source line
    source: str
    reason: str  # one of core.labels.VISIT_REASONS
    anchor: str  # one of core.timeline.anchors.ANCHORS
    opens_after: int  # calendar days from the anchor's day to the first day that counts
    due_after: (
        int  # days from the anchor's day, or from the last day of its period, to the last day that is in time
    )
    due_from: str  # anchor | end (of the policy year, quarter, holiday)
    days: str  # calendar | working: how `due_after` is counted
    roll: str  # none | next_working | previous_working: where a last day off work moves
    times: int
    met_by: tuple[str, ...]  # of core.labels.EVIDENCE_KINDS
    count_by: str  # policy | customer: a record for one policy of a customer counts for all
    per: str  # policy | customer: owed once a customer, by who holds the first of the policies that it is owed for
    service_classes: tuple[str, ...]
    natures: tuple[str, ...]
    states: tuple[str, ...]
    premium_modes: tuple[str, ...]
    orphan_only: bool
    closed_too: bool  # owed for policies that are no longer live
    festivals: tuple[str, ...]  # anchor festival
    every_months: int  # anchor lapsed_held: again every so many months …
    repeats: int  # … so many times; 0 = once, on the anchor's own day
    grace_days: int  # anchor grace_end: from the instalment's due day
    instalments: (
        str  # anchor grace_end: every | lapsing (the one for which the books say that the policy lapses)
    )


_WORDS = {"title": "name"}  # field → parameter, where they differ
_NOT_READ = {"key", "req", "source"}
_FIELDS = {_WORDS.get(f.name, f.name): f.name for f in fields(Obligation) if f.name not in _NOT_READ}
_SAME_AS = "same_as"
_TAKEN: dict[str, tuple[Any, ...]] = {  # what may stand elsewhere, and as what
    "opens_after": (int,),
    "due_after": (int,),
    "times": (int,),
    "grace_days": (int,),
    "days": ("calendar", "working"),
    "count_by": ("policy", "customer"),
}
assert all(f.default is MISSING for f in fields(Obligation))


def obligations_of(rulebook: Rulebook) -> tuple[Obligation, ...]:
    """Every duty of the book that is owed at least once; RulebookError names what is missing."""
    found = tuple(_obligation(rulebook, key) for key in obligation_keys(rulebook))
    return tuple(duty for duty in found if duty.times > 0)


def obligation_keys(rulebook: Rulebook) -> list[str]:
    """The keys of the book's duties, in its order."""
    below = (key.split(".") for key in rulebook.parameters if key.startswith(f"{GROUP}."))
    return list(dict.fromkeys(parts[1] for parts in below if parts[1] != DEFAULT))


def obligation_problems(rulebook: Rulebook) -> Iterator[Problem]:
    """What of the book's duties could not be followed: parameters that nothing reads, numbers taken from nowhere."""
    for key in rulebook.parameters:
        if key.startswith(f"{GROUP}.") and key.rpartition(".")[2] not in {*_FIELDS, _SAME_AS}:
            yield Problem(key, "义务没有这一项", "、".join(_FIELDS))
    keys = obligation_keys(rulebook)
    taken = [problem for key in (DEFAULT, *keys) for problem in _taking_problems(rulebook, key)]
    yield from taken
    for key in [] if taken else keys:  # one number that is missing is one problem, not one of every duty
        yield from _duty_problems(rulebook, key)


def _taking_problems(rulebook: Rulebook, key: str) -> Iterator[Problem]:
    at = f"obligation.{key}.{_SAME_AS}"
    for word, other in _taken(rulebook, key).items():
        if word not in _TAKEN:
            yield Problem(at, f"{word} 不能取自别处", "、".join(_TAKEN))
        elif other not in rulebook.parameters:
            yield Problem(other, f"缺少参数：{at} 取自它")
        elif (value := rulebook[other]) not in _TAKEN[word] and type(value) not in _TAKEN[word]:
            yield Problem(at, f"{other} 的值 {value!r} 不能作 {word}")


def _duty_problems(rulebook: Rulebook, key: str) -> Iterator[Problem]:
    try:
        duty = _obligation(rulebook, key)
    except RulebookError as missing:
        yield Problem(f"obligation.{key}", str(missing))
        return
    if duty.due_from == "anchor" and duty.due_after < duty.opens_after:
        yield Problem(
            f"obligation.{key}.due_after", f"截止（{duty.due_after}）早于开始（{duty.opens_after}）"
        )


def _obligation(rulebook: Rulebook, key: str) -> Obligation:
    named = rulebook.parameters.get(f"{GROUP}.{key}.name")
    if named is None:
        raise RulebookError(f"{GROUP}.{key}.name")
    values = {field: _value(rulebook, key, word) for word, field in _FIELDS.items()}
    whole: dict[str, Any] = {
        field: tuple(value) if isinstance(value, list) else value for field, value in values.items()
    }
    return Obligation(key=key, req=named.req, source=named.source, **whole)


def _value(rulebook: Rulebook, key: str, word: str) -> Any:
    """The section's own value, or the one that its `same_as` names, or the default section's."""
    if (own := f"{GROUP}.{key}.{word}") in rulebook.parameters:
        return rulebook[own]
    for section in (key, DEFAULT):
        if (other := _taken(rulebook, section).get(word)) is not None:
            return rulebook[other]
    return rulebook[f"obligation.default.{word}"]


def _taken(rulebook: Rulebook, key: str) -> dict[str, str]:
    """Word → the parameter that the section takes it from."""
    lines = rulebook.parameters.get(f"obligation.{key}.{_SAME_AS}")
    pairs = [str(line).partition("=") for line in lines.value] if lines else []
    return {word.strip(): other.strip() for word, _, other in pairs}
