"""A branch lives through weeks of care: the house rolls its days, people act by `tuogu.synth.behaviour`, custody moves.

In: a stored branch with custody, who decides, a seed. Out: a diary: what was known of each customer on each roll, what was
filed, what waits. Never: an act that a phone could not do, a record read back from `work` into the diary.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

import care_custody
from care_custody import at, received_by_entries
from care_truth import Fact, Name, Owed, Spell, Truth
from tuogu.books import actions as book_actions
from tuogu.books import queries as books
from tuogu.core.timeline.obligations import obligations_of
from tuogu.core.timeline.tables import CASES
from tuogu.jobs import ticking
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import EntryKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.synth.behaviour import OWED, Manner, acts
from tuogu.work import actions, queries
from tuogu.work.said import Said

ROLL_HOUR, SYNC_HOUR, DESK_HOUR = 6, 8, 21
_ASKED = {"appointment": ("visit", "call"), "satisfaction": ("visit",), "other": ("call",)}
_SENT_TWICE = 0.05
_DECIDED_AFTER_DAYS = 2
_DECISIONS = ("accept", "transfer", "drop")  # in turn
_WAIVING_DAYS = 0.15  # of days


@dataclass
class Quarter:
    """`decides` may waive and resolve; `releases` and `approves` move custody together."""

    first: date
    seed: int
    decides: int
    releases: int
    approves: int
    manner: Manner = field(default_factory=Manner)
    facts: list[Fact] = field(default_factory=list)
    waived: dict[Name, datetime] = field(default_factory=dict)
    waiting: dict[int, tuple[Fact, date]] = field(
        default_factory=dict
    )  # conflict → what was said, since when
    unsent: list[tuple[date, int, Said, Fact]] = field(default_factory=list)
    known: dict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    gone: set[int] = field(default_factory=set)
    decided: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: list[str] = field(default_factory=list)
    held: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)  # this morning
    again: int = 0
    last: date = date.min

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.duties = obligations_of(rules.applicable(self.first))
        self.ways = {duty.key: duty.met_by for duty in self.duties} | _ASKED

    def live(self, days: int, moves: Callable[[Quarter, date], None]) -> None:
        """So many days from the first: rolled, moved, worked, decided."""
        for day in (self.first + timedelta(days=i) for i in range(days)):
            self._roll(day)
            self._sync(day)
            moves(self, day)
            self._work(day)
            self._decide(day)
            self.last = day

    # --- the house ----------------------------------------------------------------------------------------------------

    def _roll(self, day: date) -> None:
        for turn in (ticking.roll(at=at(day, ROLL_HOUR)), ticking.tick(at=at(day, ROLL_HOUR, 5))):
            assert turn.failed == (), turn
        self._look(day)

    def _look(self, day: date) -> None:
        """Write down what is known on this roll; what did not change prolongs the spell."""
        cases = books.care_cases()
        received = received_by_entries()
        held = pl.col("custodian_id").is_not_null()
        rows = cases.select(*CASES, held=held).to_dicts()
        of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            told = received.get(row["subject_id"])
            assert row["received_date"] == told, (row["subject_id"], row["received_date"], told)
            of[row["customer_number"]].append(row)
        for customer, theirs in of.items():
            spells, now = self.known[customer], tuple(theirs)
            if spells and spells[-1].rows == now:
                spells[-1] = Spell(spells[-1].first, day, now)
            else:
                spells.append(Spell(day, day, now))

    def _decide(self, day: date) -> None:
        """Conflicts that have waited long enough, and now and then a late task that is not asked for any more."""
        for conflict, (fact, since) in sorted(self.waiting.items()):
            if day - since < timedelta(days=_DECIDED_AFTER_DAYS):
                continue
            decision = _DECISIONS[sum(self.decided.values()) % len(_DECISIONS)]
            when = at(day, DESK_HOUR)
            actions.resolve(conflict, decision, reason="核对后处理", by=self.decides, at=when)
            self.decided[decision] += 1
            del self.waiting[conflict]
            if decision != "drop":
                self.facts.append(replace(fact, recorded_at=when))
        if self.chance.random() < _WAIVING_DAYS:
            self._waive(day)

    def _waive(self, day: date) -> None:
        for person in sorted(self.holders())[:3]:
            rows = [
                row for row in queries.tasks_of(person, day, view="late") if row.obligation in self.plain()
            ]
            if rows:
                row = self.chance.choice(rows)
                when = at(day, DESK_HOUR, 30)
                actions.waive(row.id, reason="客户书面谢绝", by=self.decides, at=when)
                self.waived[row.subject_id, row.obligation, self._anchor(row.id)] = when
                return

    def _anchor(self, task: int) -> date:
        from tuogu.work.models import Task

        return Task.objects.values_list("anchor_date", flat=True).get(pk=task)

    def plain(self) -> set[str]:
        """Duties that nobody asked for."""
        return {duty.key for duty in self.duties}

    # --- the people ---------------------------------------------------------------------------------------------------

    def holders(self) -> set[int]:
        """Who holds something in person, and has not left."""
        found = custody.holdings(Scope.everything())["custodian_id"].drop_nulls().unique()
        return {person for person in found if org.is_person(person)} - self.gone

    def _work(self, day: date) -> None:
        rows = {person: queries.tasks_of(person, day, view="all") for person in sorted(self.holders())}
        self.held = self._held()
        owed = [
            {
                "person": person, "customer_number": row.customer_number, "due_date": row.due_date,
                "ways": list(self.ways.get(row.obligation, ())),
            }
            for person, tasks in rows.items() for row in tasks
        ]  # fmt: skip
        if not owed:
            return
        mine = defaultdict(list)
        for person, tasks in rows.items():
            for row in tasks:
                mine[person, row.customer_number].append(row)
        frame = pl.DataFrame(owed, schema=OWED, orient="row")
        done = acts(frame, day, self.seed, self.manner).sort("minute", "person").to_dicts()
        for act in done:
            said, fact = self._said(act, mine[act["person"], act["customer_number"]], day)
            if act["sent_after_days"]:
                self.unsent.append((day + timedelta(days=act["sent_after_days"]), act["person"], said, fact))
            else:
                self._file(act["person"], said, fact, said.happened_at)

    def _held(self) -> dict[tuple[int, str], dict[str, int]]:
        """(person, customer) → policies, number → subject."""
        found: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
        whose = {row["subject_id"]: c for c, spells in self.known.items() for row in spells[-1].rows}
        held = custody.holdings(Scope.everything()).select("subject_id", "number", "custodian_id")
        for subject, number, person in held.drop_nulls().iter_rows():
            if subject in whose:
                found[person, whose[subject]][number] = subject
        return found

    def _said(self, act: dict[str, Any], tasks: list[Any], day: date) -> tuple[Said, Fact]:
        """What the form would send, and what it shows."""
        happened = at(day, 0) + timedelta(minutes=act["minute"])
        theirs = self.held[act["person"], act["customer_number"]]
        to_check = {row.policy_number for row in tasks if row.obligation == "check_up" and row.policy_number}
        checked = tuple(sorted(to_check)) if act["checked"] else ()
        key = f"{self.seed}-{day:%m%d}-{act['person']}-{act['customer_number']}"
        met = act["outcome"] == "met"
        said = Said(
            client_key=key, customer=act["customer_number"], kind=act["kind"], outcome=act["outcome"], reason="review",
            happened_at=happened, attitude=act["attitude"], collection_method=act["collection_method"],
            services=("loss_notice",) * act["told_loss"],
            next_at=happened + timedelta(days=act["next_days"]) if act["next_days"] else None,
            next_kind=act["next_kind"], policies=tuple(sorted(theirs)), checked=checked,
            card={"content": "保单整理", "attitude": "热情", "questions": "无"} if met else {},
            offline=bool(act["sent_after_days"]),
        )  # fmt: skip
        fact = Fact(
            key, said.customer, said.kind, said.outcome, day, happened, tuple(sorted(theirs.values())),
            tuple(sorted(theirs[number] for number in checked)), bool(act["told_loss"]), said.next_at is not None,
        )  # fmt: skip
        return said, fact

    def _sync(self, day: date) -> None:
        """What phones kept until they had a network."""
        due = [one for one in self.unsent if one[0] <= day]
        self.unsent = [one for one in self.unsent if one[0] > day]
        for _day, person, said, fact in due:
            if person not in self.gone:
                self._file(person, said, fact, at(day, SYNC_HOUR))

    def _file(self, person: int, said: Said, fact: Fact, when: datetime) -> None:
        try:
            filed = actions.record(said, by=person, at=when)
        except actions.Moved as moved:
            self.waiting[moved.conflict_id] = (fact, when.date())
            return
        except actions.WorkRefused as refused:
            self.refused.append(str(refused))
            return
        assert not filed.again
        self.facts.append(replace(fact, recorded_at=when))
        by_chance = self.chance.random() < _SENT_TWICE
        if by_chance or not self.again:  # the first one for certain
            twice = actions.record(said, by=person, at=when + timedelta(minutes=1))
            assert twice.again
            assert twice.record_id == filed.record_id
            self.again += 1

    def on_phones(self, people: Collection[int]) -> dict[int, list[str]]:
        """Person → policies that they hold, in reports that have no network yet."""
        found: dict[int, list[str]] = defaultdict(list)
        for _day, person, said, _fact in self.unsent:
            if person in people:
                found[person] += [number for number in said.policies if number not in found[person]]
        return {
            person: still for person, numbers in found.items()
            if (still := sorted(set(numbers) & set(care_custody.held_by(person))))
        }  # fmt: skip

    # --- custody ------------------------------------------------------------------------------------------------------

    def hand_over(self, numbers: Iterable[str], to: int, day: date, kind: str = EntryKind.TRANSFER) -> None:
        """These policies to a person."""
        care_custody.hand_over(numbers, to, day, kind, by=self.releases, approved_by=self.approves)

    def leave(self, person: int, day: date) -> None:
        """The person leaves: the whole book goes to the buffer group."""
        book_actions.leave(person, leave_date=day, recorded_at=at(day, 12, 30), by=self.releases)
        self.gone.add(person)

    # --- the truth ----------------------------------------------------------------------------------------------------

    def truth(self, customers: Iterable[str]) -> dict[Name, Owed]:
        """What these customers were owed and what became of it."""
        judge = Truth(self.duties, self.first, at(self.last, 23, 59), lambda day: at(day, ROLL_HOUR))
        facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            facts[fact.customer].append(fact)
        return {
            name: owed
            for customer in customers
            for name, owed in judge.of(self.known[customer], facts[customer], self.waived).items()
        }

    def moved(self) -> list[str]:
        """Customers of whom something changed."""
        return sorted(customer for customer, spells in self.known.items() if len(spells) > 1)
