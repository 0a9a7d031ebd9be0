"""What the page of a plan shows of the plan itself: certificate, people, months, what was left out, where it breaks.

In: a plan's id and a Scope. Out: plain values from the stored tables, and the same of today's custody beside them.
Never: a figure that the stored plan does not give, a plan outside the scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from tuogu.core.labels import UNPLACED_REASONS
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.files.certificate_words import Line, certificate_lines
from tuogu.files.report_source import NO_TEAM
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import burdens, drawing, memory, reading
from tuogu.plans.heads import seen
from tuogu.plans.models import StoredPlan

_BAR = 5  # pieces of one bar of the histogram
_NEEDED = (  # read in one query where they are not in memory yet
    "assignments", "unplaced", "units", "loads", "breaks", "candidates", "violations", "book.communities", "book.homes",
    "books.people", "books.institutions",
)  # fmt: skip
UNPLACED_ADVICE = {
    "not_regular": "趸交件不按片区分，由保全组服务",
    "lapsed": "先办复效，复效后下一次方案并入",
    "paid_up": "今后一年无应收，由保全组服务",
    "no_address_code": "在地址台选定社区后，下一次方案并入",
    "hard": "保全组专员跟进，了结后并入",
    "difficult": "保全组专员跟进，联系上后并入",
    "problem": "调查期间不分给销售人员",
    "no_capacity": "增派人手，或请邻近机构承接",
    "no_manager": "先补客户经理，再做方案",
    "agent_in_post": "业务员在职，不属孤儿保单",
}


@dataclass(frozen=True)
class ManagerRow:
    """One account manager of a plan. `months` are pieces due in January … December; `now_*` the same today."""

    staff_number: str
    custodian_id: int | None
    name: str
    team: str
    supervisor: bool
    colour: int | None
    held: int
    communities: int
    year: int
    months: tuple[int, ...]
    least: int
    most: int
    mean_distance_m: float | None
    now_held: int
    now_year: int
    now_months: tuple[int, ...]

    @property
    def change(self) -> int:
        """Pieces of a year more than today."""
        return self.year - self.now_year

    @property
    def mean_km(self) -> float | None:
        """The mean distance in kilometres."""
        return None if self.mean_distance_m is None else self.mean_distance_m / 1000


@dataclass(frozen=True)
class Band:
    """The limits of a month, and how many person-months lie outside them: in the plan, and today."""

    low: int
    high: int
    person_months: int
    outside: int
    now_outside: int


@dataclass(frozen=True)
class UnplacedRow:
    """Policies without a manager for one reason."""

    reason: str
    label: str
    policies: int
    advice: str


@dataclass(frozen=True)
class Bar:
    """Person-months with `low` to `high` pieces due: of the plan, and today."""

    low: int
    high: int
    planned: int
    now: int


@dataclass(frozen=True)
class Board:
    """Everything that the page of a plan shows but its changes, its map and its calendar."""

    certificate: list[Line]
    figures: dict[str, float]
    managers: list[ManagerRow]
    band: Band
    bars: list[Bar]
    unplaced: list[UnplacedRow]
    violations: list[dict[str, Any]]  # columns VIOLATIONS, as the independent check listed them
    breaks: list[dict[str, Any]]  # columns BREAKS, people and teams first
    now_mean_distance_m: float | None
    release_months: list[int]  # on whose first day a later instalment may be released
    release_window: int  # days that must lie between two instalments (docs/adr/0002)


def board(plan_id: int, scope: Scope) -> Board:
    """The board of a plan that the scope covers."""
    stored = seen(plan_id, scope)
    memory.tables(stored, _NEEDED)
    rulebook = reading.rulebook_of(stored)
    now = burdens.current(stored)
    rows = _managers(stored, now)
    limits = _band(rows, rulebook["territory.month_load_min"], rulebook["territory.month_load_max"])
    plan = memory.plan(stored)
    return Board(
        certificate_lines(plan, rulebook, {row.staff_number: row.name for row in rows}),
        dict(plan.certificate.figures),
        rows,
        limits,
        _bars(rows, limits),
        _unplaced(plan.unplaced),
        memory.table(stored, "violations").to_dicts(),
        _breaks(plan.breaks),
        burdens.mean_distance_m(now),
        sorted(rulebook["territory.release_months"]),
        rulebook["visits.first_window_days"],
    )


def _band(rows: list[ManagerRow], low: int, high: int) -> Band:
    def outside(months: list[tuple[int, ...]]) -> int:
        return sum(not low <= due <= high for row in months for due in row)

    months = len(rows) * len(MONTH_COLUMNS)
    return Band(low, high, months, outside([r.months for r in rows]), outside([r.now_months for r in rows]))


def _bars(rows: list[ManagerRow], limits: Band) -> list[Bar]:
    """Edges fall on the band, so that no bar is half inside."""
    planned = [due for row in rows for due in row.months]
    today = [due for row in rows for due in row.now_months]
    least, most = min(planned + today, default=0), max(planned + today, default=0)
    return [
        Bar(a, b, sum(a <= due <= b for due in planned), sum(a <= due <= b for due in today))
        for a, b in _edges(limits.low, limits.high, least, most)
    ]


def _edges(low: int, high: int, least: int, most: int) -> list[tuple[int, int]]:
    """Bars of _BAR pieces: below the band down to `least`, inside it (the last one ends at `high`), above to `most`."""
    below = [
        (max(0, top - _BAR + 1), top) for top in range(low - 1, min(least, low - 1) - 1, -_BAR) if top >= 0
    ]
    inside = [(a, a + _BAR - 1) for a in range(low, high, _BAR)]
    inside[-1] = (inside[-1][0], high)
    above = [(a, a + _BAR - 1) for a in range(high + 1, max(most, high + 1) + 1, _BAR)]
    return [*reversed(below), *inside, *above]


def _unplaced(frame: pl.DataFrame) -> list[UnplacedRow]:
    rows = frame.group_by("reason").agg(n=pl.len()).sort("n", "reason", descending=[True, False])
    return [
        UnplacedRow(reason, UNPLACED_REASONS.get(reason, reason), n, UNPLACED_ADVICE.get(reason, ""))
        for reason, n in rows.iter_rows()
    ]


def _breaks(frame: pl.DataFrame) -> list[dict[str, Any]]:
    order = {level: place for place, level in enumerate(("manager", "team", "community", "street"))}
    return sorted(
        frame.to_dicts(), key=lambda row: (order.get(row["level"], len(order)), -row["pieces"], row["key"])
    )


def _managers(stored: StoredPlan, now: pl.DataFrame) -> list[ManagerRow]:
    """Everybody with a load, by team, then staff number."""
    tables = memory.tables(stored, ("books.people", "books.institutions"))
    teams = tables["books.institutions"].select(team_code="institution_code", team="name")
    people = tables["books.people"].select("staff_number", "team_code", "supervisor")
    plan = burdens.planned(stored)
    ids = dict(org.staff_ids(plan["staff_number"]).select("staff_number", "custodian_id").iter_rows())
    names = org.names(ids.values())
    colours = drawing.colours_of(stored)
    rows = (
        plan.join(now, on="staff_number", how="left", suffix="_now")
        .join(people, on="staff_number", how="left")
        .join(teams, on="team_code", how="left")
        .with_columns(
            team=pl.coalesce("team", "team_code", pl.lit(NO_TEAM)),
            supervisor=pl.col("supervisor").fill_null(False),
        )
        .sort("team_code", "staff_number", nulls_last=True)
    )
    return [_manager(row, ids, names, colours) for row in rows.iter_rows(named=True)]


def _manager(
    row: dict[str, Any], ids: dict[str, int], names: dict[int, str | None], colours: dict[str, int]
) -> ManagerRow:
    number = row["staff_number"]
    person = ids.get(number)
    return ManagerRow(
        number, person, (names.get(person) if person else None) or number, row["team"], row["supervisor"],
        colours.get(number), row["held"], row["communities"], row["year"], tuple(row[m] for m in MONTH_COLUMNS),
        row["least"], row["most"], row["mean_distance_m"], row["held_now"] or 0, row["year_now"] or 0,
        tuple(row[f"{m}_now"] or 0 for m in MONTH_COLUMNS),
    )  # fmt: skip
