"""The arrivals strategy's kernels and model, slow and obvious: twins for tests.

In: small Python lists. Out: what `arrivals.room`, `arrivals.keywords`, `arrivals.smoothing` and `supervise.dealing` must
give. Never: used by a planner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product


def most_room(
    items: Sequence[tuple[Sequence[int], int, Sequence[int]]],
    due: list[list[int]],
    held: list[int],
    limits: tuple[int, int],
    tie: Sequence[int],
) -> list[int]:
    """The taker of each item (months, size, allowed managers) in turn; -1 = nobody. `limits`: month ceiling, yearly cap."""
    takers = []
    for months, size, allowed in items:
        fit = [a for a in allowed if held[a] + size <= limits[1]]
        room = {a: min(limits[0] - due[a][m] - n for m, n in enumerate(months) if n) for a in fit}
        taker = min(fit, key=lambda a: (-room[a], tie[a]), default=-1)
        takers.append(taker)
        if taker >= 0:
            held[taker] += size
            due[taker] = [d + n for d, n in zip(due[taker], months, strict=True)]
    return takers


def keywords(
    seen: Sequence[tuple[str, str]], support_min: int, purity_bp: int
) -> Mapping[str, tuple[str, int, int]]:
    """word → (person, hits, support) from pairs (word, person) of served pieces, where both thresholds are reached."""
    found = {}
    for word in {word for word, _ in seen}:
        persons = Counter(person for other, person in seen if other == word)
        support = sum(persons.values())
        for person, hits in persons.items():
            if support >= support_min and hits * 10_000 >= purity_bp * support:
                found[word] = (person, hits, support)
    return found


def smoothest(
    due: Sequence[Sequence[int]],
    pieces: Sequence[tuple[int, Sequence[int], Sequence[int], int]],
    band: tuple[int, int],
) -> tuple[int, int]:
    """(pieces outside the band, price) of the best of all ways to move `pieces` (owner, months, takers, price)."""
    best: tuple[int, int] | None = None
    for choice in product(*([owner, *takers] for owner, _, takers, _ in pieces)):
        load, price = [list(months) for months in due], 0
        for (owner, months, _, cost), taker in zip(pieces, choice, strict=True):
            if taker == owner:
                continue
            price += cost
            for month, n in enumerate(months):
                load[owner][month] -= n
                load[taker][month] += n
        outside = sum(max(0, band[0] - n) + max(0, n - band[1]) for months in load for n in months)
        best = min(best or (outside, price), (outside, price))
    assert best is not None
    return best


def fewest_first(
    customers: Sequence[tuple[int, int]],
    people: Mapping[int, Sequence[int]],
    load: list[int],
    tie: Sequence[int],
) -> list[int]:
    """The specialist of each customer (branch, pieces) in turn: who has fewest in the branch; -1 = the branch has none."""
    takers = []
    for branch, size in customers:
        taker = min(people.get(branch, ()), key=lambda a: (load[a], tie[a]), default=-1)
        takers.append(taker)
        if taker >= 0:
            load[taker] += size
    return takers
