"""The planning face: a Book in, a Plan out, and nothing else in the project allocates.

In: Book, Rulebook, the as-of date, a seed, an effort (search moves), a strategy with its options. Out: Plan with its
certificate. Never: a change to live data; a clock; another result for shuffled input rows; a hard violation that is not
listed.

Each strategy proposes (`core.proposers`), `core.check` judges; the two share no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Final

import polars as pl

from tuogu.core.check import check_plan
from tuogu.core.digest import book_digest, plan_digest
from tuogu.core.presence import for_receivers, told
from tuogu.core.proposal import Progress, Request, untold
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import strategy as strategy_of
from tuogu.core.tables import Book, Plan
from tuogu.core.territory.comparison import PlanComparison, compare
from tuogu.core.unproven import for_allotting, waiting

DEFAULT_EFFORT: Final = 10_000_000  # moves of the search: cost of a run, no rule
"""Search moves for a branch of up to about 1,500 units: under a second. A city of ten thousand units wants
60,000,000 (about ten seconds); ten times the moves buy about a tenth of the gap."""

__all__ = [
    "DEFAULT_EFFORT", "PlanComparison", "book_digest", "checked", "compare", "make_plan", "plan_digest", "propose_plan",
]  # fmt: skip


def make_plan(
    book: Book,
    rulebook: Rulebook,
    as_of: date,
    seed: int,
    effort: int,
    *,
    strategy: str = "territory",
    options: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    earlier: Plan | None = None,
) -> Plan:
    """Allocate by `strategy` as of a day, and count the violations.

    `effort` is the number of search moves (see DEFAULT_EFFORT); strategies that search nothing ignore it.
    `progress(stage, share)` is called with shares rising from 0 to 1. `earlier` is the approved plan whose holders stay
    where nothing forces a change. Raises `StrategyError` for what is missing, `coding.CodeOverflow` when a community
    needs more than 99 units.
    """
    report = progress or untold
    plan = propose_plan(
        book,
        rulebook,
        as_of,
        seed,
        effort,
        strategy=strategy,
        options=options,
        progress=report,
        earlier=earlier,
    )
    whole, _violations = checked(plan, book, rulebook)
    report("done", 1.0)
    return whole


def propose_plan(
    book: Book,
    rulebook: Rulebook,
    as_of: date,
    seed: int,
    effort: int,
    *,
    strategy: str,
    options: Mapping[str, str] | None,
    progress: Progress,
    earlier: Plan | None,
) -> Plan:
    """`make_plan` before the check: for whoever needs the violations themselves, so that they are found once."""
    from tuogu.core.proposers import PROPOSERS  # loads compilers and solvers: only who plans waits for them

    settled = strategy_of(strategy).settled(options or {})
    read = for_receivers(for_allotting(book, strategy), as_of, strategy)  # L-09, P-06
    proposal = PROPOSERS[strategy](Request(read, rulebook, as_of, seed, effort, settled, earlier, progress))
    waits = waiting(book, strategy)
    if waits.height:
        proposal = replace(proposal, unplaced=pl.concat([proposal.unplaced, waits]).sort("policy_number"))
    proposal = replace(proposal, certificate=told(proposal.certificate, book, as_of))
    progress("check", 0.95)
    return Plan(
        **{part.name: getattr(proposal, part.name) for part in fields(proposal)},
        as_of=as_of,
        seed=seed,
        effort=effort,
        rulebook_version=rulebook.version,
        book_digest=book_digest(book),
        strategy=strategy,
        options=tuple(sorted(settled.items())),
    )


def checked(plan: Plan, book: Book, rulebook: Rulebook) -> tuple[Plan, pl.DataFrame]:
    """The plan with its violations counted in the certificate, and the violations."""
    violations = check_plan(plan, book, rulebook)
    proof = replace(plan.certificate, violations=violations.height)
    return replace(plan, certificate=proof), violations
