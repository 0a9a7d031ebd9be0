"""How sure the parser is of an address, and why.

In: a resolution and the written forms. Out: its confidence (0..1, of the deepest level) and evidence.
Never: a threshold: whether a confidence is enough is the rulebook's `address.confidence_min`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tuogu.core.address.gazetteer import Gazetteer
from tuogu.core.address.support import STREET, Form, Mark

# Confidence of a level by how it was found; the weakest level counts.
CONFIDENCE = {
    "full": 0.99,
    "stem": 0.92,
    "old": 0.95,
    "old_stem": 0.85,
    "repaired": 0.7,
    "bare": 0.7,  # a community in two characters, known to its district only
    "implied": 0.9,  # found through a level below it
    "unknown": 0.9,  # a name in between that the code book does not have
}
CONFLICT_FACTOR = 0.6  # another division is written and cannot be reconciled
HOME_FACTOR = 0.9  # no province, city or district is written: a street or community alone, or the home city
_LEVEL_LETTERS = "PCDSV"


@dataclass(slots=True)
class Resolution:
    """One address decided."""

    node: int = -1  # the deepest division down to a street; -1 none
    community: int = -1  # a row of the gazetteer's communities; -1 none
    marks: dict[int, Mark] = field(default_factory=dict)  # level → as written; 4 = community
    end: int = 0  # where the rest (road, building, room) begins
    confidence: float = 0.0
    evidence: list[str] = field(default_factory=list)
    candidates: tuple[int, ...] = ()  # tied nodes or community rows
    tie: str = ""  # "" | "division" | "community"


def judge(result: Resolution, gazetteer: Gazetteer, written: list[Form]) -> None:
    """Set confidence and evidence: the weakest link of the chain, less for what contradicts it."""
    evidence, marks = result.evidence, result.marks
    if result.node < 0:
        evidence.append("no_division")
    else:
        deepest = 4 if result.community >= 0 else gazetteer.levels[result.node]
        confidence = 1.0 if deepest in marks else CONFIDENCE["implied"]
        for level in sorted(marks):
            how = marks[level].how
            evidence.append(f"{_LEVEL_LETTERS[level]}:{how}")
            if level <= deepest:
                confidence = min(confidence, CONFIDENCE[how])
        if len(written) > len(marks) and _contradicted(result, gazetteer, written):
            confidence *= CONFLICT_FACTOR
            evidence.append("conflict")
        if 0 not in marks and 1 not in marks and 2 not in marks:
            confidence *= HOME_FACTOR
            evidence.append("no_city")
        result.confidence = round(confidence, 4)
    if result.tie:
        evidence.append(f"tie:{result.tie}")


def _contradicted(result: Resolution, gazetteer: Gazetteer, written: list[Form]) -> bool:
    """Is a province, city or district written that does not lie on the chosen chain?"""
    chain = set(gazetteer.ancestors(result.node))
    starts = {mark.start for mark in result.marks.values()}
    for start, end, named in written:
        if start in starts or end > result.end:
            continue
        above = {form >> 2 for form in named if gazetteer.levels[form >> 2] < STREET}
        if above and not chain & above:
            return True
    return False
