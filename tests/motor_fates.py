"""How a policy ends: renewed by a file of the motor system, insured elsewhere, scrapped, taken back; data found true or not.

In: a policy that became known, chance of a seed. Out: rows of coming files, acts of coming days. Never: an end of a case
that has ended meanwhile.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from motor_diary import ONE, Life
from motor_town import friday, moment
from tuogu.renewals import actions

if TYPE_CHECKING:
    from motor_year import MotorYear

_RENEWED, _ELSEWHERE, _SCRAPPED, _TAKEN_BACK, _MARKED, _NAMED, _TRUE = (
    0.72,
    0.08,
    0.03,
    0.2,
    0.01,
    0.6,
    0.4,
)  # shares
_EARLY, _LATE = 40, 20  # days before and after the end of cover in which a renewal comes


class Fates:
    """The customers of a `MotorYear`."""

    def __init__(self, year: MotorYear) -> None:
        self.year = year

    def draw(self, life: Life, row: dict[str, Any], day: date) -> None:
        """What will become of a policy, drawn when it becomes known."""
        chance, luck = self.year.chance, self.year.chance.random()
        if luck < _RENEWED:
            start = life.expiry + timedelta(days=chance.randint(-_EARLY, _LATE))
            if start > day:
                self.year.files[friday(start)].append(self._successor(row, start))
        elif luck < _RENEWED + _ELSEWHERE + _SCRAPPED:
            outcome = "elsewhere" if luck < _RENEWED + _ELSEWHERE else "scrapped"
            on = max(life.expiry + timedelta(days=chance.randint(-20, 60)), day + ONE)
            self.year.plan(on, 14, 0, lambda when: self._end(life, outcome, when))
            if chance.random() < _TAKEN_BACK:
                back = on + timedelta(days=chance.randint(1, 40))
                self.year.plan(back, 14, 30, lambda when: self._take_back(life, when))
        if chance.random() < _MARKED:
            on = max(life.expiry + timedelta(days=chance.randint(-10, 10)), day + ONE)
            self.year.plan(on, 14, 40, lambda when: self._mark(life, when))

    def _successor(self, row: dict[str, Any], start: date) -> dict[str, Any]:
        begins = max(start, row["expiry_date"] + ONE)
        named = row["policy_number"] if self.year.chance.random() < _NAMED else None
        return row | {
            "policy_number": f"N{row['policy_number']}", "start_date": begins,
            "expiry_date": begins + timedelta(days=364), "previous_number": named,
        }  # fmt: skip

    def _end(self, life: Life, outcome: str, day: date) -> None:
        if not life.runs(day + ONE):
            return
        actions.end_case(
            self.year.subject(life),
            outcome,
            proof="客户提供的凭证",
            by=self.year.town.administrator,
            at=moment(day, 14),
        )
        life.end(outcome, day, day)
        self.year.acts[outcome] += 1

    def _take_back(self, life: Life, day: date) -> None:
        spell = life.spell(day + ONE)
        if spell is None or spell.outcome not in ("elsewhere", "scrapped"):
            return
        actions.withdraw_end(
            self.year.subject(life),
            reason="凭证有误",
            by=self.year.town.administrator,
            at=moment(day, 14, 30),
        )
        life.reopen(day)
        if spell.outcome == "scrapped":  # custody was closed: it goes to who had it, if still in post
            life.taken(None if life.holder in self.year.gone else life.holder, day)
        self.year.acts["taken back"] += 1

    def _mark(self, life: Life, day: date) -> None:
        true = self.year.chance.random() < _TRUE
        actions.mark_truth(
            life.holder_number,
            true=true,
            found_by="sample",
            by=self.year.town.administrator,
            at=moment(day, 14, 40),
        )
        self.year.marks[life.holder_number].append((day + ONE, true))
