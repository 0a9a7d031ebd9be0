"""A motor book lives: every day the machine rolls, people confirm, claim, call, give up, leave; cars are renewed or lost.

In: a town, days. Out: a diary of what was done (`motor_diary`), what the product said of custody every day. Never: a step
of the clock made by hand, a row of this world read to say what is true.

A day: 06:00 the machine rolls, 06:30 figures; people until noon; at noon the hours of rounds are looked at; leaves; ends;
on Fridays a file of the motor system.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from heapq import heappop, heappush
from typing import Any

import polars as pl

import motor_custody
from motor_desks import Desks
from motor_diary import FOREVER, ONE, Life
from motor_fates import Fates
from motor_town import FRIDAY, Town, friday, moment
from motor_truth import Truth
from tuogu.books import actions as books
from tuogu.core.motor.tables import MOTOR
from tuogu.core.tables import conform
from tuogu.org import queries as org
from tuogu.renewals import actions, queries
from tuogu.renewals.models import FiredStep, MotorPolicy, Naming
from tuogu.reports import actions as reports

TICK_AT = time(12)
Act = Callable[[date], None]


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
    # first of a month → policy → who was last responsible
    held: dict[date, dict[str, int]] = field(default_factory=dict)
    last: date = date.min
    refused: list[str] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _plans: dict[date, list[tuple[int, int, Act]]] = field(default_factory=lambda: defaultdict(list))
    files: dict[date, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[int, str] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    _people: dict[str, list[int]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    _planned: int = 0

    def __post_init__(self) -> None:
        self.chance, self._desks, self._fates = random.Random(self.seed), Desks(self), Fates(self)
        self._before = {new: old for old, new in self.town.renewed_by.items()}
        sellers = {row["agent_number"] for row in self.town.rows.values()} & self.town.posts.keys()
        self._sellers = sorted(self.town.posts[number] for number in sellers)
        for row in self.town.late:  # near the end of cover, wherever the year allows
            near = row["expiry_date"] + timedelta(days=self.chance.randint(-80, 25))
            self.files[friday(max(near, self.first))].append(row)

    # --- days ---------------------------------------------------------------------------------------------------------

    def live(self, until: date, daily: Callable[[date], None] = lambda _day: None) -> None:
        """Import the book and run every day up to `until`; `daily` is called in the morning before the roll."""
        self._import(list(self.town.rows.values()), self.first - ONE)
        day = self.first
        while day <= until:
            daily(day)
            self._day(day)
            self.last, day = day, day + ONE

    def plan(self, day: date, hour: int, minute: int, act: Act) -> None:
        """Something to be done on a day: its acts are done in the order of the clock."""
        self._planned += 1
        heappush(self._plans[day], (60 * hour + minute, self._planned, act))

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
        self._act(day, TICK_AT.hour)
        actions.tick(by=machine, at=moment(day, TICK_AT.hour))
        if day in self.leaves:
            self._leave(day)
        self._act(day, 24)
        if day.weekday() == FRIDAY:
            self._import(self.files.pop(day, []), day)
        self.faults += motor_custody.faults(day, morning=False)
        if (day + ONE).day == 1:
            self.held[day.replace(day=1)] = motor_custody.last_responsible(day)

    def _act(self, day: date, until_hour: int) -> None:
        """What was planned for a day, up to an hour."""
        plans = self._plans[day]
        while plans and plans[0][0] < 60 * until_hour:
            heappop(plans)[2](day)

    # --- what the desks show, and what people make of it --------------------------------------------------------------

    def _work(self, day: date) -> None:
        """Steps that fired this morning are on somebody's desk."""
        self._people.clear()
        does = {
            "listed": self._desks.confirming, "city_open": self._desks.claiming, "own_contact": self._desks.speaking,
            "final": self._desks.giving_up,
        }  # fmt: skip
        rows = FiredStep.objects.filter(fired_date=day, step__in=list(does)).order_by("pk")
        for subject, step in rows.values_list("subject_id", "step"):
            does[step](self._life(subject), day)

    def _see_dealt(self, day: date) -> None:
        """Who was dealt what this morning: people learn it from the page."""
        rows = Naming.objects.filter(at=moment(day, 6), entry__isnull=False)
        for subject, person in rows.values_list("subject_id", "person_id"):
            self._life(subject).taken(person, day)
            self.acts["dealt"] += 1

    # --- files, people ------------------------------------------------------------------------------------------------

    def _import(self, rows: list[dict[str, Any]], day: date) -> None:
        rows = [row for row in rows if self._still(row)]
        if not rows:
            return
        frame = conform(
            pl.DataFrame([[row[name] for name in MOTOR] for row in rows], schema=MOTOR, orient="row"), MOTOR
        )
        actions.import_motor(frame, data_date=day, by=self.town.administrator, at=moment(day, 18))
        known = dict(MotorPolicy.objects.filter(stored_at=moment(day, 18)).values_list("pk", "number"))
        self._numbers |= known
        self.subjects |= {number: subject for subject, number in known.items()}
        stored = [(self._stored(row, day), row) for row in rows]
        for _life, row in stored:
            self._ended_by(row, day)
        for life, row in stored:
            if life.runs(day + ONE):
                self._fates.draw(life, row, day)

    def _still(self, row: dict[str, Any]) -> bool:
        """A renewal drawn for a car that has gone meanwhile does not come."""
        former = (
            self.lives.get(row["policy_number"].removeprefix("N")) if row["policy_number"][0] == "N" else None
        )
        return former is None or former.runs(FOREVER - ONE)

    def _stored(self, row: dict[str, Any], day: date) -> Life:
        holder = self.town.posts.get(row["agent_number"] or "")
        holder = None if holder in self.gone else holder
        life = Life(
            row["policy_number"], row["holder_number"], row["institution_code"], row["premium_fen"], row["expiry_date"],
            row["important"], row["holder_number"] in self.town.refusing, day + ONE, holder,
        )  # fmt: skip
        life.in_pool.append((day + ONE, holder is None))
        self.lives[life.number] = life
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
        person = self.chance.choice(self.agents())
        books.leave(person, leave_date=day, recorded_at=moment(day, 12, 30), by=self.town.administrator)
        self.gone.add(person)
        for life in self.lives.values():
            ended = life.spell(day + ONE)
            if life.holder == person and (ended is None or ended.outcome == "elsewhere"):
                life.taken(None, day)

    def agents(self) -> list[int]:
        """People who sell, in post."""
        return [one for one in self._sellers if one not in self.gone]

    def of_branch(self, institution: str, day: date) -> list[int]:
        if institution not in self._people:
            self._people[institution] = sorted(queries.people_of(institution, moment(day, 8)) - self.gone)
        return self._people[institution]

    def name(self, life: Life, person: int, day: date, what: str) -> None:
        life.named = min(life.named, day + ONE)
        if person != life.holder:
            life.taken(person, day)
        self.acts[what] += 1

    def subject(self, life: Life) -> int:
        """Its subject in the ledger."""
        return self.subjects[life.number]

    def _life(self, subject: int) -> Life:
        return self.lives[self._numbers[subject]]
