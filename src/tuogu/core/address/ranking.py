"""Which communities an unrecognised address may lie in, best first, each with what speaks for it.

In: what the parser left open, what was decided and coded nearby, what names resemble. Out: `Candidate`s. Never: a
candidate without evidence, a certainty that no evidence gives: people decide, the order only saves their eyes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# How much each kind of evidence is worth at most, strongest first. Ranks inside the desk, not rules of business: no
# address is coded by them.
SAME_ADDRESS = "same_address"  # a person coded the same text before
NEIGHBOURS = "neighbours"  # addresses with the same estate, road or firm in the same area are coded there
NAMED = "named"  # the text names it, and others alike
HEIR = "heir"  # what the address was coded to was divided into this
SIMILAR = "similar"  # its name resembles what is written
STREET = "street"  # customers of the same street live there
RESIDENTS = "residents"  # of the places that the name fits, the branch has customers there
_WORTH = {
    SAME_ADDRESS: 0.98,
    NEIGHBOURS: 0.95,
    NAMED: 0.9,
    HEIR: 0.9,
    SIMILAR: 0.6,
    STREET: 0.4,
    RESIDENTS: 0.4,
}
_SIMILAR_MIN = 0.5  # less than half of the characters in common is chance


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for a community: `count` of `total` cases, or a resemblance in percent."""

    kind: str
    count: int
    total: int


@dataclass(frozen=True)
class Candidate:
    """A community, how much speaks for it (0..1), and why, the strongest first."""

    code: str
    score: float
    evidence: tuple[Evidence, ...]


def ranked(
    *,
    same_address: Mapping[str, int] | None = None,
    neighbours: Mapping[str, int] | None = None,
    named: Sequence[str] = (),
    heirs: Sequence[str] = (),
    written: str = "",
    names: Mapping[str, str] | None = None,
    street: Mapping[str, int] | None = None,
    residents: Mapping[str, int] | None = None,
    limit: int,
) -> list[Candidate]:
    """The best `limit` communities. Mappings count cases by community code; `named` and `heirs` are codes that fit equally;
    `written` is what the text calls its place and `names` the communities (code → name without its ending) to compare."""
    found: dict[str, list[tuple[float, Evidence]]] = {}
    for kind, cases in (
        (SAME_ADDRESS, same_address),
        (NEIGHBOURS, neighbours),
        (STREET, street),
        (RESIDENTS, residents),
    ):
        total = sum((cases or {}).values())
        for code, count in (cases or {}).items():
            if count:
                found.setdefault(code, []).append(
                    (_WORTH[kind] * count / (total + 1), Evidence(kind, count, total))
                )
    for kind, codes in ((NAMED, named), (HEIR, heirs)):
        for code in codes:
            found.setdefault(code, []).append((_WORTH[kind] / len(codes), Evidence(kind, 1, len(codes))))
    for code, likeness in _alike(written, names or {}).items():
        found.setdefault(code, []).append(
            (_WORTH[SIMILAR] * likeness, Evidence(SIMILAR, round(100 * likeness), 100))
        )
    ordered = [_candidate(code, reasons) for code, reasons in found.items()]
    return sorted(ordered, key=lambda c: (-c.score, c.code))[:limit]


def _candidate(code: str, reasons: list[tuple[float, Evidence]]) -> Candidate:
    """Independent grounds add up as chances do: 1 − Π(1 − worth)."""
    reasons = sorted(reasons, key=lambda reason: -reason[0])
    missed = 1.0
    for worth, _ in reasons:
        missed *= 1 - worth
    return Candidate(code, round(1 - missed, 4), tuple(evidence for _, evidence in reasons))


def _alike(written: str, names: Mapping[str, str]) -> dict[str, float]:
    if len(written) < 2:
        return {}
    shares = {code: SequenceMatcher(None, written, name).ratio() for code, name in names.items() if name}
    return {code: share for code, share in shares.items() if share >= _SIMILAR_MIN}
