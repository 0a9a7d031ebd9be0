"""The day on which a quarter is judged: the test as it stands today, and what has still to be done until customers have
been taken back and given on. The plans themselves are made, approved and released in the room of plans.

In: a campaign, a stage, a day. Out: the result of each department, the steps with what is missing. Never: a second test (the
strategies' own is asked), a release.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.campaigns.ground import STAGES, ground
from tuogu.campaigns.models import Campaign
from tuogu.campaigns.report_reads import LATE, due_lines, report_lines
from tuogu.campaigns.whose import seen_departments
from tuogu.core.campaign.evaluation import MET, RECLAIM, VERDICTS, Result, Stage
from tuogu.core.labels import CAMPAIGN_AREAS
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

SOURCES = {"book": gettext_noop("账内保单推算"), "facts": gettext_noop("部门上报")}
RECLAIMING, GIVING = STRATEGIES["reclaim"].name, STRATEGIES["redistribute"].name
DONE, TO_DO, NEEDLESS = "done", "todo", "needless"


@dataclass(frozen=True)
class Step:
    """One thing on the way. `plan`: the plan that it speaks of; `make`: the strategy of which a plan can be made now."""

    title: str
    state: str  # done | todo | needless
    text: str = ""
    plan: int | None = None
    make: str = ""


@dataclass(frozen=True)
class ResultLine:
    """A department's test with its name."""

    name: str
    area: str
    result: Result

    @property
    def verdict(self) -> str:
        return VERDICTS[self.result.verdict]


@dataclass(frozen=True)
class EvaluationDay:
    """`days`: of the period so far; `wrong`: why there is no test."""

    stage: str
    source: str
    target_bp: int
    threshold_bp: int
    reclaim_bp: int
    days: int
    days_min: int
    wrong: str
    lines: list[ResultLine] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def stage_word(self) -> str:
        return STAGES[self.stage]

    @property
    def open_steps(self) -> int:
        return sum(step.state == TO_DO for step in self.steps)


def evaluation_day(
    row: Campaign, scope: Scope, on: date, *, stage: str = "", source: str = "book"
) -> EvaluationDay:
    """The quarter's test of the departments in reach, and what is missing until it has been acted upon."""
    base = ground(row, on)
    stage = stage if stage in STAGES else base.stage
    source = source if source in SOURCES else "book"
    numbers = Stage.of(stage, base.rulebook)
    days = (on - base.begun).days + 1 if base.begun else 0
    least = int(base.rulebook[f"campaign.{stage}.days_min"])
    wrong, results = "", []
    try:
        results = base.results(stage, source)
    except StrategyError as refused:
        wrong = str(refused)
    seen = set(seen_departments(row, scope))
    names = org.institution_names(r.department for r in results)
    areas = dict(base.quotas.select("department", "area").iter_rows())
    lines = [
        ResultLine(
            names.get(r.department, r.department),
            CAMPAIGN_AREAS.get(areas.get(r.department) or r.area, ""),
            r,
        )
        for r in results
        if r.department in seen
    ]
    steps = _steps(row, scope, on, stage, results, days, least)
    return EvaluationDay(
        stage,
        source,
        numbers.target_bp,
        numbers.threshold_bp,
        numbers.reclaim_bp,
        days,
        least,
        wrong,
        lines,
        steps,
    )


def _steps(
    row: Campaign, scope: Scope, on: date, stage: str, results: list[Result], days: int, least: int
) -> list[Step]:
    late = sum(line.state == LATE for line in due_lines(row, on, seen_departments(row, scope)))
    waiting = len(report_lines(row, scope, waiting=True))
    heads = [
        h for h in plans.plan_heads(scope) if h.options.get("stage") == stage and h.made_at >= row.opened_at
    ]
    heads = [h for h in heads if h.state in ("awaiting", "approved")]
    taking = [h for h in heads if h.strategy == RECLAIMING]
    giving = [h for h in heads if h.strategy == GIVING]
    drawn = [h for h in taking if h.options.get("draw_id") or h.options.get("seed_hex")]
    due = sum(r.draw for r in results if r.verdict == RECLAIM)
    needs = bool(due) or bool(taking)
    met = any(r.verdict == MET for r in results)
    released = bool(drawn) and drawn[0].instalments > 0 and drawn[0].posted == drawn[0].instalments
    found = [
        Step(
            gettext_noop("考核期满"),
            DONE if days >= least else TO_DO,
            _("已 %(n)s 天，至少 %(least)s 天；提前考核须在方案选项中写明") % {"n": days, "least": least},
        ),
        Step(
            gettext_noop("周报到齐"),
            TO_DO if late else DONE,
            _("还有 %(n)s 份未报") % {"n": late} if late else "",
        ),
        Step(
            gettext_noop("周报审核"),
            TO_DO if waiting else DONE,
            _("还有 %(n)s 份未审") % {"n": waiting} if waiting else "",
        ),
        _made(
            gettext_noop("待抽名单"),
            taking,
            needs,
            RECLAIMING,
            _("低于回收线的部门共应回收 %(n)s 位") % {"n": due} if due else _("没有部门低于回收线"),
        ),
        _made(
            gettext_noop("回收方案（按抽签结果）"),
            drawn,
            needs,
            RECLAIMING if taking else "",
            _("由两方公开种子后编制"),
        ),
        *_decided(gettext_noop("回收方案审批"), gettext_noop("回收下发"), drawn, needs),
    ]
    after = released and needs
    found.append(
        _made(
            gettext_noop("再次分配方案"),
            giving,
            needs and met,
            GIVING if after else "",
            _("没有部门达标，回收的客户留在池中") if needs and not met else _("回收下发以后编制"),
        )
    )
    ends = (gettext_noop("再次分配方案审批"), gettext_noop("再次分配下发"))
    return found + _decided(*ends, giving, needs and met)


def _made(title: str, heads: list[plans.PlanHead], needed: bool, make: str, text: str) -> Step:
    if heads:
        return Step(title, DONE, "", heads[0].id)
    return Step(title, TO_DO if needed else NEEDLESS, text, None, make if needed else "")


def _decided(approval: str, release: str, heads: list[plans.PlanHead], needed: bool) -> list[Step]:
    head = heads[0] if heads else None
    approved = head is not None and head.state == "approved"
    out = approved and head is not None and head.instalments > 0 and head.posted == head.instalments
    open_state = TO_DO if needed else NEEDLESS
    plan = None if head is None else head.id
    return [
        Step(approval, DONE if approved else open_state, "" if approved else _("须由另一人批准"), plan),
        Step(release, DONE if out else open_state, "" if out else _("审批人不能自己下发"), plan),
    ]
