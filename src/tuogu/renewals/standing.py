"""Which motor policies a scope shows, and which listed ones still wait for somebody.

In: a scope, cases. Out: conditions for the queries of this room, who holds cases.
Never: a policy of another branch; a case that has ended.
"""

from __future__ import annotations

import polars as pl
from django.db.models import Exists, OuterRef, Q, QuerySet

from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals.models import ListedCase, Naming
from tuogu.renewals.renewed import ended_subjects


def visible(scope: Scope) -> Q:
    """Of MotorPolicy and ListedCase: managed by an institution within, or held by one of the people of the scope."""
    people = org.custodians_within(scope)
    if people is None:
        return Q()
    within = Q(institution_code__in=sorted(org.institutions_within(scope)))
    return within | Q(subject_id__in=custody.held_by(people))


def running() -> QuerySet[ListedCase]:
    """Listed and not ended."""
    return ListedCase.objects.exclude(subject_id__in=ended_subjects().values("subject_id"))


def unnamed() -> QuerySet[ListedCase]:
    """Listed, not ended, and nobody was named in any round."""
    return running().filter(~Exists(Naming.objects.filter(subject_id=OuterRef("subject_id"))))


def held(cases: QuerySet[ListedCase]) -> pl.DataFrame:
    """subject_id, policy_number, institution_code, custodian_id, pool (true = no person has it) of some cases."""
    rows = list(cases.order_by("subject_id").values_list("subject_id", "institution_code"))
    frame = pl.DataFrame(rows, schema={"subject_id": pl.Int64, "institution_code": pl.String}, orient="row")
    now = custody.standing_of(cases.values("subject_id")).select(
        "subject_id", policy_number="number", custodian_id="holder_id"
    )
    pools = [pool for pool, _key, _name in org.pools()]
    found = frame.join(now, on="subject_id", how="left").filter(pl.col("custodian_id").is_not_null())
    return found.with_columns(pool=pl.col("custodian_id").is_in(pools))
