"""What a plan's numbers and receivers are in the ledger: subjects and custodians.

In: numbers of policies or customers, receivers as core writes them (staff number, 'department:<code>', 'pool:<key>',
'buffer'). Out: frames with ids. Never: a policy's subject made here (an import opens those, with custody); a person made
here.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from tuogu.core.custody import business_date
from tuogu.core.labels import POOLS
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.failures import PlanRefused
from tuogu.plans.held import receivers

_STANDING = {"number": pl.String, "subject_id": pl.Int64, "holder_id": pl.Int64, "head": pl.Int64}
CUSTOMERS = "customers"  # the register that customer numbers come from; policies have the core system's


def standing_subjects(numbers: pl.Series, *, kind: str, relation: str) -> pl.DataFrame:
    """number, subject_id, holder_id, head (null = nobody ever) in one relation, of the numbers that the ledger knows.

    Customers become known here: nobody holds them before the first release.
    """
    if kind == SubjectKind.VEHICLE_CASE:  # a renewed one is closed, and may be drawn all the same (S3-22)
        heads = custody.heads_by_number(numbers, kind=kind, relation=relation)
        rows = [(number, one.subject_id, one.custodian_id, one.entry_id) for number, one in heads.items()]
        return pl.DataFrame(rows, schema=_STANDING, orient="row")
    held = custody.holdings(Scope.everything(), relation=relation, kind=kind).select(
        "number", "subject_id", holder_id="custodian_id", head="head"
    )
    if relation == Relation.CUSTODY:
        return held
    if kind == SubjectKind.CUSTOMER:
        _register_customers(numbers)
        known = custody.subject_ids(CUSTOMERS, numbers).select("number", "subject_id")
    else:
        known = custody.holdings(Scope.everything(), kind=kind).select("number", "subject_id")
    return known.join(held.drop("number"), on="subject_id", how="left")


def custodians_of(names: pl.Series, *, by: int, at: datetime) -> pl.DataFrame:
    """receiver, custodian_id. The product's own pools (labels.POOLS) are made when first needed, with the buffer group's
    duty person; PlanRefused for a receiver that is nobody."""
    wanted = sorted(set(names.drop_nulls()))
    for key in wanted:
        if key in POOLS:
            _own_pool(key, by, at)
    found = receivers().filter(pl.col("receiver").is_in(wanted)).select("receiver", "custodian_id")
    missing = sorted(set(wanted) - set(found["receiver"]))
    if missing:
        raise PlanRefused(f"方案中有 {len(missing)} 个接收人不在册，例如 {missing[0]}；请先导入人员与机构")
    return found


def _register_customers(numbers: pl.Series) -> None:
    if len(numbers):
        kind, system = pl.lit(str(SubjectKind.CUSTOMER)), pl.lit(CUSTOMERS)
        rows = pl.DataFrame({"number": numbers.unique()}).with_columns(kind=kind, source_system=system)
        ledger.register_subjects(rows)


def _own_pool(key: str, by: int, at: datetime) -> None:
    if key not in {known for _pool, known, _name in org.pools()}:
        duty = org.duty_person(org.buffer_group(), business_date(at)) or by
        org_actions.ensure_pool(key, POOLS[key], duty, by=by, at=at)
