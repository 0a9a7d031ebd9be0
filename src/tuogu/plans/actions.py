"""Writes of the plans: store a draft, decide on it, release its instalments, cancel, undo, schedule again.

Keyword-only `by` (custodian id) and `at` (moment). A person who made a plan never decides on it, and whoever releases is
not whoever approved: the database refuses both. Every release checks the stored plan anew before it posts.
"""

from __future__ import annotations

from tuogu.plans.adjusting import Move, Revision, adjust, revision
from tuogu.plans.deciding import approve, reject, withdraw
from tuogu.plans.draws import Announced, open_draw, open_draws
from tuogu.plans.draws import commit as commit_draw
from tuogu.plans.draws import reveal as reveal_draw
from tuogu.plans.facts import file_facts
from tuogu.plans.failures import PlanRefused
from tuogu.plans.filings import file_person, file_rules
from tuogu.plans.releasing import Refused, Released, describe, release_due
from tuogu.plans.reviews import ask_review, decide_review
from tuogu.plans.rounds import StepWish, hand_off, open_round
from tuogu.plans.scheduling import cancel, schedule_again
from tuogu.plans.storing import store_plan
from tuogu.plans.undoing import ask_undo, confirm_undo, refuse_undo, undo_release, withdraw_undo

__all__ = [
    "Announced", "Move", "PlanRefused", "Refused", "Released", "Revision", "StepWish", "adjust", "approve", "ask_review",
    "ask_undo", "cancel", "commit_draw", "confirm_undo", "decide_review", "describe", "file_facts", "file_person",
    "file_rules", "hand_off", "open_draw", "open_draws", "open_round", "refuse_undo", "reject", "release_due",
    "reveal_draw", "revision", "schedule_again", "store_plan", "undo_release", "withdraw", "withdraw_undo",
]  # fmt: skip
