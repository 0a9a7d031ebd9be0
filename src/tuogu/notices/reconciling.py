"""Three relations of every policy laid side by side: owner of record, custodian, WeCom contact (N-08).

In: a scope. Out: every live policy with its three people and what follows from them; counts of all combinations. Never: a
relation changed here; a policy without a custodian passed over (it is `no_custodian`, which must not happen).

    contact_left    the contact has left: urgent, the customer writes to nobody
    hand_over       somebody in post holds the policy, and the contact is somebody else in post
    refused         the customer refused the hand-over: served as before, reached by telephone
    pending         a hand-over is under way
    no_contact      no WeCom contact is known
    pooled          a pool holds the policy; the contact is in post
    in_step         custodian and contact are the same person
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.notices.models import ContactLink
from tuogu.org import queries as org
from tuogu.org.scope import Scope

STANDINGS = {
    "contact_left": "企微联系人已离职，尽快转接",
    "refused": "客户拒绝转接，改用电话联系",
    "hand_over": "企微联系人不是责任人，应转接",
    "pending": "企微转接中",
    "pooled": "由保全组或公共池负责，企微联系人在职",
    "no_contact": "没有企微联系人",
    "in_step": "责任人与企微联系人一致",
    "no_custodian": "没有责任人",
}
URGENT = ("no_custodian", "contact_left", "refused")
DIFFERENT = (*URGENT, "hand_over", "pending")
_LINKS = {"holder_number": pl.String, "contact_id": pl.Int64, "link_state": pl.String}


def three_relations(scope: Scope, today: date) -> pl.DataFrame:
    """number, holder_number, owner_id, custodian_id, contact_id, owner, standing; the urgent first."""
    stock = books.contact_stock(scope)
    everything = Scope.everything()
    held = ledger.holdings(everything, relation=Relation.CUSTODY, kind=SubjectKind.POLICY)
    owned = ledger.holdings(everything, relation=Relation.OWNERSHIP, kind=SubjectKind.POLICY)
    left = org.staff_ids().filter(pl.col("left_date") <= today)["custodian_id"]
    pools = [duty.pool for duty in org.pool_duties(today)]
    rows = list(ContactLink.objects.values_list("customer_number", "person_id", "state"))
    both = (
        stock.join(held.select("subject_id", "custodian_id"), on="subject_id", how="left")
        .join(owned.select("subject_id", owner_id="custodian_id"), on="subject_id", how="left")
        .join(pl.DataFrame(rows, schema=_LINKS, orient="row"), on="holder_number", how="left")
    )
    contact, custodian, state = pl.col("contact_id"), pl.col("custodian_id"), pl.col("link_state")
    standing = (
        pl.when(custodian.is_null())
        .then(pl.lit("no_custodian"))
        .when(contact.is_null())
        .then(pl.lit("no_contact"))
        .when(state == "pending")
        .then(pl.lit("pending"))
        .when(state == "refused")
        .then(pl.lit("refused"))
        .when(contact.is_in(left.implode()))
        .then(pl.lit("contact_left"))
        .when(custodian == contact)
        .then(pl.lit("in_step"))
        .when(custodian.is_in(pools))
        .then(pl.lit("pooled"))
        .otherwise(pl.lit("hand_over"))
    )
    owner = (
        pl.when(pl.col("owner_id").is_null())
        .then(pl.lit("none"))
        .when(pl.col("owner_id") == custodian)
        .then(pl.lit("same"))
        .otherwise(pl.lit("other"))
    )
    order = {name: place for place, name in enumerate(STANDINGS)}
    return both.with_columns(standing=standing, owner=owner).sort(
        pl.col("standing").replace_strict(order, return_dtype=pl.Int64), "number"
    )


def combinations(rows: pl.DataFrame) -> pl.DataFrame:
    """standing, owner, policies, holders: every combination that there is."""
    counted = rows.group_by("standing", "owner").agg(
        policies=pl.len().cast(pl.Int64), holders=pl.col("holder_number").n_unique().cast(pl.Int64)
    )
    return counted.sort("policies", "standing", "owner", descending=[True, False, False])
