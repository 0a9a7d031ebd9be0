"""The campaign at a glance: what each department has, has done, has still to do, and what is missing before wave 1.

In: a campaign, a scope, a day. Out: a line a department, each figure as numerator and denominator. Never: a figure of a
department out of reach; a rate of the released records that decides anything (A-46: both are shown).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tuogu.campaigns.enrichment import measured, rate_bp
from tuogu.campaigns.ground import Ground, ground
from tuogu.campaigns.models import Campaign
from tuogu.campaigns.report_reads import LATE, due_lines
from tuogu.campaigns.whose import seen_departments
from tuogu.core.campaign.evaluation import MET, Stage
from tuogu.core.labels import CAMPAIGN_AREAS
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

_ONE_DAY = timedelta(days=1)
_QUARTER = 3  # months
_WHOLE_BP = 10_000  # hundredths of a percent in a whole: a unit


@dataclass(frozen=True)
class DepartmentLine:
    """One department. `missing`: what it has still to file before wave 1."""

    code: str
    name: str
    area: str
    officer: str
    missing: list[str]
    quota: int
    released: int
    second: int
    second_long: int
    fresh: int
    policies: int
    policies_long: int
    premium_fen: int
    premium_long_fen: int
    target: int  # customers that the target means, rounded up
    verdict: str
    late: int  # reports not filed in time and still missing
    used: int
    listed: int
    visited: int
    known_before: int
    known_after: int
    wanted: int

    @property
    def rate_bp(self) -> int | None:
        """Of the quota: what decides."""
        return rate_bp(self.second, self.quota)

    @property
    def released_rate_bp(self) -> int | None:
        """Of what has been released: shown beside (A-46)."""
        return rate_bp(self.second, self.released)

    @property
    def rate_long_bp(self) -> int | None:
        """Of the quota, by the products paid over as many years as the notice asks for (S2-19)."""
        return rate_bp(self.second_long, self.quota)

    @property
    def released_rate_long_bp(self) -> int | None:
        """The same of what has been released."""
        return rate_bp(self.second_long, self.released)

    @property
    def used_bp(self) -> int | None:
        return rate_bp(self.used, self.listed)

    @property
    def before_bp(self) -> int | None:
        return rate_bp(self.known_before, self.wanted)

    @property
    def after_bp(self) -> int | None:
        return rate_bp(self.known_after, self.wanted)

    @property
    def met(self) -> bool:
        return self.verdict == MET


@dataclass(frozen=True)
class CampaignBoard:
    """`last_date`: the last day of the running stage, None before it began."""

    campaign: Campaign
    begun: date | None
    stage: str
    target_bp: int
    threshold_bp: int
    long_years: int
    last_date: date | None
    wrong: str
    lines: list[DepartmentLine]

    def total(self, name: str) -> int:
        """The sum of a figure over the departments shown."""
        return sum(getattr(line, name) for line in self.lines)

    def rate_bp(self, part: str, whole: str) -> int | None:
        """One sum over another."""
        return rate_bp(self.total(part), self.total(whole))


def board(row: Campaign, scope: Scope, on: date) -> CampaignBoard:
    """The campaign as the scope shows it today: customers up to today, policies since the first wave."""
    base = ground(row, on)
    stage = Stage.of(base.stage, base.rulebook)
    return CampaignBoard(
        row, base.begun, base.stage, stage.target_bp, stage.threshold_bp,
        int(base.rulebook["campaign.follow_up.payment_years_min"]), last_date(base), base.wrong,
        _lines(base, scope, stage, on),
    )  # fmt: skip


def last_date(base: Ground) -> date | None:
    """The last day of the quarter that the running stage belongs to."""
    if base.begun is None:
        return None
    waves = {r.instalment: r.due_date for r in plans.releases(base.campaign.plan_id, Scope.everything())}
    first = waves.get(2, base.begun) if base.stage == "q3" else base.begun
    following = waves.get(2) if base.stage == "q2" else None  # the second wave's day ends the first stage
    return following - _ONE_DAY if following else _quarter_end(first)


def _quarter_end(day: date) -> date:
    """The last day of the calendar quarter."""
    month = (day.month - 1) // _QUARTER * _QUARTER + _QUARTER
    return (date(day.year, month, 1) + timedelta(days=31)).replace(day=1) - _ONE_DAY


def _lines(base: Ground, scope: Scope, stage: Stage, on: date) -> list[DepartmentLine]:
    row, seen = base.campaign, seen_departments(base.campaign, scope)
    states = {one.code: one for one in plans.filing_states(seen, row.year)}
    late: dict[str, int] = {}
    for due in due_lines(row, on, seen):
        late[due.department] = late.get(due.department, 0) + (due.state == LATE)
    known = measured(row, on)
    lines = []
    for one in base.counts(base.begun or on, on).to_dicts():
        code = one["department"]
        if code not in states:
            continue
        filed, found = states[code], known.get(code, {})
        lines.append(
            DepartmentLine(
                code, filed.name, CAMPAIGN_AREAS.get(one["area"] or "", ""),
                filed.person.person_name if filed.person else "", filed.missing, one["quota"], one["released"],
                one["second"], one["second_long"], one["fresh"], one["policies"], one["policies_long"],
                one["premium_fen"], one["premium_long_fen"], -(-one["quota"] * stage.target_bp // _WHOLE_BP),
                stage.verdict(one["second"], one["quota"]), late.get(code, 0),
                *(found.get(name, 0) for name in ("used", "listed", "visited", "known_before", "known_after", "wanted")),
            )
        )  # fmt: skip
    return lines
