"""Writes of motor renewal: books, lists, claims, registers; the clock and what follows it; and what happens by itself.

Keyword-only `by` (custodian id) and `at` (moment); each act is one transaction. The database refuses to change a row.
"""

from __future__ import annotations

from datetime import datetime

from tuogu.renewals import messages, rolling, second_round
from tuogu.renewals.call_out import file_result, file_results, make_call_out
from tuogu.renewals.claiming import Claimed, claim, confirm
from tuogu.renewals.contacts import acknowledge, end_case, file_call, state_intention, withdraw_end
from tuogu.renewals.dealing import roll_claims
from tuogu.renewals.failures import RenewalRefused, RenewalUnknown
from tuogu.renewals.importing import Stored, import_motor, store_motor
from tuogu.renewals.improving import file_improvement, order_improvement, order_improvements
from tuogu.renewals.listing import Run, roll_lists, run_list
from tuogu.renewals.registers import amend, file_register, roll_registers
from tuogu.renewals.responsible import make_responsible
from tuogu.renewals.rewards import approve_policy, file_policy
from tuogu.renewals.sampling import file_answers, open_sample, take_sample
from tuogu.renewals.second_round import claim_second, confirm_final, report_risk
from tuogu.renewals.support import answer_support, ask_support
from tuogu.renewals.truth import mark_truth
from tuogu.renewals.typed import roll_typed

__all__ = [
    "Claimed",
    "RenewalRefused",
    "RenewalUnknown",
    "Run",
    "Stored",
    "acknowledge",
    "amend",
    "answer_support",
    "approve_policy",
    "ask_support",
    "claim",
    "claim_second",
    "confirm",
    "confirm_final",
    "end_case",
    "file_answers",
    "file_call",
    "file_improvement",
    "file_policy",
    "file_register",
    "file_result",
    "file_results",
    "import_motor",
    "make_call_out",
    "make_responsible",
    "mark_truth",
    "open_sample",
    "order_improvement",
    "order_improvements",
    "report_risk",
    "roll",
    "roll_claims",
    "roll_lists",
    "roll_registers",
    "run_list",
    "state_intention",
    "store_motor",
    "take_sample",
    "tick",
    "withdraw_end",
]


def roll(*, by: int, at: datetime) -> int:
    """Once a day: renewals that were typed and have come, lists, rounds of claiming, registers; then the steps of the
    clock."""
    done = (
        roll_typed(by=by, at=at)
        + roll_lists(by=by, at=at)
        + roll_claims(by=by, at=at)
        + roll_registers(by=by, at=at)
    )
    return done + rolling.roll(by=by, at=at)


def tick(*, by: int, at: datetime) -> int:
    """Every few minutes: rounds whose hours are over, messages that may leave now."""
    return second_round.tick(by=by, at=at) + messages.send(by=by, at=at)
