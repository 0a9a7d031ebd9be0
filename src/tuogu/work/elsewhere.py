"""What rooms above hold of a customer besides the policies of the books (motor policies): told here, so that a record, a
task list and the right to report know of it.

In: `also_holds`, once for each such room. Out: subjects with number and custodian; of subjects, whose they are. Never: a
fact kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Held = tuple[int, str, int]  # subject, number, custodian
_HELD: list[Callable[[str], Sequence[Held]]] = []
_LINES: list[Callable[[Iterable[int]], dict[int, tuple[str, str]]]] = []


def also_holds(
    held: Callable[[str], Sequence[Held]], lines: Callable[[Iterable[int]], dict[int, tuple[str, str]]]
) -> None:
    """`held`: what is held of a customer; `lines`: (number, customer number) of those of some subjects that it knows."""
    if held not in _HELD:
        _HELD.append(held)
        _LINES.append(lines)


def held_of(customer: str) -> tuple[Held, ...]:
    """Everything that rooms above hold of a customer."""
    return tuple(row for source in _HELD for row in source(customer))


def lines_of(subjects: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Number and customer of the subjects that rooms above know."""
    wanted = sorted(set(subjects))
    return {subject: line for source in _LINES if wanted for subject, line in source(wanted).items()}
