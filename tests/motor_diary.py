"""What was done in a simulated motor book, written down beside the product: one `Life` a policy.

In: acts as people did them. Out: what any roll of a day could know of a policy. Never: a look into the product's tables.

An act of a day is seen by the roll of the day after: days here are those of the first roll that sees something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

ONE = timedelta(days=1)
FOREVER = date.max


@dataclass
class Spell:
    """The case had ended for rolls in [first, until)."""

    first: date
    until: date
    outcome: str
    ended_date: date


@dataclass
class Life:
    """One policy. `seen`: the first roll after it was stored; `holder`: None = the pool; `wont`, `named`: the first roll
    that knows; `second`: when the leader gave it up, with why; `second_claim`: when somebody took it then; `spoken`: days of
    talks, and who talked."""

    number: str
    holder_number: str
    institution: str
    premium_fen: int
    expiry: date
    important: bool
    opted_out: bool
    seen: date
    holder: int | None
    spells: list[Spell] = field(default_factory=list)
    in_pool: list[tuple[date, bool]] = field(default_factory=list)
    named: date = FOREVER
    wont: date = FOREVER
    second: tuple[datetime, str] | None = None
    second_claim: datetime | None = None
    spoken: list[tuple[date, int]] = field(default_factory=list)

    def spell(self, day: date) -> Spell | None:
        """How it had ended for the roll of a day."""
        return next((one for one in self.spells if one.first <= day < one.until), None)

    def runs(self, day: date) -> bool:
        """Not ended for the roll of a day."""
        return self.spell(day) is None

    def pooled(self, day: date) -> bool:
        """A pool holds it when the roll of a day begins."""
        return next((pool for first, pool in reversed(self.in_pool) if first <= day), False)

    def taken(self, holder: int | None, day: date) -> None:
        """Custody moved in the course of a day; None = back to the pool."""
        self.holder = holder
        self.in_pool.append((day + ONE, holder is None))

    def end(self, outcome: str, ended_date: date, day: date) -> None:
        """It ended in the course of a day."""
        self.spells.append(Spell(day + ONE, FOREVER, outcome, ended_date))

    def reopen(self, day: date) -> None:
        """The last end was taken back in the course of a day."""
        self.spells[-1].until = day + ONE
