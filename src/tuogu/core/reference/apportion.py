"""Apportionment, waves, table rounding, the deal and the rotation, one piece at a time, straight from their rules.

In and out: as `core.apportion`, `core.mix.deal` without its swaps, and `core.rotation.turns`. Never: fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import polars as pl

from tuogu.core.ties import tie_rank

Cell = tuple[str, str]
Item = tuple[str, str, int]  # number, stratum, value


def hashed(names: Sequence[str], salt: str, seed: int) -> dict[str, int]:
    """The keyed-hash rank of each name."""
    return dict(zip(names, tie_rank(seed, salt, pl.Series(names, dtype=pl.String)), strict=True))


def largest_remainder(total: int, weights: Mapping[str, Fraction | int], seed: int) -> dict[str, int]:
    """Whole parts, then one piece at a time to whoever is furthest below his quota."""
    rank = hashed(list(weights), "apportion", seed)
    quota = {key: Fraction(total) * weight / sum(weights.values()) for key, weight in weights.items()}
    counts = {key: int(value) for key, value in quota.items()}
    for _ in range(total - sum(counts.values())):
        waiting = [key for key in weights if counts[key] <= quota[key]]
        best = max(waiting, key=lambda key: (quota[key] - counts[key], weights[key], -rank[key]))
        counts[best] += 1
    return counts


def top_up(
    given: Mapping[str, int], more: int, weights: Mapping[str, Fraction | int], seed: int
) -> dict[str, int]:
    """One piece at a time to the largest weight / (2 held + 1)."""
    counts = {key: given.get(key, 0) for key in {**given, **weights}}
    rank = hashed(list(counts), "apportion", seed)
    for _ in range(more):
        wanting = [key for key, weight in weights.items() if weight]
        best = max(
            wanting,
            key=lambda key: (Fraction(weights[key]) / (2 * counts[key] + 1), weights[key], -rank[key]),
        )
        counts[best] += 1
    return counts


def waves(quota: int, parts: Sequence[Fraction]) -> tuple[int, ...]:
    """Piece j is out with the first wave by whose end at least j - 1/2 pieces are due."""
    counts = [0] * len(parts)
    for piece in range(1, quota + 1):
        due = [wave for wave in range(len(parts)) if sum(parts[: wave + 1]) * quota >= piece - Fraction(1, 2)]
        counts[due[0]] += 1
    return tuple(counts)


def nearest_tables(
    cells: Mapping[Cell, Fraction], rows: Mapping[str, int] | None, columns: Mapping[str, int] | None
) -> tuple[Fraction | None, list[dict[Cell, int]]]:
    """The least sum of |whole - exact| and every table that has it, by trying all. None: there is no table."""
    choices = [sorted({int(value // 1), int(-(-value // 1))}) for value in cells.values()]
    best: Fraction | None = None
    found: list[dict[Cell, int]] = []
    for pick in product(*choices):
        table = dict(zip(cells, pick, strict=True))
        if not _fits(table, cells, rows, 0) or not _fits(table, cells, columns, 1):
            continue
        away = sum((abs(table[key] - value) for key, value in cells.items()), Fraction(0))
        if best is None or away < best:
            best, found = away, []
        if away == best:
            found.append(table)
    return best, found


def _fits(
    table: Mapping[Cell, int], cells: Mapping[Cell, Fraction], totals: Mapping[str, int] | None, axis: int
) -> bool:
    names = {key[axis] for key in cells}
    whole = {name: sum(count for key, count in table.items() if key[axis] == name) for name in names}
    if totals is not None:
        return all(whole.get(name, 0) == total for name, total in totals.items())
    exactly = {
        name: sum((value for key, value in cells.items() if key[axis] == name), Fraction(0)) for name in names
    }
    return all(abs(whole[name] - exactly[name]) < 1 for name in names)


def serpentine(items: Sequence[Item], quotas: Mapping[str, int], seed: int) -> dict[str, str]:
    """Receiver of each number: the row of items against the row of turns."""
    rank = hashed([number for number, _stratum, _value in items], "mix.item", seed)
    order = hashed(list(quotas), "mix.receiver", seed)
    row: list[str] = []
    for place, stratum in enumerate(sorted({stratum for _number, stratum, _value in items})):
        inside = [item for item in items if item[1] == stratum]
        sign = 1 if place % 2 else -1
        inside.sort(key=lambda item: (sign * item[2], rank[item[0]]))
        row += [number for number, _stratum, _value in inside]
    marks = [
        (Fraction(2 * k - 1, 2 * quota), order[receiver], receiver)
        for receiver, quota in quotas.items()
        for k in range(1, quota + 1)
    ]
    line = [receiver for _position, _rank, receiver in sorted(marks)]
    length = max(1, sum(1 for quota in quotas.values() if quota))
    rounds = [line[start : start + length] for start in range(0, len(line), length)]
    turns = [receiver for n, turn in enumerate(rounds) for receiver in (turn[::-1] if n % 2 else turn)]
    return dict(zip(row, turns, strict=True))


def turns(weights: Mapping[str, int], count: int, seed: int) -> list[str]:
    """Tijdeman's rule, turn by turn: among those who are due, the one who would first fall too far behind."""
    rank = hashed([key for key, weight in weights.items() if weight], "rotation", seed)
    whole = sum(weights.values())
    had = dict.fromkeys(rank, 0)
    edge = Fraction(1, 2 * len(rank) - 2) if len(rank) > 1 else Fraction(0)
    out = []
    for turn in range(1, count + 1):
        due = [key for key in rank if Fraction(weights[key] * turn, whole) - had[key] >= edge]
        chosen = min(due, key=lambda key: (_last_turn(weights[key], whole, had[key], edge), rank[key]))
        had[chosen] += 1
        out.append(chosen)
    return out


def _last_turn(weight: int, whole: int, had: int, edge: Fraction) -> int:
    """The last turn t with share x t - had <= 1 - edge."""
    return int((had + 1 - edge) * whole / weight // 1)
