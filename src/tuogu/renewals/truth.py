"""Whether a customer's data are true, and what follows (S3-16, S3-21, A-28).

In: a customer, what was found and by which way. Out: marks; the owner's lifetime right void in the ledger. Never: a mark
changed, a right void before the monthly sample has proved it, a right that comes back by itself.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import clocked, consequences, within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.models import MotorPolicy, TruthMark
from tuogu.rules import queries as rules

RULE, REASON = "S3-16", "data_untrue"
WAYS = ("sample", "contact", "return_visit")
PROVED_BY = ("sample", "return_visit")
_PROVING = "sample"  # the monthly sample takes the right away
REGISTER = {
    "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String, "institution_code": pl.String,
    "custodian_id": pl.Int64, "expiry_date": pl.Date, "outcome": pl.String, "data_true": pl.Boolean,
}  # fmt: skip


@transaction.atomic
def mark_truth(customer: str, *, true: bool, found_by: str, note: str = "", by: int, at: datetime) -> int:
    """File a mark; returns how many policies lost their lifetime owner by it."""
    today = business_date(at)
    seen = within.policies(org.scope_of(by, today)).filter(holder_number=customer)
    if not seen.exists():
        raise RenewalUnknown(customer)
    if found_by not in WAYS:
        raise refused(_("请选择从何得知"))
    return file_mark(customer, true=true, found_by=found_by, note=note, by=by, at=at)


def file_mark(customer: str, *, true: bool, found_by: str, note: str, by: int, at: datetime) -> int:
    """The same for a caller who may see the case by its own right."""
    TruthMark.objects.create(
        customer_number=customer, true=true, found_by=found_by, note=note.strip(), by_id=by, at=at
    )
    if (
        not true and found_by in PROVED_BY
    ):  # S3-01: verified by a return visit; what a talk hears is corrected first
        consequences.of_untrue(customer, by=by, at=at)
    void = bool(rules.applicable(business_date(at))["renewal.owner_void_when_untrue"])
    if true or found_by != _PROVING or not void:
        return 0
    subjects = list(MotorPolicy.objects.filter(holder_number=customer).values_list("pk", flat=True))
    owned = custody.holders_of(subjects, relation=Relation.OWNERSHIP)
    lost = 0
    for subject, holder in sorted(owned.items()):
        if holder.custodian_id is not None and not org.is_pool(holder.custodian_id):
            lost += ledger.return_to_pool(
                subject, relation=Relation.OWNERSHIP, by=by, recorded_at=at, rule=RULE, reason_code=REASON
            ).done
    return lost


def lapsed_register(scope: Scope, on: date, *, true: bool | None) -> pl.DataFrame:
    """REGISTER of lapsed cars whose data are true (to be kept in touch with), untrue (the truth is to be found), or not yet
    judged (None): cover is over, and they did not renew with us (S3-21)."""
    seen = within.policies(scope).filter(expiry_date__lt=on).values_list("pk", flat=True)
    cases = clocked.cases(on, subjects=seen)
    lost = cases.filter(~pl.col("ended") | (pl.col("outcome") == "elsewhere").fill_null(False))
    judged = pl.col("data_true").is_null() if true is None else (pl.col("data_true") == true).fill_null(False)
    return lost.filter(judged).select(*REGISTER).sort("institution_code", "expiry_date", "subject_id")
