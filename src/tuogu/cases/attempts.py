"""The attempts of a case to reach a customer, as `core.attempts` counts them.

In: the history of a case. Out: how many different methods were tried in vain since the customer was last reached, and which
are left. Never: an attempt without its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tuogu.cases.models import Case, CaseStep
from tuogu.core import attempts
from tuogu.core.rulebook import Rulebook


@dataclass(frozen=True)
class Tried:
    """How far the search has come. `unused`: methods not yet tried, as people say them."""

    methods: int
    lacking: int
    exhausted: bool
    unused: tuple[str, ...]


def standing(case: Case, history: Sequence[CaseStep], rulebook: Rulebook) -> Tried:
    """Of one case."""
    rows = [
        (str(case.pk), one.facts["method"], one.day, bool(one.facts.get("reached")))
        for one in history
        if one.name in ("attempt", "reach")
    ]
    frame = pl.DataFrame(rows, schema=attempts.ATTEMPTS, orient="row")
    if frame.is_empty():
        words = [attempts.METHODS[name] for name in rulebook["attempts.methods"]]
        return Tried(0, int(rulebook["orphan.difficult_attempts"]), False, tuple(words))
    row = attempts.exhausted(frame, rulebook).row(0, named=True)
    return Tried(
        row["methods"],
        row["lacking"],
        row["exhausted"],
        tuple(one for one in row["unused"].split("、") if one),
    )
