"""What an inspector's desk shows (S1-18): whose log is due today, at which level, for whom.

In: a person who inspects, or a scope; a day. Out: lines, the longest due first. Never: a log that somebody else has to
check, a random check of somebody whom no settled lot drew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from django.db.models import Max

from tuogu.core import inspection
from tuogu.core.inspection.days import next_working
from tuogu.core.inspection.tables import CHECKS, LEVELS
from tuogu.core.tables import I, S, conform
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.review.lot_reads import drawn_of
from tuogu.review.models import Check, Log, Lot
from tuogu.review.owners import Owners, owners
from tuogu.review.pending import LOOK_BACK_DAYS
from tuogu.rules import queries as rules

_NO_DRAW = bytes(16)  # the periodic part needs no seed: the sample comes from stored lots


@dataclass(frozen=True)
class DueLine:
    """A log to look at. `check`: the check that a recheck makes good; `lot`: the lot that drew the person."""

    level: str
    level_label: str
    person: int
    staff_number: str
    log_date: date
    due_date: date
    filed: bool
    check: int | None = None
    lot: int | None = None

    @property
    def key(self) -> str:
        """Names the line in an address."""
        return f"{self.level}-{self.person}-{self.log_date:%Y%m%d}"


def due_for(person: int, on: date) -> list[DueLine]:
    """What this person has to inspect today, for the colleagues stood in for as well."""
    found = org.standing(person, on)
    mine = {person, *(found.acting_for if found else ())}
    seen = _Seen(owners(on), on)
    lines = [*seen.unmarked(mine), *seen.periodic(mine), *seen.drawn(mine), *seen.rechecks(mine)]
    order = list(LEVELS)
    return sorted(
        lines, key=lambda one: (one.due_date, order.index(one.level), one.staff_number, one.log_date)
    )


def plan_of(scope: Scope, on: date) -> pl.DataFrame:
    """The inspection plan within scope: DUE of core.inspection without the random part, with `custodian_id` of the owner."""
    known = owners(on)
    ids = pl.DataFrame(list(known.ids.items()), schema={"staff_number": S, "custodian_id": I}, orient="row")
    found = _Seen(known, on).due().join(ids, on="staff_number", maintain_order="left")
    within = org.custodians_within(scope)
    return found if within is None else found.filter(pl.col("custodian_id").is_in(list(within)))


def departments_due(scope: Scope, on: date) -> list[str]:
    """Departments within scope that keep logs, whose next random check is due and has no lot yet."""
    known = owners(on)
    first = on - timedelta(days=LOOK_BACK_DAYS)
    keeping = list(
        org.labels(Log.objects.filter(log_date__gt=first).values_list("person_id", flat=True)).values()
    )
    of = known.frame.filter((pl.col("series") == "sales") & pl.col("staff_number").is_in(keeping))
    codes = set(of["department_code"].drop_nulls())
    every = timedelta(days=int(rules.applicable(on)["inspection.random_every_days"]))
    lately = set(Lot.objects.filter(lot_date__gt=on - every).values_list("department_code", flat=True))
    visible = codes if scope.all_rows else codes & org.institutions_within(scope)
    return sorted(visible - lately)


class _Seen:
    """What was filed and checked lately, read once."""

    def __init__(self, known: Owners, on: date) -> None:
        self._known, self._on = known, on
        self._first = on - timedelta(days=LOOK_BACK_DAYS)
        self._numbers = {person: number for number, person in known.ids.items()}
        logs = Log.objects.filter(log_date__range=(self._first, on))
        self._filed = set(logs.values_list("person_id", "log_date"))
        marks = Check.objects.filter(level="supervisor", log_date__gte=self._first)
        self._marked = set(marks.values_list("person_id", "log_date"))

    def unmarked(self, mine: set[int]) -> list[DueLine]:
        """Logs filed and not marked, of the people directly under one (S1-32: at the meetings of every day)."""
        return [
            self._line("supervisor", person, day, day)
            for person, day in self._filed - self._marked
            if self._known.checker("supervisor", person) in mine
        ]

    def periodic(self, mine: set[int]) -> list[DueLine]:
        """The newest log of everybody whose periodic check is due (team heads, management)."""
        due = self.due().filter(pl.col("level").is_in(["head", "management"]))
        newest: dict[int, date] = {}
        for person, day in self._filed:
            newest[person] = max(day, newest.get(person, day))
        return [
            self._line(level, person, newest[person], due_date)
            for number, level, due_date in due.select("staff_number", "level", "due_date").iter_rows()
            if (person := self._known.ids[number]) in newest and self._known.checker(level, person) in mine
        ]

    def drawn(self, mine: set[int]) -> list[DueLine]:
        """People whom a settled lot drew and whom nobody has looked at yet."""
        lines = []
        lots = Lot.objects.filter(lot_date__gte=self._first).order_by("pk")
        for lot in lots.prefetch_related("checks", "steps", "people"):
            done = {check.person_id for check in lot.checks.all()}
            for _place, person in drawn_of(lot):
                if person not in done and self._known.checker("department", person) in mine:
                    day = self._day_to_look_at(person, lot.lot_date)
                    lines.append(self._line("department", person, day, lot.lot_date, lot=int(lot.pk)))
        return lines

    def rechecks(self, mine: set[int]) -> list[DueLine]:
        """Logs that could not be shown and may be shown again."""
        absent = Check.objects.filter(
            level="department", outcome="absent", recheck__isnull=True, recheck_of__isnull=True
        )
        days = int(rules.applicable(self._on)["review.recheck_days"])
        lines = []
        for check in absent.filter(checked_date__gte=self._first).order_by("pk"):
            due = next_working(check.checked_date + timedelta(days=days))
            if due >= self._on and self._known.checker("department", check.person_id) in mine:
                lines.append(
                    self._line(
                        "department",
                        check.person_id,
                        check.log_date,
                        due,
                        check=int(check.pk),
                        lot=check.lot_id,
                    )
                )
        return lines

    def due(self) -> pl.DataFrame:
        """DUE of core.inspection, the periodic part."""
        numbers = self._numbers
        periodic = Check.objects.exclude(level="department").order_by()
        newest = periodic.values_list("level", "person_id").annotate(newest=Max("checked_date"))
        rows = [
            (str(n), level, numbers[person], day, day, "", "seen", None, None, None, False, None)
            for n, (level, person, day) in enumerate(newest)
            if person in numbers
        ]
        checks = conform(pl.DataFrame(rows, schema=CHECKS, orient="row"), CHECKS)
        book = rules.applicable(self._on)
        due = inspection.inspection_plan(
            self._known.frame, checks, self._on, book, seed=_NO_DRAW, draw_id="plan"
        )
        return due.filter(pl.col("level") != "department")

    def _day_to_look_at(self, person: int, lot_date: date) -> date:
        """The newest marked log up to the lot's day, else the newest filed, else the day itself."""
        marked = [day for one, day in self._marked if one == person and day <= lot_date]
        filed = [day for one, day in self._filed if one == person and day <= lot_date]
        return max(marked or filed or [lot_date])

    def _line(
        self,
        level: str,
        person: int,
        day: date,
        due: date,
        *,
        check: int | None = None,
        lot: int | None = None,
    ) -> DueLine:
        filed = (person, day) in self._filed
        return DueLine(
            level, LEVELS[level], person, self._numbers.get(person, ""), day, due, filed, check, lot
        )
