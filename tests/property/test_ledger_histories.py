"""Random histories: whatever is done, every policy has one custodian at every instant, and all ways to read
it agree.

Each subject of a world lives its own history; a world has 40 of them, in the long runs 200. The acts are done in the
ledger and painted into a naive diary (tests/ledger_diary.py); then the SQL, the slow reference of core and the derived
holdings must all say what the diary says, for any day as known at any moment.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

import polars as pl
import pytest

import ledger_world
from ledger_diary import NOBODY, Diary
from ledger_world import JANUARY, RULE, World, moment, open_policies
from tuogu.core.custody import Entry, custodian_on, faults, head
from tuogu.ledger import actions, queries
from tuogu.ledger import models as ledger_models
from tuogu.ledger.batches import ASKED
from tuogu.org.models import StaffRecord
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.req("N-01")]
world = ledger_world.fresh_world
DAYS, STEPS, EVENTS = 200, 60, 400
MANY, LONG, FULL = 200, 120, 2_000  # subjects, acts and events of a world in the long runs


class Life:
    """One world living through random acts, twice: in the ledger and in the diary."""

    def __init__(self, world: World, seed: int, subjects: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.subjects = subjects
        self.diary = Diary(subjects, DAYS, world.buffer)
        self.day, self.tick = 0, 0  # business day; moments never go back
        self.known: list[datetime] = []
        self.batches: dict[int, tuple[int, list[int]]] = {}  # batch id → act, subjects posted
        first = self.chance.choice([None, *world.people])
        self.ids = open_policies(world, subjects, first)
        act = self.diary.next_act()
        for subject in range(subjects):
            self.diary.paint(act, subject, first or world.buffer, 0)
        self.note()

    def live(self, steps: int, events: int = 0) -> None:
        """Do `steps` random acts, and more until the histories hold `events` events."""
        acts = (
            self.release,
            self.release,
            self.claim,
            self.give_back,
            self.leave,
            self.undo,
            self.end,
            self.revive,
        )
        step = 0
        while step < steps or self.diary.events < events:
            step += 1
            if self.chance.random() < 0.6:
                self.day = min(self.day + self.chance.randrange(1, 3), DAYS - 2)
            self.tick += 1
            self.chance.choice(acts)(step)
            self.rehire()
            self.note()

    # --- time and chance
    # --------------------------------------------------------------------------------------

    def date(self, day: int) -> date:
        return JANUARY + timedelta(days=day)

    def at(self) -> datetime:
        return moment(self.date(self.day)) + timedelta(seconds=self.tick)

    def note(self) -> None:
        self.known.append(self.at() if self.known else moment(JANUARY, 8))
        self.diary.note()

    def some(self, share: float) -> list[int]:
        return [s for s in range(self.subjects) if self.chance.random() < share] or [0]

    def alone(self) -> dict[str, object]:
        return {"by": self.world.clerk, "recorded_at": self.at(), "rule": RULE}

    def signed(self) -> dict[str, object]:
        return {**self.alone(), "approved_by": self.world.manager, "reason_code": "plan"}

    def heads(self) -> dict[int, int]:
        return dict(queries.holdings(Scope.everything()).select("subject_id", "head").iter_rows())

    # --- the acts, each done twice
    # ----------------------------------------------------------------------------

    def release(self, step: int) -> None:
        chosen, heads = self.some(0.3), self.heads()
        effective = max(0, self.day - self.chance.choice([0, 0, 0, 2]))
        to = [self.chance.choice([*self.world.people, self.world.buffer]) for _ in chosen]
        stale = {s for s in chosen if self.chance.random() < 0.05}
        rows = pl.DataFrame(
            {
                "subject_id": [self.ids[s] for s in chosen],
                "custodian_id": to,
                "expected_head": [-1 if s in stale else heads.get(self.ids[s]) for s in chosen],
            },
            schema=ASKED,
        )
        kind = self.chance.choice(["release", "transfer"])
        key = {"kind": kind, "key": f"act {step}", "effective_date": self.date(effective)}
        result = actions.post_batch(rows, **key, **self.signed())
        act, posted = self.diary.next_act(), []
        for subject, person in zip(chosen, to, strict=True):
            open_now = self.diary.now(subject) != NOBODY
            in_time = self.diary.heads[subject][-1].since <= effective
            if open_now and in_time and subject not in stale and self.diary.in_post(person, self.day):
                self.diary.paint(act, subject, person, effective)
                posted.append(subject)
        assert result.posted == len(posted)
        assert result.stale.height == len(chosen) - len(posted)
        again = actions.post_batch(rows, **key, **self.signed())
        assert (again.already, again.posted) == (True, len(posted))
        self.batches[result.batch_id] = (act, posted)

    def claim(self, _: int) -> None:
        for subject in self.some(0.05):
            person = self.chance.choice(self.world.people)
            result = actions.claim(self.ids[subject], person, by=person, recorded_at=self.at(), rule=RULE)
            allowed = self.diary.now(subject) == self.world.buffer and self.diary.in_post(person, self.day)
            assert result.done == allowed, result
            if allowed:
                self.diary.paint(self.diary.next_act(), subject, person, self.day)

    def give_back(self, _: int) -> None:
        for subject in self.some(0.05):
            result = actions.return_to_pool(self.ids[subject], reason_code="difficult", **self.alone())
            allowed = self.diary.now(subject) not in (NOBODY, self.world.buffer)
            assert result.done == allowed, result
            if allowed:
                self.diary.paint(self.diary.next_act(), subject, self.world.buffer, self.day)

    def leave(self, _: int) -> None:
        person, since = self.chance.choice(self.world.people), max(0, self.day - self.chance.randrange(20))
        result = actions.leave(person, leave_date=self.date(since), **self.alone())
        moved = self.diary.leave(self.diary.next_act(), person, since)
        assert result.moved == moved
        assert queries.holdings(Scope.everything(), custodian_id=person).height == 0

    def rehire(self) -> None:
        """Somebody who left may come back; else the world empties."""
        for person in sorted(self.diary.left):
            if self.chance.random() < 0.2:
                StaffRecord.objects.filter(person_id=person).update(left_date=None)
                del self.diary.left[person]

    def undo(self, step: int) -> None:
        if not self.batches:
            return
        batch = self.chance.choice(sorted(self.batches))
        act, subjects = self.batches[batch]
        result = actions.undo_batch(batch, key=f"undo {step}", **self.signed())
        untouched = [s for s in subjects if self.diary.heads[s][-1].act == act]
        assert result.posted == len(untouched)
        assert result.conflicts["subject_id"].to_list() == [
            self.ids[s] for s in subjects if s not in set(untouched)
        ]
        new, redirected = self.diary.next_act(), []
        for subject in untouched:
            back = self.diary.before(subject, act)
            if not self.diary.in_post(back, self.day):
                redirected.append(self.ids[subject])
                back = self.world.buffer
            self.diary.paint(new, subject, back, self.day)
        assert result.redirected["subject_id"].to_list() == redirected

    def end(self, _: int) -> None:
        chosen = self.some(0.05)
        days = [max(0, self.day - self.chance.randrange(5)) for _ in chosen]
        frame = pl.DataFrame(
            {"subject_id": [self.ids[s] for s in chosen], "effective_date": [self.date(d) for d in days]}
        )
        actions.close(frame, reason_code="terminated", **self.alone())
        act = self.diary.next_act()
        for subject, day in zip(chosen, days, strict=True):
            if self.diary.now(subject) != NOBODY:
                self.diary.paint(act, subject, NOBODY, max(day, self.diary.heads[subject][-1].since))

    def revive(self, _: int) -> None:
        chosen = self.some(0.3)
        to = [self.chance.choice(self.world.people) for _ in chosen]
        frame = pl.DataFrame(
            {
                "subject_id": [self.ids[s] for s in chosen],
                "custodian_id": to,
                "effective_date": [self.date(self.day)] * len(chosen),
            }
        )
        actions.reopen(frame, reason_code="reinstated", **self.alone())
        act = self.diary.next_act()
        for subject, person in zip(chosen, to, strict=True):
            if self.diary.now(subject) == NOBODY:
                receiver = person if self.diary.in_post(person, self.day) else self.world.buffer
                self.diary.paint(act, subject, receiver, self.day)


def compare(life: Life) -> None:
    """The SQL, the reference and the holdings say what the diary says."""
    for place in range(0, len(life.known), 5):
        for day in life.chance.sample(range(DAYS), 4):
            found = queries.custodians_on("custody", life.date(day), life.known[place])
            held = dict(found.select("subject_id", "custodian_id").iter_rows())
            got = [held.get(subject) or NOBODY for subject in life.ids]
            assert got == life.diary.snapshots[place][:, day].tolist(), (day, life.known[place])
    histories = defaultdict(list)
    for e in ledger_models.Entry.objects.filter(relation="custody"):
        fields = (e.seq, e.custodian_id, e.kind, e.effective_date, e.effective_until, e.recorded_at)
        histories[e.subject_id].append(Entry(*fields))
    held_now = {h.subject_id: h for h in ledger_models.Holding.objects.all()}
    for subject, subject_id in enumerate(life.ids):
        history = histories[subject_id]
        assert faults(history) == ()
        days = life.chance.sample(range(DAYS), 10)
        said = [custodian_on(history, life.date(day)) or NOBODY for day in days]
        assert said == [int(life.diary.cells[subject, day]) for day in days]
        now, stored = head(history), held_now[subject_id]
        assert now is not None
        assert (stored.custodian_id, stored.since_date) == (now.custodian, now.effective_date)
        assert stored.last_seq == len(history)


def live_and_compare(world: World, seed: int, subjects: int, steps: int, events: int) -> int:
    """One world; returns how many events its histories hold."""
    life = Life(world, seed, subjects)
    life.live(steps, events)
    compare(life)
    actions.seal_pending(by=world.clerk, recorded_at=life.at())
    report = queries.verify()
    assert report.problems == ()
    assert report.entries == ledger_models.Entry.objects.count() >= life.diary.events
    before = queries.holdings(Scope.everything())
    actions.rebuild_holdings()
    assert queries.holdings(Scope.everything()).equals(before)
    return life.diary.events


@pytest.mark.req("N-06", "S0-24", "S0-25")
def test_forty_random_histories(world: World) -> None:
    assert live_and_compare(world, 2026, 40, STEPS, EVENTS) >= EVENTS


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(50))
def test_ten_thousand_random_histories(world: World, seed: int) -> None:
    """50 worlds of 200 histories and at least 2,000 events each: 10,000 histories, 100,000 events."""
    assert live_and_compare(world, seed, MANY, LONG, FULL) >= FULL


def test_the_comparison_fails_where_the_ledger_is_wrong(world: World) -> None:
    """The same check with one entry of the diary painted otherwise: it must not pass."""
    life = Life(world, 1, 40)
    life.live(5)
    life.diary.snapshots[-1][7, :] = 424_242
    life.diary.cells[7, :] = 424_242
    with pytest.raises(AssertionError):
        compare(life)
