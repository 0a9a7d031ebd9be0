"""A motor book lives: every day the machine rolls, people confirm, claim, call, give up, leave; cars are renewed or lost.

In: a town, days. Out: a diary of what was done (`motor_diary`), what the product said of custody every day. Never: a step
of the clock made by hand, a row of this world read to say what is true.

A day: 06:00 the machine rolls, 06:30 figures; people until noon; at noon the hours of rounds are looked at; leaves; second
claims; ends; on Fridays a file of the motor system.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

import polars as pl

import motor_custody
from motor_diary import FOREVER, ONE, Life
from motor_town import Town, moment
from motor_truth import Truth
from tuogu.books import actions as books
from tuogu.core.motor.tables import MOTOR
from tuogu.core.tables import conform
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import actions, queries
from tuogu.renewals.models import FiredStep, MotorPolicy, Naming
from tuogu.reports import actions as reports
from tuogu.work import actions as work
from tuogu.work.kinds import Purpose
from tuogu.work.said import Said

TICK_AT = time(12)
FRIDAY = 4
# what people do, as shares of the cases that come before them
_CONFIRMED, _CLAIMED, _SPOKEN, _WONT, _GIVEN_UP, _TAKEN, _TAKEN_LATE = 0.4, 0.3, 0.2, 0.25, 0.3, 0.5, 0.3
_RENEWED, _ELSEWHERE, _SCRAPPED, _TAKEN_BACK, _MARKED, _NAMED = 0.72, 0.08, 0.03, 0.2, 0.01, 0.6
_EARLY, _LATE = 40, 20  # days before and after the end of cover in which a renewal comes
_CAP = 10  # claims of a person and day


@dataclass
class MotorYear:
    """The book from `first` on. `leaves`: on which days one more of the people goes."""

    town: Town
    first: date
    seed: int
    leaves: frozenset[date] = frozenset()
    lives: dict[str, Life] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    marks: dict[str, list[tuple[date, bool]]] = field(default_factory=lambda: defaultdict(list))
    held: dict[date, dict[str, int]] = field(default_factory=dict)  # month's first day → policy → last responsible
    last: date = date.min
    refused: list[str] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    _later: dict[date, list[Callable[[date], None]]] = field(default_factory=lambda: defaultdict(list))
    _file: dict[date, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[int, str] = field(default_factory=dict)
    _subjects: dict[str, int] = field(default_factory=dict)
    _people: dict[str, list[int]] = field(default_factory=dict)
    _gone: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._before = {new: old for old, new in self.town.renewed_by.items()}
        sellers = {row["agent_number"] for row in self.town.rows.values()} & self.town.posts.keys()
        self._sellers = sorted(self.town.posts[number] for number in sellers)
        for row in self.town.late:  # near the end of cover, wherever the year allows
            near = row["expiry_date"] + timedelta(days=self.chance.randint(-80, 25))
            self._file[_friday(max(near, self.first))].append(row)

    # --- days ---------------------------------------------------------------------------------------------------------

    def live(self, until: date, daily: Callable[[date], None] = lambda _day: None) -> None:
        """Import the book and run every day up to `until`; `daily` is called in the morning before the roll."""
        self._import(list(self.town.rows.values()), self.first - ONE)
        day = self.first
        while day <= until:
            daily(day)
            self._day(day)
            self.last, day = day, day + ONE

    def truth(self, changed: date | None) -> Truth:
        """The judge of what was lived."""
        return Truth(self.first, self.last, changed, self.marks, TICK_AT)

    def _day(self, day: date) -> None:
        machine = org.machine()
        actions.roll(by=machine, at=moment(day, 6))
        self._see_dealt(day)
        reports.roll(by=machine, at=moment(day, 6, 30))
        self.faults += motor_custody.faults(day, morning=True)
        self._work(day)
        for act in self._later.pop(day, []):
            act(day)
        actions.tick(by=machine, at=moment(day, TICK_AT.hour))
        if day in self.leaves:
            self._leave(day)
        if day.weekday() == FRIDAY:
            self._import(self._file.pop(day, []), day)
        self.faults += motor_custody.faults(day, morning=False)
        if (day + ONE).day == 1:
            self.held[day.replace(day=1)] = motor_custody.last_responsible(day)

    # --- what the desks show, and what people make of it --------------------------------------------------------------

    def _work(self, day: date) -> None:
        """Steps that fired this morning are on somebody's desk."""
        self._people.clear()
        does = {"listed": self._confirming, "city_open": self._claiming, "own_contact": self._speaking, "final": self._giving_up}
        rows = FiredStep.objects.filter(fired_date=day, step__in=list(does)).order_by("pk")
        for subject, step in rows.values_list("subject_id", "step"):
            does[step](self._life(subject), day)

    def _confirming(self, life: Life, day: date) -> None:
        if self.chance.random() < _CONFIRMED:
            self._later[day + timedelta(days=self.chance.randint(1, 8))].append(lambda on: self._confirm(life, on))

    def _confirm(self, life: Life, day: date) -> None:
        if not life.runs(day + ONE) or self._is_named(life):
            return
        people = self._of_branch(life.institution, day)
        if not people:
            return
        person = life.holder if life.holder in people else self.chance.choice(people)
        actions.confirm(
            self._subjects[life.number], person, scope=Scope.everything(), note="核对业务台账", by=self.town.administrator,
            at=moment(day, 9),
        )  # fmt: skip
        self._name(life, person, day, "confirmed")

    def _claiming(self, life: Life, day: date) -> None:
        if self.chance.random() >= _CLAIMED or self._is_named(life) or not life.runs(day + ONE) or life.holder is not None:
            return
        agents = [one for one in self._agents() if self.acts[f"{day}:{one}"] < _CAP]
        if not agents:
            return  # everybody has claimed as much as a day allows
        person = self.chance.choice(agents)
        (done,) = actions.claim([life.number], by=person, at=moment(day, 11))
        if done.done:
            self.acts[f"{day}:{person}"] += 1
            self._name(life, person, day, "claimed")
        else:
            self.refused.append(done.why)

    def _speaking(self, life: Life, day: date) -> None:
        if self.chance.random() < _SPOKEN:
            for _ in range(self.chance.randint(1, 3)):
                on = day + timedelta(days=self.chance.randint(0, 20))
                self._later[on].append(lambda on: self._speak(life, on))

    def _speak(self, life: Life, day: date) -> None:
        if life.holder is None or not life.runs(day + ONE):
            return
        self.acts["spoken"] += 1
        said = Said(
            client_key=f"motor-{self.acts['spoken']}", customer=life.holder_number, kind="call", outcome="reached",
            reason="due_reminder", purpose=str(Purpose.RENEWAL), happened_at=moment(day, 9, 50), policies=(life.number,),
        )  # fmt: skip
        record = work.record(said, by=life.holder, at=moment(day, 10)).record_id
        life.spoken.append((day, life.holder))
        will = "wont" if self.chance.random() < _WONT else "undecided"
        if will == "undecided" and life.wont != FOREVER:
            return
        actions.state_intention(
            self._subjects[life.number], will, record=record, by=life.holder, at=moment(day, 10, 5)
        )
        if will == "wont":
            life.wont = min(life.wont, day + ONE)

    def _giving_up(self, life: Life, day: date) -> None:
        if self.chance.random() >= _GIVEN_UP or not life.runs(day + ONE):
            return
        subject, opened = self._subjects[life.number], moment(day, 10, 30)
        actions.confirm_final(subject, can_renew=False, why="客户暂无意向", by=self.town.administrator, at=opened)
        life.second = (opened, "客户暂无意向")
        former = life.holder
        life.taken(None, day)
        self.acts["given up"] += 1
        chance = self.chance.random()
        if chance < _TAKEN:
            self._take(life, former, day)
        elif chance < _TAKEN + _TAKEN_LATE:  # in the city's round, where it still runs
            self._later[day + ONE].append(lambda on: self._take_late(life, former, on))

    def _take_late(self, life: Life, former: int | None, day: date) -> None:
        self._later[day + ONE].append(lambda on: self._take(life, former, on))

    def _take(self, life: Life, former: int | None, day: date) -> None:
        people = [one for one in self._of_branch(life.institution, day) if one != former]
        if not people or not life.runs(day + ONE) or day > life.expiry:
            return
        person, at = self.chance.choice(people), moment(day, 11, 30)
        try:
            actions.claim_second(self._subjects[life.number], person, by=person, at=at)
        except (actions.RenewalRefused, actions.RenewalUnknown) as why:
            self.refused.append(str(why))
            return
        life.second_claim = at
        self._name(life, person, day, "taken")

    def _see_dealt(self, day: date) -> None:
        """Who was dealt what this morning: people learn it from the page."""
        rows = Naming.objects.filter(at=moment(day, 6), entry__isnull=False)
        for subject, person in rows.values_list("subject_id", "person_id"):
            self._life(subject).taken(person, day)
            self.acts["dealt"] += 1

    # --- how a case ends ----------------------------------------------------------------------------------------------

    def _fate(self, life: Life, row: dict[str, Any], day: date) -> None:
        """What will become of a policy, drawn when it becomes known."""
        chance, luck = self.chance, self.chance.random()
        if luck < _RENEWED:
            start = life.expiry + timedelta(days=chance.randint(-_EARLY, _LATE))
            if start > day:
                self._file[_friday(start)].append(self._successor(row, start))
        elif luck < _RENEWED + _ELSEWHERE + _SCRAPPED:
            outcome = "elsewhere" if luck < _RENEWED + _ELSEWHERE else "scrapped"
            on = max(life.expiry + timedelta(days=chance.randint(-20, 60)), day + ONE)
            self._later[on].append(lambda when: self._end(life, outcome, when))
            if chance.random() < _TAKEN_BACK:
                back = on + timedelta(days=chance.randint(1, 40))
                self._later[back].append(lambda when: self._take_back(life, when))
        if chance.random() < _MARKED:
            on = max(life.expiry + timedelta(days=chance.randint(-10, 10)), day + ONE)
            self._later[on].append(lambda when: self._mark(life, when))

    def _successor(self, row: dict[str, Any], start: date) -> dict[str, Any]:
        begins = max(start, row["expiry_date"] + ONE)
        named = row["policy_number"] if self.chance.random() < _NAMED else None
        return row | {
            "policy_number": f"N{row['policy_number']}", "start_date": begins,
            "expiry_date": begins + timedelta(days=364), "previous_number": named,
        }  # fmt: skip

    def _end(self, life: Life, outcome: str, day: date) -> None:
        if not life.runs(day + ONE):
            return
        actions.end_case(
            self._subjects[life.number], outcome, proof="客户提供的凭证", by=self.town.administrator, at=moment(day, 11, 40)
        )
        life.end(outcome, day, day)
        self.acts[outcome] += 1

    def _take_back(self, life: Life, day: date) -> None:
        spell = life.spell(day + ONE)
        if spell is None or spell.outcome not in ("elsewhere", "scrapped"):
            return
        actions.withdraw_end(
            self._subjects[life.number], reason="凭证有误", by=self.town.administrator, at=moment(day, 11, 50)
        )
        life.reopen(day)
        if spell.outcome == "scrapped":  # custody was closed: it goes to who had it, if still in post
            life.taken(None if life.holder in self._gone else life.holder, day)
        self.acts["taken back"] += 1

    def _mark(self, life: Life, day: date) -> None:
        true = self.chance.random() < 0.4
        actions.mark_truth(
            life.holder_number, true=true, found_by="sample", by=self.town.administrator, at=moment(day, 11, 55)
        )
        self.marks[life.holder_number].append((day + ONE, true))

    # --- files, people ------------------------------------------------------------------------------------------------

    def _import(self, rows: list[dict[str, Any]], day: date) -> None:
        rows = [row for row in rows if self._still(row)]
        if not rows:
            return
        frame = conform(pl.DataFrame([[row[name] for name in MOTOR] for row in rows], schema=MOTOR, orient="row"), MOTOR)
        actions.import_motor(frame, data_date=day, by=self.town.administrator, at=moment(day, 18))
        known = dict(MotorPolicy.objects.filter(stored_at=moment(day, 18)).values_list("pk", "number"))
        self._numbers |= known
        self._subjects |= {number: subject for subject, number in known.items()}
        stored = [(self._stored(row, day), row) for row in rows]
        for _life, row in stored:
            self._ended_by(row, day)
        for life, row in stored:
            if life.runs(day + ONE):
                self._fate(life, row, day)

    def _still(self, row: dict[str, Any]) -> bool:
        """A renewal drawn for a car that has gone meanwhile does not come."""
        former = self.lives.get(row["policy_number"].removeprefix("N")) if row["policy_number"][0] == "N" else None
        return former is None or former.runs(FOREVER - ONE)

    def _stored(self, row: dict[str, Any], day: date) -> Life:
        holder = self.town.posts.get(row["agent_number"] or "")
        holder = None if holder in self._gone else holder
        life = Life(
            row["policy_number"], row["holder_number"], row["institution_code"], row["premium_fen"], row["expiry_date"],
            row["important"], row["holder_number"] in self.town.refusing, day + ONE, holder,
        )  # fmt: skip
        life.in_pool.append((day + ONE, holder is None))
        self.lives[life.number], self.rows[life.number] = life, row
        return life

    def _ended_by(self, row: dict[str, Any], day: date) -> None:
        """A renewal ends what it renews."""
        number = row["policy_number"]
        former = number[1:] if number[0] == "N" else self._before.get(number)
        if former is not None and self.lives[former].runs(day + ONE):
            self.lives[former].end("renewed", min(row["start_date"], day), day)
            self.acts["renewed"] += 1

    def _leave(self, day: date) -> None:
        """Whoever has most goes; the whole book goes to the pool."""
        person = self.chance.choice(self._agents())
        books.leave(person, leave_date=day, recorded_at=moment(day, 12, 30), by=self.town.administrator)
        self._gone.add(person)
        for life in self.lives.values():
            ended = life.spell(day + ONE)
            if life.holder == person and (ended is None or ended.outcome == "elsewhere"):
                life.taken(None, day)

    def _agents(self) -> list[int]:
        """People who sell, in post."""
        return [one for one in self._sellers if one not in self._gone]

    def _of_branch(self, institution: str, day: date) -> list[int]:
        if institution not in self._people:
            self._people[institution] = sorted(queries.people_of(institution, moment(day, 8)) - self._gone)
        return self._people[institution]

    def _name(self, life: Life, person: int, day: date, what: str) -> None:
        life.named = min(life.named, day + ONE)
        if person != life.holder:
            life.taken(person, day)
        self.acts[what] += 1

    def _is_named(self, life: Life) -> bool:
        return life.named != FOREVER or Naming.objects.filter(subject=self._subjects[life.number]).exists()

    def _life(self, subject: int) -> Life:
        return self.lives[self._numbers[subject]]


def _friday(day: date) -> date:
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)
