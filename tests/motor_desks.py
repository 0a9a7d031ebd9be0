"""What people make of the steps on their desks: a branch names somebody, the city claims, customers are called, a leader
gives a case up and another takes it.

In: a step that fired this morning, chance of a seed. Out: acts of the rooms, told to the diary. Never: a step fired by hand.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from motor_diary import FOREVER, ONE, Life
from motor_town import moment
from tuogu.org.scope import Scope
from tuogu.renewals import actions
from tuogu.renewals.models import Naming
from tuogu.work import actions as work
from tuogu.work.kinds import Purpose
from tuogu.work.said import Said

if TYPE_CHECKING:
    from motor_year import MotorYear

# what people do, as shares of the cases that come before them
_CONFIRMED, _CLAIMED, _SPOKEN, _WONT, _GIVEN_UP, _TAKEN, _TAKEN_LATE = 0.3, 0.3, 0.1, 0.25, 0.2, 0.5, 0.3
_CAP = 10  # claims of a person and day


class Desks:
    """The people of a `MotorYear`."""

    def __init__(self, year: MotorYear) -> None:
        self.year = year

    def confirming(self, life: Life, day: date) -> None:
        if self.year.chance.random() < _CONFIRMED:
            on = day + timedelta(days=self.year.chance.randint(1, 8))
            self.year.plan(on, 9, 0, lambda when: self._confirm(life, when))

    def _confirm(self, life: Life, day: date) -> None:
        if not life.runs(day + ONE) or self._is_named(life):
            return
        people = self.year.of_branch(life.institution, day)
        if not people:
            return
        person = life.holder if life.holder in people else self.year.chance.choice(people)
        try:
            actions.confirm(
                self.year.subject(life), person, scope=Scope.everything(), note="核对业务台账",
                by=self.year.town.administrator, at=moment(day, 9),
            )  # fmt: skip
        except actions.RenewalRefused as why:  # a second allocation runs
            self.year.refused.append(str(why))
            return
        self.year.name(life, person, day, "confirmed")

    def claiming(self, life: Life, day: date) -> None:
        if self.year.chance.random() < _CLAIMED:
            self.year.plan(day, 11, 0, lambda when: self._claim(life, when))

    def _claim(self, life: Life, day: date) -> None:
        if life.holder is not None or not life.runs(day + ONE) or self._is_named(life):
            return
        agents = [one for one in self.year.agents() if self.year.acts[f"{day}:{one}"] < _CAP]
        if not agents:
            return  # everybody has claimed as much as a day allows
        person = self.year.chance.choice(agents)
        (done,) = actions.claim([life.number], by=person, at=moment(day, 11))
        if done.done:
            self.year.acts[f"{day}:{person}"] += 1
            self.year.name(life, person, day, "claimed")
        else:
            self.year.refused.append(done.why)

    def speaking(self, life: Life, day: date) -> None:
        if self.year.chance.random() < _SPOKEN:
            for _ in range(self.year.chance.randint(1, 3)):
                on = day + timedelta(days=self.year.chance.randint(0, 20))
                self.year.plan(on, 10, 0, lambda when: self._speak(life, when))

    def _speak(self, life: Life, day: date) -> None:
        if life.holder is None or not life.runs(day + ONE):
            return
        self.year.acts["spoken"] += 1
        said = Said(
            client_key=f"motor-{self.year.acts['spoken']}", customer=life.holder_number, kind="call", outcome="reached",
            reason="due_reminder", purpose=str(Purpose.RENEWAL), happened_at=moment(day, 9, 50), policies=(life.number,),
        )  # fmt: skip
        record = work.record(said, by=life.holder, at=moment(day, 10)).record_id
        life.spoken.append((day, life.holder))
        will = "wont" if life.wont != FOREVER or self.year.chance.random() < _WONT else "undecided"
        actions.state_intention(
            self.year.subject(life), will, record=record, by=life.holder, at=moment(day, 10, 5)
        )
        if will == "wont":
            life.wont = min(life.wont, day + ONE)

    def giving_up(self, life: Life, day: date) -> None:
        if self.year.chance.random() < _GIVEN_UP:
            self.year.plan(day, 10, 30, lambda when: self._give_up(life, when))

    def _give_up(self, life: Life, day: date) -> None:
        subject, opened = self.year.subject(life), moment(day, 10, 30)
        actions.confirm_final(
            subject, can_renew=False, why="客户暂无意向", by=self.year.town.administrator, at=opened
        )
        life.second = (opened, "客户暂无意向")
        former = life.holder
        life.taken(None, day)
        self.year.acts["given up"] += 1
        chance = self.year.chance.random()
        after = 0 if chance < _TAKEN else 2  # in the branch's round, or in the city's where it still runs
        if chance < _TAKEN + _TAKEN_LATE:
            self.year.plan(day + after * ONE, 11, 30, lambda when: self._take(life, former, when))

    def _take(self, life: Life, former: int | None, day: date) -> None:
        people = [one for one in self.year.of_branch(life.institution, day) if one != former]
        if not people or not life.runs(day + ONE) or day > life.expiry:
            return
        person, at = self.year.chance.choice(people), moment(day, 11, 30)
        try:
            actions.claim_second(self.year.subject(life), person, by=person, at=at)
        except (actions.RenewalRefused, actions.RenewalUnknown) as why:
            self.year.refused.append(str(why))
            return
        life.second_claim = at
        self.year.name(life, person, day, "taken")

    def _is_named(self, life: Life) -> bool:
        return life.named != FOREVER or Naming.objects.filter(subject=self.year.subject(life)).exists()
