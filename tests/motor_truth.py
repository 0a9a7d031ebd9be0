"""What the clock of motor renewal must have done, counted policy by policy and day by day, by other means than its own.

In: a diary (`motor_diary.Life`), the days that were rolled, the day from which other limits hold. Out: every step that had
to fire, with its day; tasks that are owed; sums of the figures. Never: a line of core.motor, a frame, a number from the
rulebook: the numbers here are written down from the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from motor_days import before_holiday, months_on
from motor_diary import ONE, Life, Spell

Step = tuple[str, int, date, date, str]  # step, round, due, fired, reason


@dataclass(frozen=True)
class Numbers:
    """The limits of one version of the rules."""

    sms: int = 60
    own_contact: int = 30
    call_all: int = 15
    urge: int = 10
    final: int = 5
    claim: int = 5
    city_claim: int = 5
    list_from: int = 90
    list_expired: int = 31
    second_hours: int = 24
    premium_fen: int | None = None


OLD = Numbers()
NEW = replace(OLD, sms=55, own_contact=28, urge=12, final=6, claim=3, premium_fen=900_000)


@dataclass(frozen=True)
class Rounds:
    """Days of one list."""

    due: date
    city: date
    dealt: date


@dataclass
class Truth:
    """`first`..`last`: the days rolled, from the first of a month on; `changed`: from this day on, what is listed gets NEW
    (None = never). `marks`: holder → (first roll that knows, true or untrue). `tick_at`: when the hours of rounds are
    looked at."""

    first: date
    last: date
    changed: date | None
    marks: Mapping[str, list[tuple[date, bool]]]
    tick_at: time

    def numbers(self, day: date) -> Numbers:
        return NEW if self.changed is not None and day >= self.changed else OLD

    def listed(self, life: Life) -> date | None:
        """The one list that the policy is in."""
        for run in self._runs():
            left, n = (life.expiry - run).days, self.numbers(run)
            if run >= life.seen and life.runs(run) and -n.list_expired <= left <= n.list_from:
                return run
        return None

    def rounds(self, run: date) -> Rounds:
        """When the branch, the city and the machine have their turn."""
        n = self.numbers(run)
        due = max(run, before_holiday(run + timedelta(days=n.claim)))
        city_last = max(due, before_holiday(due + timedelta(days=n.city_claim)))
        return Rounds(due, due + ONE, city_last + ONE)

    def steps(self, life: Life) -> list[Step]:
        """Every step that had to fire by the last roll."""
        run = self.listed(life)
        found = [("listed", 1, run, run, "")] if run else []
        found += self._claims(life, run) if run else []
        for step in ("sms", "own_contact", "call_all", "urge", "final"):
            found += self._before(life, run, step)
        return [*found, *self._leaders(life, run), *self._after(life), *self._second(life, run)]

    def open_tasks(self, life: Life, steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
        """(what, key) of what the responsible person still owes after the last day: talks end a talk that was asked for, the
        end of a case ends what was asked before it; what a case that runs again is asked for stays."""
        for step, turn, _due, fired, why in steps:
            ended = [one for one in life.spells if one.first > fired and self._told(one)]
            closed = [one for one in ended if one.outcome != "elsewhere"]
            if step in ("own_contact", "lapsed"):
                if not ended and not any(day >= fired for day, _person in life.spoken):
                    yield "renewal", f"expiry:{life.expiry}" if step == "own_contact" else f"lapsed:{turn}"
            elif step == "next_year" and why == "untrue":
                yield "data_repair", f"motor:{life.expiry}"
            elif step == "next_year" and not closed:
                yield "next_year", f"expiry:{life.expiry}"

    def _told(self, spell: Spell) -> bool:
        """Whether its tasks have ended: those of a renewal that came in a file end with the next roll, others at once."""
        return spell.outcome != "renewed" or spell.first <= self.last

    def _runs(self) -> Iterator[date]:
        """The first of every month: `first` is one."""
        month = self.first
        while month <= self.last:
            yield month
            month = months_on(month, 1)

    def _days(self, life: Life, since: date, until: date) -> Iterator[date]:
        """The rolls of these days that find the case running."""
        day, until = max(since, life.seen, self.first), min(until, self.last)
        while day <= until:
            ended = life.spell(day)
            if ended is None:
                yield day
                day += ONE
            elif ended.until > until:
                return
            else:
                day = ended.until

    def _of(self, run: date | None, day: date) -> Numbers:
        """The limits that the case keeps; who is in no list yet has those of the day (S3-07)."""
        return self.numbers(run if run is not None and run <= day else day)

    def _due(self, life: Life, step: str, n: Numbers) -> date:
        return before_holiday(before_holiday(life.expiry) - timedelta(days=getattr(n, step)))

    def _earliest(self, life: Life, step: str) -> date:
        return min(self._due(life, step, OLD), self._due(life, step, NEW))

    def _claims(self, life: Life, run: date) -> list[Step]:
        turn, second = self.rounds(run), life.second[0].date() if life.second else date.max
        late: date | None = None
        opened: date | None = None
        for day in self._days(life, turn.city, self.last):
            if day >= life.named:
                break
            late, opened = late or day, opened or (day if life.pooled(day) else None)
            if day >= turn.dealt and not (life.pooled(day) and day > second):
                break  # whoever holds it is named, or it is dealt
        found = [("claim_late", 1, turn.city, late, "")] if late else list[Step]()
        found += [("city_open", 1, turn.city, opened, "")] if opened else []
        for day in self._days(life, turn.dealt, min(second, self.last)):
            if life.pooled(day):
                return [*found, ("dealt", 1, day, day, "")]
        return found

    def _before(self, life: Life, run: date | None, step: str) -> list[Step]:
        if step == "sms" and life.opted_out:
            return []
        for day in self._days(life, self._earliest(life, step), life.expiry):
            n = self._of(run, day)
            due = self._due(life, step, n)
            if step == "sms" and day >= self._due(life, "own_contact", n):
                return []
            if due <= day:
                return [(step, 1, due, day, "")]
        return []

    def _leaders(self, life: Life, run: date | None) -> list[Step]:
        for day in self._days(life, min(life.wont, self._earliest(life, "urge")), life.expiry):
            n = self._of(run, day)
            urged = self._due(life, "urge", n)
            dear = n.premium_fen is not None and life.premium_fen >= n.premium_fen
            why = "important" if life.important else "premium" if dear else ""
            if why and urged <= day:
                return [("to_leaders", 1, urged, day, why)]
            if life.wont <= day:
                return [("to_leaders", 1, day, day, why or "wont")]
        return []

    def _after(self, life: Life) -> list[Step]:
        """Rescue every month until it ends; next year's contact once."""
        first, found = life.expiry + ONE, list[Step]()
        turn = 0
        while (begins := months_on(first, turn)) <= self.last:
            until = months_on(first, turn + 1) - ONE
            fired = next(self._days(life, begins, until), None)
            found += [("lapsed", turn + 1, begins, fired, "")] if fired else []
            turn += 1
        day = max(first, life.seen, self.first)
        while day <= self.last:
            ended = life.spell(day)
            if ended is None or ended.outcome == "elsewhere":
                return [*found, ("next_year", 1, first, day, self._untrue(life, day))]
            day = ended.until
            if day == date.max:
                break
        return found

    def _untrue(self, life: Life, day: date) -> str:
        known = [true for first, true in self.marks.get(life.holder_number, ()) if first <= day]
        return "untrue" if known and not known[-1] else ""

    def _second(self, life: Life, run: date | None) -> list[Step]:
        """The rounds of the second allocation, in hours."""
        if life.second is None:
            return []
        opened, why = life.second
        found: list[Step] = [("second_open", 1, opened.date(), opened.date(), why)]
        tick = datetime.combine(opened.date(), self.tick_at, opened.tzinfo)
        for step, reason in (("second_city_open", ""), ("head_office", "unclaimed")):
            until = self._until(life, opened, self._of(run, opened.date()))
            while tick < until or not life.runs(tick.date()):
                tick += ONE
                if tick.date() > self.last:
                    return found
            if life.second_claim is not None and life.second_claim < tick:
                return found
            found.append((step, 1, tick.date(), tick.date(), reason))
            opened = tick
        return found

    def _until(self, life: Life, opened: datetime, n: Numbers) -> datetime:
        def midnight_after(day: date) -> datetime:
            return datetime.combine(day + ONE, time(), opened.tzinfo)

        until = min(opened + timedelta(hours=n.second_hours), midnight_after(life.expiry))
        ends = (until - timedelta(microseconds=1)).date()
        if before_holiday(ends) < ends:
            until = min(until, midnight_after(before_holiday(ends)))
        return max(until, opened)


# --- figures ----------------------------------------------------------------------------------------------------------


def renewed(lives: Iterable[Life], month: date, known: date, weight: str = "") -> tuple[int, int]:
    """Renewed and ended of a month, as the morning of `known` knew it; `weight`: what is summed instead of counted."""
    last = months_on(month, 1) - ONE
    top = bottom = 0
    for life in lives:
        if not month <= life.expiry <= last or life.seen > known:
            continue
        ended = life.spell(known)
        if ended is not None and ended.outcome == "scrapped":
            continue
        value = life.premium_fen if weight else 1
        bottom += value
        top += value * (ended is not None and ended.outcome == "renewed" and ended.ended_date <= last)
    return top, bottom
