"""The tables of motor renewal: what the lists and the clock read, and what they answer.

In: frames built by callers. Out: schemas; `core.tables.conform` proves a frame. Never: a person's name, plate or phone in a
frame of the clock.
"""

from __future__ import annotations

from tuogu.core.tables import B, D, I, S, Schema

MOTOR: Schema = {  # the sheet 车险: one row a policy
    "policy_number": S,  # unique, text
    "plate_number": S,  # 车牌号; null = not yet registered
    "frame_number": S,  # 车架号
    "holder_number": S,  # customer number of the insured owner
    "premium_fen": I,
    "start_date": D,  # first day of cover
    "expiry_date": D,  # last day of cover
    "agent_number": S,  # staff number of who sold it; null = unknown
    "entrant_number": S,  # staff number of who typed it in (S3-01)
    "institution_code": S,  # the branch that manages it
    "channel": S,
    "fleet_number": S,  # 团单号; null = none
    "important": B,  # marked by the branch (S3-14)
    "previous_number": S,  # the policy that it renews
}
CASES: Schema = {  # one row a motor policy, as the clock reads it
    "subject_id": I,
    "policy_number": S,
    "holder_number": S,
    "institution_code": S,
    "premium_fen": I,
    "important": B,
    "fleet_vehicles": I,  # policies of the same fleet number; 0 = none
    "expiry_date": D,
    "listed_date": D,  # null = not yet in a list
    "claim_due_date": D,  # null = not yet in a list
    "custodian_id": I,
    "custodian_in_post": B,  # a person in post, not a pool
    "named": B,  # somebody was named in the present round
    "own_contacts": I,  # of the responsible person since listing; company messages not counted
    "intention": S,  # a key of core.motor.words.INTENTIONS; null = not stated
    "ended": B,
    "outcome": S,  # a key of core.motor.words.OUTCOMES; null = running
    "opted_out": B,  # refuses messages
    "data_true": B,  # null = not judged
}
FIRED: Schema = {"subject_id": I, "step": S, "round": I, "fired_date": D}
STEPS: Schema = {"subject_id": I, "step": S, "round": I, "due_date": D, "reason": S}
HOLIDAYS: Schema = {  # built by the caller from the tables of festivals and working days
    "festival": S,  # a word of the rulebook's renewal.early_holidays
    "first_date": D,
    "last_date": D,
    "before_date": D,  # the last working day before
}
LISTED: Schema = {  # what enters a list (S3-03)
    "subject_id": I,
    "band": S,  # a key of core.motor.words.BANDS
    "days_left": I,
    "late": B,
}
