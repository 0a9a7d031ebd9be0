"""Who owns a new policy for life: whoever owned the policy that it renews, else whoever sold it (S3-16, A-27, A-28).

In: new policies with their sellers, pairs of renewal, the ledger. Out: owners. Never: a lifetime right kept by somebody
whose customer's data were proven untrue (where the rulebook says so), or by the buffer group, to which a void right went.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tuogu.bulk import in_parts
from tuogu.core.motor.limits import Limits
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.renewals.models import TruthMark

_AT_ONCE = 5000  # customers of one query


def owners(fresh: pl.DataFrame, links: pl.DataFrame, stored: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """policy_number, owner_id (null = nobody known) of fresh[policy_number, agent_id, start_date, holder_number].

    A chain of renewals within one file is followed from its oldest policy on.
    """
    before = dict(links.select("policy_number", "predecessor").iter_rows())
    ids = dict(stored.select("policy_number", "subject_id").iter_rows())
    former = [ids[number] for number in before.values() if number in ids]
    held = {
        subject: holder.custodian_id
        for part in in_parts(former, _AT_ONCE)
        for subject, holder in custody.holders_of(part, relation=Relation.OWNERSHIP).items()
    }
    pools = {
        pool for pool, _key, _name in org.pools()
    }  # where a void right lies: nobody inherits it from there
    of_stored = {
        n: held[subject] for n, subject in ids.items() if subject in held and held[subject] not in pools
    }
    void = untrue(fresh["holder_number"]) if limits.owner_void_when_untrue else set[str]()
    found: dict[str, int | None] = {}
    rows = fresh.sort("start_date", "policy_number").select("policy_number", "agent_id", "holder_number")
    for number, agent, holder in rows.iter_rows():
        old = before.get(number)
        for_life = limits.owner_for_life and old is not None and holder not in void
        inherited = (found.get(old) if old in found else of_stored.get(old)) if for_life and old else None
        found[number] = inherited if inherited is not None else agent
    return pl.DataFrame(
        {"policy_number": list(found), "owner_id": list(found.values())},
        schema={"policy_number": pl.String, "owner_id": pl.Int64},
    )


def untrue(holders: Iterable[str]) -> set[str]:
    """Those customers whose data the monthly sample last proved untrue (A-28); what a contact finds is corrected first."""
    wanted, last = sorted(set(holders)), dict[str, bool]()
    for part in in_parts(wanted, _AT_ONCE):
        marks = TruthMark.objects.filter(customer_number__in=part, found_by="sample").order_by("pk")
        last.update(marks.values_list("customer_number", "true"))
    return {number for number, true in last.items() if not true}
