"""Whoever types motor policies in, and how often something about an entry is implausible or proved untrue (S3-01).

In: a scope. Out: policies, those with a finding, those that proved untrue, for each entrant. Never: a plate, a policy
outside the scope, a person charged by a finding alone (only what was proved goes to the ledger: `consequences`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.motor.entries import CAR_KINDS, ENTERED, HOLDER_FIELDS, entry_findings
from tuogu.core.truth import KINDS, error_rates
from tuogu.corrections import queries as corrections
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import within
from tuogu.renewals.models import TruthMark
from tuogu.renewals.truth import PROVED_BY

_AT_ONCE = 5000


@dataclass(frozen=True)
class EntrantRate:
    """One entrant. `wrong`: policies with a finding; `untrue`: policies whose customer's data proved untrue at last."""

    who: str  # staff number
    custodian: int | None  # None: nobody bears the number
    name: str
    customers: int  # policies; named as in the other tables of rates
    wrong: int
    untrue: int

    @property
    def share(self) -> float:
        """0..1."""
        return self.wrong / self.customers


def entry_kinds(scope: Scope) -> list[tuple[str, int]]:
    """(words, policies) of what is implausible about entries within scope, the most first."""
    found = entry_findings(entered := _entered(scope), _holders(entered))
    counts = found.group_by("kind").agg(n=pl.len().cast(pl.Int64)).sort("n", "kind", descending=[True, False])
    return [(CAR_KINDS.get(kind) or KINDS[kind][0], n) for kind, n in counts.iter_rows()]


def entry_rates(scope: Scope) -> list[EntrantRate]:
    """Of the motor policies that each entrant typed in, how many have a finding; the most first."""
    entered = _entered(scope).filter(pl.col("entrant") != "")
    found = entry_findings(entered, _holders(entered))
    frame = error_rates(
        found.select(customer_number="policy_number"), entered.select("entrant", customer_number="policy_number")
    )  # fmt: skip
    untrue = dict(
        entered.filter(pl.col("holder_number").is_in(_untrue(entered["holder_number"])))
        .group_by("entrant").agg(n=pl.len().cast(pl.Int64)).iter_rows()
    )  # fmt: skip
    ids = dict(org.staff_ids(frame["entrant"].to_list()).select("staff_number", "custodian_id").iter_rows())
    names = org.names(set(ids.values()))
    called = {who: names.get(one) or "" for who, one in ids.items()}
    return [
        EntrantRate(who, ids.get(who), called.get(who, ""), policies, wrong, untrue.get(who, 0))
        for who, policies, wrong in frame.iter_rows()
    ]  # fmt: skip


def _entered(scope: Scope) -> pl.DataFrame:
    rows = within.policies(scope).order_by("pk").values_list(
        "number", "holder_number", "entrant_number", "plate_hash", "frame_hash", "start_date", "expiry_date"
    )  # fmt: skip
    plain = [
        (number, holder, entrant, plate and bytes(plate), frame and bytes(frame), start, expiry)
        for number, holder, entrant, plate, frame, start, expiry in rows.iterator(_AT_ONCE)
    ]
    return pl.DataFrame(plain, schema=ENTERED, orient="row")


def _holders(entered: pl.DataFrame) -> pl.DataFrame:
    """What the newest check found about the holders' names, phones and addresses."""
    kinds = [kind for kind, (_words, field) in KINDS.items() if field in HOLDER_FIELDS]
    found = corrections.finding_rows(Scope.everything(), kinds)
    return found.join(
        entered.select(customer_number="holder_number").unique(), on="customer_number", how="semi"
    )


def _untrue(holders: pl.Series) -> list[str]:
    """Those of these customers whose data the last return visit or sample proved untrue."""
    wanted, last = holders.unique().sort().to_list(), dict[str, bool]()
    for start in range(0, len(wanted), _AT_ONCE):
        marks = TruthMark.objects.filter(
            customer_number__in=wanted[start : start + _AT_ONCE], found_by__in=PROVED_BY
        ).order_by("pk")
        last.update(marks.values_list("customer_number", "true"))
    return sorted(number for number, true in last.items() if not true)
