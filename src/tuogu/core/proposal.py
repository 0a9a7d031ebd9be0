"""What a strategy is asked and what it answers; `core.plan` turns the answer into a Plan.

In: nothing. Out: Request and Proposal. Never: a default that hides a missing input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import (
    ASSIGNMENTS,
    BREAKS,
    CANDIDATES,
    LOADS,
    UNITS,
    Book,
    Certificate,
    Plan,
    empty,
)

Progress = Callable[[str, float], None]


def untold(_stage: str, _share: float) -> None:
    """Progress that nobody listens to."""
    return None


@dataclass(frozen=True)
class Request:
    """`options` are settled (see Strategy.settled); `effort` counts moves; `earlier` is the approved plan to respect."""

    book: Book
    rulebook: Rulebook
    as_of: date
    seed: int
    effort: int
    options: Mapping[str, str] = field(default_factory=dict)
    earlier: Plan | None = None
    told: Progress = untold


@dataclass(frozen=True)
class Proposal:
    """The tables of a Plan (see there); violations are counted afterwards by the checker."""

    placements: pl.DataFrame
    unplaced: pl.DataFrame
    certificate: Certificate
    candidates: pl.DataFrame = field(default_factory=lambda: empty(CANDIDATES))
    assignments: pl.DataFrame = field(default_factory=lambda: empty(ASSIGNMENTS))
    units: pl.DataFrame = field(default_factory=lambda: empty(UNITS))
    loads: pl.DataFrame = field(default_factory=lambda: empty(LOADS))
    breaks: pl.DataFrame = field(default_factory=lambda: empty(BREAKS))
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
