"""Reads of the plans. What people look at takes a Scope: a plan is visible to whose scope covers every institution that
manages its policies; of any other plan these reads raise PlanUnknown, as if it were not there.
"""

from __future__ import annotations

from typing import Any

from tuogu.core.strategies import TERRITORY
from tuogu.org.scope import Scope
from tuogu.plans.attention import (
    Attention,
    MonthLoads,
    ReleaseLine,
    TakenBack,
    UndoAsked,
    attention,
    month_loads,
)
from tuogu.plans.audited import audit_tables
from tuogu.plans.buffered import buffer_lines, buffer_page
from tuogu.plans.calendar import CalendarLine, calendar
from tuogu.plans.changes import ChangePage, ChangeRegister, change_register, policy_changes, unit_changes
from tuogu.plans.comparing import Comparison, Figure, compare_plans, compare_with_now
from tuogu.plans.draw_heads import DrawHead, draw_head, draw_heads
from tuogu.plans.draw_lists import SOURCES as DRAW_SOURCES
from tuogu.plans.draw_lists import DrawList, draw_list, draw_lists, managing
from tuogu.plans.draw_records import DrawState, Party, draw_record, draw_state, drawn_numbers
from tuogu.plans.drawing import Picture, picture
from tuogu.plans.explaining import (
    BesideWhy,
    Why,
    beside,
    derived_again,
    plan_that_speaks,
    subjects_of_unit,
    unit_codes,
    why,
)
from tuogu.plans.facts_read import (
    FactFilter,
    FactLine,
    FactPage,
    facts_known,
    facts_mark,
    facts_of,
    facts_page,
)
from tuogu.plans.failures import PlanUnknown
from tuogu.plans.fairness import FairnessAccount, fairness_account
from tuogu.plans.filings import (
    DepartmentState,
    FilingLine,
    broken_seals,
    campaign_departments,
    departments_of,
    filed_content,
    filings,
)
from tuogu.plans.filings import states as filing_states
from tuogu.plans.heads import (
    PlanHead,
    ReleaseRow,
    batch_origins,
    plan_head,
    plan_heads,
    plans_seen,
    release_row,
    releases,
    seen,
)
from tuogu.plans.held import held_frame, receivers
from tuogu.plans.models import ScheduledRelease, StoredPlan
from tuogu.plans.offering import as_offered_today
from tuogu.plans.outlook import Drift, ReleaseOutlook, UndoOutlook, drift, release_outlook, undo_outlook
from tuogu.plans.overlaps import Overlap, at_approval, overlaps
from tuogu.plans.pending import pending
from tuogu.plans.places import PlanPlace, places_in_plans
from tuogu.plans.plan_board import Board, ManagerRow, board
from tuogu.plans.reach import reach
from tuogu.plans.reading import load_plan, rulebook_by_plan, rulebook_of, table_of
from tuogu.plans.reviews import ReviewLine, review_line, review_lines, reviews_of
from tuogu.plans.revisions import Chosen, RevisionLine, chosen_rows, revisions, takers_of
from tuogu.plans.rounds import RoundLine, StepLine, overdue_steps, round_line, round_of_step, rounds
from tuogu.plans.rounds import template as round_template
from tuogu.plans.rows import (
    PlannedPolicy,
    RowChoices,
    RowFilter,
    RowPage,
    manager_name,
    manager_names,
    plan_rows_page,
    reason_label,
    row_choices,
)
from tuogu.plans.standing_book import for_planning
from tuogu.plans.strategy_board import (
    PlacedFilter,
    SheetPage,
    StrategyBoard,
    placed_page,
    receiver_names,
    sheet_page,
    strategy_board,
)
from tuogu.plans.strategy_compare import StrategyComparison, compare_strategy
from tuogu.plans.takers import Taker

