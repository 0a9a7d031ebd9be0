"""Reads of motor renewal: the motor book, lists, waiting claims, registers, cases and their steps. `scope` first."""

from __future__ import annotations

from tuogu.renewals.audited import audit_tables
from tuogu.renewals.board_reads import (
    STAGES,
    Festival,
    Narrowed,
    festivals,
    fired_on,
    listed_branches,
    narrowed,
    own_pipeline,
    pipeline,
    pipeline_of,
    second_people,
    stage_counts,
    urgings,
)
from tuogu.renewals.call_out import call_out_lines, call_outs, to_call_out
from tuogu.renewals.call_out_file import read_results
from tuogu.renewals.case_reads import (
    EndRow,
    StatedRow,
    Story,
    calendar_of,
    next_steps,
    one_pipeline,
    proof,
    story,
)
from tuogu.renewals.claiming import Claimed, people_of
from tuogu.renewals.comparing import motor_forecast
from tuogu.renewals.contacts import call_list, few_contacts, unacknowledged
from tuogu.renewals.entrants import EntrantRate, Entries, entries
from tuogu.renewals.failures import RenewalRefused, RenewalUnknown
from tuogu.renewals.history import chance_history
from tuogu.renewals.improving import Order, improvements
from tuogu.renewals.kinds import Band, Intention, Outcome, Round, Step
from tuogu.renewals.list_reads import (
    BranchWaiting,
    ListRow,
    list_cases,
    lists,
    open_to_city,
    waiting_by_branch,
)
from tuogu.renewals.measured import ends, expiring, measured_mark
from tuogu.renewals.pending import pending
from tuogu.renewals.reads import (
    STATES,
    ChangeRow,
    MotorFilter,
    MotorRow,
    NamingRow,
    changes,
    counts,
    motor_of_customer,
    motor_page,
    motor_policy,
    namings,
    numbers_outside,
    vehicles,
)
from tuogu.renewals.register_reads import (
    AmendmentRow,
    RegisterLineRow,
    RegisterRecord,
    RegisterRow,
    register,
    registers,
)
from tuogu.renewals.reowning import unsettled
from tuogu.renewals.rescue import lapsed_list
from tuogu.renewals.rewards import Policy, reward_policies, reward_policy_in_force
from tuogu.renewals.sampling import SAMPLE_DRAWN, SampleRow, sample, sample_findings
from tuogu.renewals.stepping import (
    FinalRow,
    SecondRow,
    StepRow,
    calendar,
    finals_waiting,
    second_waiting,
    steps_of,
)
from tuogu.renewals.support import SupportRow, supports
from tuogu.renewals.truth import lapsed_register
from tuogu.renewals.typed import TypedRow, typed_count, typed_waiting
from tuogu.renewals.within import answers_for

__all__ = [
    "SAMPLE_DRAWN",
    "STAGES",
    "STATES",
    "AmendmentRow",
    "Band",
    "BranchWaiting",
    "ChangeRow",
    "Claimed",
    "EndRow",
    "EntrantRate",
    "Entries",
    "Festival",
    "FinalRow",
    "Intention",
    "ListRow",
    "MotorFilter",
    "MotorRow",
    "NamingRow",
    "Narrowed",
    "Order",
    "Outcome",
    "Policy",
    "RegisterLineRow",
    "RegisterRecord",
    "RegisterRow",
    "RenewalRefused",
    "RenewalUnknown",
    "Round",
    "SampleRow",
    "SecondRow",
    "StatedRow",
    "Step",
    "StepRow",
    "Story",
    "SupportRow",
    "TypedRow",
    "answers_for",
    "audit_tables",
    "calendar",
    "calendar_of",
    "call_list",
    "call_out_lines",
    "call_outs",
    "chance_history",
    "changes",
    "counts",
    "ends",
    "entries",
    "expiring",
    "festivals",
    "few_contacts",
    "finals_waiting",
    "fired_on",
    "improvements",
    "lapsed_list",
    "lapsed_register",
    "list_cases",
    "listed_branches",
    "lists",
    "measured_mark",
    "motor_forecast",
    "motor_of_customer",
    "motor_page",
    "motor_policy",
    "namings",
    "narrowed",
    "next_steps",
    "numbers_outside",
    "one_pipeline",
    "open_to_city",
    "own_pipeline",
    "pending",
    "people_of",
    "pipeline",
    "pipeline_of",
    "proof",
    "read_results",
    "register",
    "registers",
    "reward_policies",
    "reward_policy_in_force",
    "sample",
    "sample_findings",
    "second_people",
    "second_waiting",
    "stage_counts",
    "steps_of",
    "story",
    "supports",
    "to_call_out",
    "typed_count",
    "typed_waiting",
    "unacknowledged",
    "unsettled",
    "urgings",
    "vehicles",
    "waiting_by_branch",
]  # fmt: skip
