"""What the rulebook says of pools: one reading of section [pools], by kind of pool.

In: a rulebook, a pool's key. Out: `PoolRules`. Never: a number of the business in code.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from tuogu.core.idle import IdleRule
from tuogu.core.rulebook import Rulebook
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.pools.models import PoolKind

ANY_RANK = "不限"  # the word of the rulebook
NOBODY = "none"
_PREFIXES = {"department:": PoolKind.DEPARTMENT, "pool:": PoolKind.CAMPAIGN}


def kind_of(key: str) -> str:
    """What the rulebook calls the pool of this key."""
    if key == org.BUFFER_KEY:
        return str(PoolKind.BUFFER)
    return next(
        (str(kind) for prefix, kind in _PREFIXES.items() if key.startswith(prefix)), str(PoolKind.OTHER)
    )


@dataclass(frozen=True)
class Pool:
    """One public pool."""

    id: int
    key: str
    name: str
    kind: str


def pools() -> dict[int, Pool]:
    """Every pool by id, the buffer group first: one query."""
    return {pool: Pool(pool, key, name, kind_of(key)) for pool, key, name in org.pools()}


def of_kinds(kinds: Collection[str]) -> dict[int, Pool]:
    """The pools of some kinds; no query for no kind."""
    return {i: pool for i, pool in pools().items() if pool.kind in kinds} if kinds else {}


@dataclass(frozen=True)
class PoolRules:
    """Section [pools] of one rulebook. Lookups take a kind of pool."""

    version: str
    _book: Rulebook

    @classmethod
    def of(cls, rulebook: Rulebook) -> PoolRules:
        return cls(rulebook.version, rulebook)

    def _say(self, name: str) -> Any:
        return self._book[f"pools.{name}"]

    def claimable(self, kind: str) -> bool:
        """Whether pieces of such a pool wait for somebody to claim them."""
        return kind in self._say("claimable")

    def per_day(self, kind: str) -> int:
        """Claims of one person a day."""
        return int(self._say("per_day")[kind])

    def hold_max(self, kind: str) -> int:
        """Claims of one person that may stand at a time."""
        return int(self._say("hold_max")[kind])

    def may_series(self, series: str | None) -> bool:
        return series in self._say("series")

    def may_rank(self, rank: str | None) -> bool:
        return ANY_RANK in self._say("ranks") or rank in self._say("ranks")

    def level(self, yearly_premium_fen: int) -> str:
        """The highest level whose premium is reached."""
        reached = {
            name: fen for name, fen in self._say("levels_from_fen").items() if yearly_premium_fen >= fen
        }
        return max(reached, key=lambda name: reached[name]) if reached else ""

    def bands(self) -> dict[str, tuple[int, int | None]]:
        """Each level with the premium it begins at and the one it ends below, the highest first; None = no end."""
        rising = sorted(self._say("levels_from_fen").items(), key=lambda pair: pair[1])
        ends = [fen for _name, fen in rising[1:]] + [None]
        return {name: (fen, end) for (name, fen), end in zip(reversed(rising), reversed(ends), strict=True)}

    def level_months(self, level: str) -> int:
        """Months in post that a level asks for."""
        return int(self._say("level_months").get(level, 0))

    def capacity(self, series: str | None) -> int:
        """What thirty days may bring to somebody of this series (P-06)."""
        return int(self._book["people.capacity_per_30_days"].get(series or "", 0))

    @property
    def quota_counts_all(self) -> bool:
        return bool(self._say("quota_counts") == "all")

    @property
    def territory_level(self) -> str:
        return str(self._say("territory_level"))

    @property
    def at_once_max(self) -> int:
        return int(self._say("at_once_max"))

    @property
    def views_per_day(self) -> int:
        return int(self._say("views_per_day"))

    def limit_days(self, kind: str, inception_date: date | None, claimed_date: date, *marks: str) -> int:
        """Days without follow-up after which a piece goes back; 0 = never. `marks`: nature, service class, state."""
        days = int(self._say("idle_days")[kind])
        if not days or set(marks) & set(self._say("reclaim_exempt")):
            return 0
        months = _months(inception_date, claimed_date)
        young = zip(self._say("life_months"), self._say("life_idle_days"), strict=False)
        bands = [int(short) for below, short in young if months is not None and months < below]
        return min([days, *bands[:1]])

    @property
    def idle(self) -> IdleRule:
        return IdleRule(
            int(self._say("warn_days")), self._say("day_kind") == "workdays", self._say("absence") == "pauses",
            int(self._say("appointment_days_max")),
        )  # fmt: skip

    @property
    def hidden_kinds(self) -> frozenset[str]:
        """Kinds of pools whose pieces show no contact until claimed (P-10)."""
        return frozenset(self._say("hidden_until_claimed")) - {NOBODY} | self.hidden_for_ever

    @property
    def hidden_for_ever(self) -> frozenset[str]:
        return frozenset(self._say("hidden_for_ever")) - {NOBODY}

    @property
    def shown_to(self) -> frozenset[Role]:
        """Posts that see contacts masked even before anybody claims."""
        return frozenset(Role(name) for name in self._say("shown_to") if name != NOBODY)

    @property
    def duty_sees(self) -> bool:
        return bool(self._say("duty_sees"))

    @property
    def desks_reveal(self) -> bool:
        return bool(self._say("desks_reveal"))


def _months(begin: date | None, end: date) -> int | None:
    """Whole months between two days."""
    if begin is None:
        return None
    return (end.year - begin.year) * 12 + end.month - begin.month - (end.day < begin.day)
