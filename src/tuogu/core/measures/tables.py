"""The schemas of figures: what the rooms of a branch hand in, what is counted, what comes out.

In: nothing. Out: schemas, `Inputs`. Never: a personal field: numbers, ids, days and sums only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date

import polars as pl

from tuogu.core.tables import B, D, I, S, Schema, empty

PLACE: Schema = {  # where a row belongs: the columns that become dimensions
    "person_id": I,  # custodian: a person or a pool
    "institution_code": S,  # of the person or pool at the end of the period; null = the house itself
    "source": S,  # source of the orphan (core.tables.ORPHAN_SOURCES), channel of a motor policy; null = not given
    "region_code": S,  # official code of the customer's community, 12 digits; null = not coded
}
ALLOCATIONS: Schema = {  # what was given to a person to be developed or looked after
    "customer_number": S,
    **PLACE,
    "allocated_date": D,
}
NEW_POLICIES: Schema = {  # main policies as bought
    "policy_number": S,
    "customer_number": S,  # the policyholder
    **PLACE,  # of who sold it
    "inception_date": D,
    "payment_term_years": I,
}
HELD: Schema = {  # who was responsible for which customer; the last stretch that touches the period
    "customer_number": S,
    **PLACE,
    "from_date": D,
    "until_date": D,  # half open; null = still
    "pieces": I,  # live policies of the customer with this custodian
    "filled": I,  # weight of the filled fields of the customer's record (S0-05)
    "fields": I,  # weight of all of them
}
CONTACTS: Schema = {  # calls, messages, visits that reached the customer; a corrected record is absent
    "customer_number": S,
    "person_id": I,  # who was responsible when it happened
    "kind": S,  # call | message | visit
    "happened_date": D,
}
COHORT: Schema = {  # regular policies by the month in which they began, for persistency
    "policy_number": S,
    **PLACE,
    "inception_date": D,
    "payment_term_years": I,
    "yearly_premium_fen": I,
    "ended_date": D,  # lapsed, surrendered, terminated; null = in force, or its day is not known
    "kept": B,  # in force, as the books say
    "left_by_contract": B,  # matured or paid out: counts on neither side
}
MOTOR_CASES: Schema = {  # motor policies whose cover ends
    "policy_number": S,
    **PLACE,
    "premium_fen": I,
    "expiry_date": D,
    "outcome": S,  # renewed | elsewhere | scrapped; null = none yet
    "ended_date": D,
}
COMPLAINTS: Schema = {  # valid complaints, by who answers for the customer
    "number": S,  # of the complaint, or 'staff number/month' where only their count is filed
    **PLACE,
    "month": D,
    "pieces": I,
}
PEOPLE_THERE: Schema = {  # people in post at the end of the period
    "staff_number": S,
    **PLACE,
}
DUTIES: Schema = {  # what was owed for a policy and is not void or waived
    "task": S,
    **PLACE,
    "due_date": D,
    "done_date": D,  # null = not done
}
RESOURCES: Schema = {  # the customers that a campaign gave to a department
    "customer_number": S,
    **PLACE,
    "released_date": D,
    "used_date": D,  # first call or visit that reached the customer since; null = not used
    "filled_before": I,  # weight of the filled fields at the release
    "filled": I,  # … and at the end of the period
    "fields": I,
}
INSTITUTIONS_THERE: Schema = {"institution_code": S, "level": S, "parent_code": S}

GROUND: Schema = {  # one thing counted and what it adds to each side
    "key": S,  # customer, policy, task …: what a drill shows
    **PLACE,
    "numerator": I,
    "denominator": I,
}
FIGURES: Schema = {  # the dimensions asked for stand between `first` and `numerator`
    "measure": S,
    "period": S,  # month | quarter | year
    "first": D,
    "numerator": I,
    "denominator": I,
}

SCHEMAS: dict[str, Schema] = {
    "allocations": ALLOCATIONS, "new_policies": NEW_POLICIES, "held": HELD, "contacts": CONTACTS, "cohort": COHORT,
    "motor": MOTOR_CASES, "complaints": COMPLAINTS, "people": PEOPLE_THERE, "duties": DUTIES,
    "resources": RESOURCES, "institutions": INSTITUTIONS_THERE,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Everything that figures of one period are counted from; `on` = the last day that is known."""

    on: date
    allocations: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["allocations"]))
    new_policies: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["new_policies"]))
    held: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["held"]))
    contacts: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["contacts"]))
    cohort: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["cohort"]))
    motor: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["motor"]))
    complaints: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["complaints"]))
    people: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["people"]))
    duties: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["duties"]))
    resources: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["resources"]))
    institutions: pl.DataFrame = field(default_factory=lambda: empty(SCHEMAS["institutions"]))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table by its name in SCHEMAS."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name in SCHEMAS}
