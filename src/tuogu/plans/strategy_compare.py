"""Two plans without territories side by side, or one beside what is held now (N-04): who gains, loses, changes hands.

In: plan ids, a Scope. Out: counts by receiver and figures of both. Never: a write; plans that place
different things.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.tables import MONTH_COLUMNS
from tuogu.files.certificate_words import FIGURES
from tuogu.ledger import queries as custody
from tuogu.org.scope import Scope
from tuogu.plans import carrying, memory
from tuogu.plans.failures import PlanRefused
from tuogu.plans.heads import seen
from tuogu.plans.held import receivers
from tuogu.plans.models import PlanRow, StoredPlan
from tuogu.plans.reading import rulebook_of
from tuogu.plans.strategy_board import receiver_names

_SIDE = {"number": pl.String, "receiver": pl.String}


@dataclass(frozen=True)
class ReceiverChange:
    """What changes for one receiver; months are pieces due from January to December."""

    receiver: str
    name: str
    before: int
    after: int
    gained: int
    lost: int
    premium_before_fen: int
    premium_after_fen: int
    months_before: tuple[int, ...]
    months_after: tuple[int, ...]

    @property
    def months(self) -> list[tuple[int, int]]:
        """(before, after) by month."""
        return list(zip(self.months_before, self.months_after, strict=True))


@dataclass(frozen=True)
class StrategyComparison:
    """`people`: largest change first. `moved` subjects have another receiver, `gained` only in the second, `lost` only in
    the first. `figures`: label, before (null beside what is held now), after. `bars` and `months`: see carrying."""

    people: list[ReceiverChange]
    subjects: int
    moved: int
    gained: int
    lost: int
    figures: list[tuple[str, float | None, float | None]]
    bars: list[tuple[int, int, int]]
    months: list[tuple[int, int, int, int, int]]
    band: tuple[int, int]

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """name, before, after."""
        return [(row.name, row.before, row.after) for row in self.people]

    @property
    def moved_share(self) -> float:
        """Share of the subjects of both that have another receiver."""
        return self.moved / self.subjects if self.subjects else 0.0


def compare_strategy(plan_id: int, scope: Scope, *, against: int | None = None) -> StrategyComparison:
    """The plan beside `against`, or beside what its subjects' holders are now. PlanRefused where the two place different
    things, or in different relations."""
    stored = seen(plan_id, scope)
    other = seen(against, scope) if against is not None else None
    if other is not None and kind_of(other) != kind_of(stored):
        raise PlanRefused("只能并排比较同一类的两个方案：同样的对象、同样的关系")
    after = _planned(stored)
    before = _planned(other) if other is not None else _held(stored)
    both = before.join(after, on="number", how="full", suffix="_after", coalesce=True)
    moved = both.filter(
        pl.col("receiver").is_not_null()
        & pl.col("receiver_after").is_not_null()
        & (pl.col("receiver") != pl.col("receiver_after"))
    )
    sides = carrying.carried(other or stored, before), carrying.carried(stored, after)
    rulebook = rulebook_of(stored)
    band = int(rulebook["territory.month_load_min"]), int(rulebook["territory.month_load_max"])
    return StrategyComparison(
        _people(both, *sides),
        both.height,
        moved.height,
        both["receiver"].null_count(),
        both["receiver_after"].null_count(),
        _evenness(*sides) + _figures(other, stored),
        carrying.bars(*sides),
        carrying.months(*sides, *band),
        band,
    )


def kind_of(stored: StoredPlan) -> tuple[str, str]:
    """What can be put side by side: the same subjects in the same relation."""
    return stored.subject_kind, stored.relation


def _planned(stored: StoredPlan) -> pl.DataFrame:
    return memory.table(stored, "placements").select(*_SIDE)


def _held(stored: StoredPlan) -> pl.DataFrame:
    """Who holds the plan's subjects now in its relation; those that nobody holds are absent."""
    subjects = PlanRow.objects.filter(plan=stored).values("subject_id")
    held = custody.standing_of(subjects, relation=stored.relation).drop_nulls("holder_id")
    named = held.join(receivers(), left_on="holder_id", right_on="custodian_id", how="left")
    return named.select("number", pl.col("receiver").fill_null("—"))


def _people(both: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> list[ReceiverChange]:
    changed = both.filter(pl.col("receiver").ne_missing(pl.col("receiver_after")))
    gained = dict(changed.drop_nulls("receiver_after").group_by("receiver_after").len().iter_rows())
    lost = dict(changed.drop_nulls("receiver").group_by("receiver").len().iter_rows())
    first, second = ({row["receiver"]: row for row in side.iter_rows(named=True)} for side in (before, after))
    nothing = dict.fromkeys(carrying.CARRIED, 0)
    names = receiver_names(first.keys() | second.keys())
    found = []
    for receiver in first.keys() | second.keys():
        old, new = first.get(receiver, nothing), second.get(receiver, nothing)
        found.append(
            ReceiverChange(
                receiver, names.get(receiver, receiver), old["pieces"], new["pieces"], gained.get(receiver, 0),
                lost.get(receiver, 0), old["premium_fen"], new["premium_fen"], tuple(old[m] for m in MONTH_COLUMNS),
                tuple(new[m] for m in MONTH_COLUMNS),
            )
        )  # fmt: skip
    return sorted(found, key=lambda row: (-abs(row.after - row.before), row.receiver))


def _evenness(before: pl.DataFrame, after: pl.DataFrame) -> list[tuple[str, float | None, float | None]]:
    """Figures that both sides have, counted the same way."""
    first, second = carrying.side(before), carrying.side(after)
    return [
        ("接收人数", float(first.receivers), float(second.receivers)),
        ("件数变异系数", first.pieces_cv, second.pieces_cv),
        ("年缴保费变异系数", first.premium_cv, second.premium_cv),
        ("件均距离（米，住址到社区）", first.mean_distance_m, second.mean_distance_m),
    ]


def _figures(other: StoredPlan | None, stored: StoredPlan) -> list[tuple[str, float | None, float | None]]:
    def of(row: StoredPlan | None) -> dict[str, float]:
        if row is None:
            return {}
        proof = memory.plan(row).certificate
        fixed = {"硬性违规": row.violations, "未分配": row.unplaced, "差距": proof.gap}
        return fixed | {FIGURES.get(name, name): value for name, value in proof.figures}

    first, second = of(other), of(stored)
    return [(label, first.get(label), value) for label, value in second.items()]