__all__ = [
    "DRAW_SOURCES",
    "Attention",
    "BesideWhy",
    "Board",
    "CalendarLine",
    "ChangePage",
    "ChangeRegister",
    "Chosen",
    "Comparison",
    "DepartmentState",
    "DrawHead",
    "DrawList",
    "DrawState",
    "Drift",
    "FactFilter",
    "FactLine",
    "FactPage",
    "FairnessAccount",
    "Figure",
    "FilingLine",
    "ManagerRow",
    "MonthLoads",
    "Overlap",
    "Party",
    "Picture",
    "PlacedFilter",
    "PlanHead",
    "PlanPlace",
    "PlanUnknown",
    "PlannedPolicy",
    "ReleaseLine",
    "ReleaseOutlook",
    "ReleaseRow",
    "ReviewLine",
    "RevisionLine",
    "RoundLine",
    "RowChoices",
    "RowFilter",
    "RowPage",
    "SheetPage",
    "StepLine",
    "StrategyBoard",
    "StrategyComparison",
    "TakenBack",
    "Taker",
    "UndoAsked",
    "UndoOutlook",
    "Why",
    "approved_overlapping",
    "as_offered_today",
    "attention",
    "audit_tables",
    "band",
    "batch_origins",
    "beside",
    "board",
    "broken_seals",
    "buffer_lines",
    "buffer_page",
    "calendar",
    "campaign_departments",
    "change_register",
    "chosen_rows",
    "compare_plans",
    "compare_strategy",
    "compare_with_now",
    "departments_of",
    "derived_again",
    "draw_head",
    "draw_heads",
    "draw_list",
    "draw_lists",
    "draw_record",
    "draw_state",
    "drawn_numbers",
    "drift",
    "facts_known",
    "facts_mark",
    "facts_of",
    "facts_page",
    "fairness_account",
    "filed_content",
    "filing_states",
    "filings",
    "for_planning",
    "held_frame",
    "latest_approved",
    "load_plan",
    "manager_name",
    "manager_names",
    "managing",
    "month_loads",
    "overdue_steps",
    "overlaps",
    "pending",
    "picture",
    "placed_page",
    "places_in_plans",
    "plan_head",
    "plan_heads",
    "plan_rows",
    "plan_rows_page",
    "plan_that_speaks",
    "plans_seen",
    "policy_changes",
    "reason_label",
    "receiver_names",
    "receivers",
    "release_outlook",
    "release_row",
    "releases",
    "review_line",
    "review_lines",
    "reviews_of",
    "revisions",
    "round_line",
    "round_of_step",
    "round_template",
    "rounds",
    "row_choices",
    "rulebook_by_plan",
    "rulebook_of",
    "scheduled_rows",
    "sheet_page",
    "strategy_board",
    "subjects_of_unit",
    "table_of",
    "takers_of",
    "undo_outcome",
    "undo_outlook",
    "unit_changes",
    "unit_codes",
    "why",
]  # fmt: skip


def plan_rows(plan_id: int | None = None) -> list[dict[str, Any]]:
    """Stored plans, newest first: id, digest, state, as_of, made_by_id, decided_by_id, violations, certificate."""
    rows = StoredPlan.objects.order_by("-id")
    if plan_id is not None:
        rows = rows.filter(pk=plan_id)
    return [
        {
            "id": p.pk, "digest": p.digest, "state": p.state, "state_label": p.get_state_display(), "as_of": p.as_of,
            "made_by": p.made_by_id, "made_at": p.made_at, "decided_by": p.decided_by_id, "decided_at": p.decided_at,
            "strategy": p.strategy, "note": p.decision_note, "violations": p.violations, "certificate": p.certificate,
        }
        for p in rows
    ]  # fmt: skip


def scheduled_rows(plan_id: int | None = None) -> list[dict[str, Any]]:
    """Scheduled releases by day: id, plan, instalment, attempt, due_date, state, batch, outcome."""
    rows = ScheduledRelease.objects.order_by("due_date", "plan_id", "instalment", "attempt")
    if plan_id is not None:
        rows = rows.filter(plan_id=plan_id)
    return [
        {
            "id": r.pk, "plan": r.plan_id, "instalment": r.instalment, "attempt": r.attempt, "due_date": r.due_date,
            "state": r.state, "state_label": r.get_state_display(), "batch": r.batch_id, "outcome": r.outcome,
        }
        for r in rows
    ]  # fmt: skip


def undo_outcome(scheduled_id: int) -> dict[str, int]:
    """What undoing a release came to, as it was stored then: undone, conflicts, redirected; {} before it is undone."""
    found = ScheduledRelease.objects.filter(pk=scheduled_id).values_list("outcome", flat=True).first() or {}
    return {name: int(found[name]) for name in ("undone", "conflicts", "redirected") if name in found}


def band(plan_id: int, scope: Scope) -> tuple[int, int]:
    """Least and most pieces due of a person in a month, by the plan's rulebook."""
    rulebook = rulebook_of(seen(plan_id, scope))
    return int(rulebook["territory.month_load_min"]), int(rulebook["territory.month_load_max"])


def latest_approved(strategy: str = TERRITORY.name, scope: Scope | None = None) -> int | None:
    """Id of the newest approved plan of a strategy; with a scope, of those that speak of one of its institutions."""
    approved = StoredPlan.objects.filter(strategy=strategy, state=StoredPlan.State.APPROVED)
    newest = approved.order_by("-decided_at", "-id").values_list("pk", "institution_codes")
    within = None if scope is None else reach(scope)
    return next((pk for pk, codes in newest if within is None or within & set(codes)), None)


def approved_overlapping(plan_id: int, scope: Scope) -> list[Overlap]:
    """What the approver of this draft must acknowledge; see overlaps.at_approval."""
    stored = seen(plan_id, scope)
    return at_approval(stored) if stored.state == StoredPlan.State.AWAITING else []
