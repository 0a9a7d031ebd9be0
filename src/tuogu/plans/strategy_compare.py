"""Two plans without territories side by side, or one beside what is held now (N-04): who gains, loses, changes hands.

In: plan ids, a Scope. Out: counts by receiver and figures of both. Never: a write; plans of two strategies.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.files.certificate_words import FIGURES
from tuogu.ledger import queries as custody
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.failures import PlanRefused
from tuogu.plans.heads import seen
from tuogu.plans.held import receivers
from tuogu.plans.models import PlanRow, StoredPlan
from tuogu.plans.strategy_board import receiver_names

_SIDE = {"number": pl.String, "receiver": pl.String}


@dataclass(frozen=True)
class StrategyComparison:
    """`rows`: receiver, before, after, largest change first. `moved` subjects have another receiver, `gained` only in the
    second, `lost` only in the first. `figures`: label, before (null beside what is held now), after."""

    rows: list[tuple[str, int, int]]
    subjects: int
    moved: int
    gained: int
    lost: int
    figures: list[tuple[str, float | None, float | None]]

    @property
    def moved_share(self) -> float:
        """Share of the subjects of both that have another receiver."""
        return self.moved / self.subjects if self.subjects else 0.0


def compare_strategy(plan_id: int, scope: Scope, *, against: int | None = None) -> StrategyComparison:
    """The plan beside `against`, or beside what its subjects' holders are now. PlanRefused for another strategy."""
    stored = seen(plan_id, scope)
    other = seen(against, scope) if against is not None else None
    if other is not None and other.strategy != stored.strategy:
        raise PlanRefused("只能并排比较同一分配方式的两个方案")
    after = _planned(stored)
    before = _planned(other) if other is not None else _held(stored)
    both = before.join(after, on="number", how="full", suffix="_after", coalesce=True)
    moved = both.filter(
        pl.col("receiver").is_not_null()
        & pl.col("receiver_after").is_not_null()
        & (pl.col("receiver") != pl.col("receiver_after"))
    )
    return StrategyComparison(
        _by_receiver(before, after),
        both.height,
        moved.height,
        both["receiver"].null_count(),
        both["receiver_after"].null_count(),
        _figures(other, stored),
    )


def _planned(stored: StoredPlan) -> pl.DataFrame:
    return memory.table(stored, "placements").select(*_SIDE)


def _held(stored: StoredPlan) -> pl.DataFrame:
    """Who holds the plan's subjects now in its relation; those that nobody holds are absent."""
    subjects = PlanRow.objects.filter(plan=stored).values("subject_id")
    held = custody.standing_of(subjects, relation=stored.relation).drop_nulls("holder_id")
    named = held.join(receivers(), left_on="holder_id", right_on="custodian_id", how="left")
    return named.select("number", pl.col("receiver").fill_null("—"))


def _by_receiver(before: pl.DataFrame, after: pl.DataFrame) -> list[tuple[str, int, int]]:
    names = receiver_names(set(before["receiver"]) | set(after["receiver"]))
    counts = (
        before.group_by("receiver")
        .agg(before=pl.len())
        .join(after.group_by("receiver").agg(after=pl.len()), on="receiver", how="full", coalesce=True)
        .with_columns(pl.col("before", "after").fill_null(0).cast(pl.Int64))
        .sort((pl.col("after") - pl.col("before")).abs(), "receiver", descending=[True, False])
    )
    return [(names.get(receiver, receiver), old, new) for receiver, old, new in counts.iter_rows()]


def _figures(other: StoredPlan | None, stored: StoredPlan) -> list[tuple[str, float | None, float | None]]:
    def of(row: StoredPlan | None) -> dict[str, float]:
        if row is None:
            return {}
        proof = memory.plan(row).certificate
        fixed = {"硬性违规": row.violations, "未分配": row.unplaced, "差距": proof.gap}
        return fixed | {FIGURES.get(name, name): value for name, value in proof.figures}

    first, second = of(other), of(stored)
    return [(label, first.get(label), value) for label, value in second.items()]
