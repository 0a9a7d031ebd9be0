"""The tables of timelines.

In: nothing. Out: schemas for `core.tables.conform`. Never: a person, a name, an address.
"""

from __future__ import annotations

from tuogu.core.tables import B, D, I, S, Schema

CASES: Schema = {  # one row a subject of custody: a main policy
    "subject_id": I,  # unique
    "policy_number": S,
    "customer_number": S,  # of the policyholder; null = unknown, then every policy stands for itself
    "service_class": S,  # normal | difficult | lapsed; null = not classified
    "nature": S,  # normal | hard | problem; null = not classified
    "orphan": B,
    "live": B,
    "state": S,
    "received_date": D,  # start of the present custody after a release or transfer; null = never handed over
    "inception_date": D,
    "end_date": D,
    "lapse_date": D,
    "premium_mode": S,
    "payments_per_year": I,
    "payment_term_years": I,
    "birth_date": D,  # of the policyholder
}
EVENTS: Schema = {  # what happened to a case and starts a duty; PAID ends those of an instalment
    "subject_id": I,
    "kind": S,  # see core.labels.CASE_EVENTS
    "day": D,  # PAID: the day on which the paid instalment was due
}
PAID = "paid"
OCCURRENCES: Schema = {  # named by (subject_id, obligation, anchor_date)
    "subject_id": I,
    "customer_number": S,
    "obligation": S,
    "anchor_date": D,
    "opens_date": D,
    "due_date": D,  # the last day that is in time
    "needed": I,  # how many days with a record that meets it
    "reason": S,  # see core.labels.VISIT_REASONS
}
EVIDENCE: Schema = {  # records filed: what was done for whom, when
    "subject_id": I,  # null = the customer as a whole
    "customer_number": S,
    "kind": S,  # see core.labels.EVIDENCE_KINDS
    "day": D,
}
STANDING: Schema = {
    "subject_id": I,
    "obligation": S,
    "anchor_date": D,
    "done": I,  # days with a record, in time or late, up to the day of asking
    "in_time": I,  # of these, not after the due date
    "needed": I,
    "state": S,  # met | met_late | open | late
    "met_date": D,  # the day of the record that made it enough
}
