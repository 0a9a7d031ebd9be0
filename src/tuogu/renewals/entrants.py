"""Whoever types motor policies in, and how often something about an entry is implausible or proved untrue (S3-01).

In: a scope. Out: for each entrant policies, those with a finding, those that proved untrue; the kinds of findings. Never: a
plate, a policy outside the scope, the whole book read (the database says which entries there is something about), a person
charged by a finding alone (only what was proved goes to the ledger: `consequences`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from tuogu.bulk import in_parts
from tuogu.core.motor.entries import CAR_KINDS, ENTERED, HOLDER_FIELDS, entry_findings
from tuogu.core.truth import KINDS
from tuogu.corrections import queries as corrections
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import within
from tuogu.renewals.models import MotorPolicy, TruthMark
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


@dataclass(frozen=True)
class Entries:
    """`rates`: the entrants with the most findings first; `kinds`: (words, policies) of what is implausible, the most
    first."""

    rates: list[EntrantRate]
    kinds: list[tuple[str, int]]


def entries(scope: Scope, *, most: int | None = None) -> Entries:
    """What is implausible about motor policies within scope, and whose entries it is about; `most`: so many entrants."""
    policies = within.policies(scope)
    holders = _holders()
    suspects = _suspects(policies, holders["customer_number"])
    found = entry_findings(suspects, holders)
    counts = found.group_by("kind").agg(n=pl.len().cast(pl.Int64)).sort("n", "kind", descending=[True, False])
    kinds = [(CAR_KINDS.get(kind) or KINDS[kind][0], n) for kind, n in counts.iter_rows()]
    wrong = suspects.join(found.select("policy_number").unique(), on="policy_number", how="semi")
    return Entries(_rates(policies, dict(wrong.group_by("entrant").len().iter_rows()), most), kinds)


def _rates(policies: QuerySet[MotorPolicy], wrong: dict[str, int], most: int | None) -> list[EntrantRate]:
    typed = policies.exclude(entrant_number="").order_by().values("entrant_number")
    entered = dict(typed.annotate(n=Count("pk")).values_list("entrant_number", "n"))
    ranked = sorted(entered, key=lambda who: (-wrong.get(who, 0), -wrong.get(who, 0) / entered[who], who))
    shown = ranked[:most]
    untrue = dict(
        typed.filter(entrant_number__in=shown, holder_number__in=_untrue())
        .annotate(n=Count("pk")).values_list("entrant_number", "n")
    )  # fmt: skip
    ids = dict(org.staff_ids(shown).select("staff_number", "custodian_id").iter_rows())
    names = org.names(set(ids.values()))
    return [
        EntrantRate(
            who, ids.get(who), names.get(ids.get(who, 0)) or "", entered[who], wrong.get(who, 0), untrue.get(who, 0)
        )
        for who in shown
    ]  # fmt: skip


def _suspects(policies: QuerySet[MotorPolicy], holders: Iterable[str]) -> pl.DataFrame:
    """ENTERED of what may have a finding: no frame number, a car that another policy names for the same time, a holder about
    whom something was found. What stands beside one of these in a finding is itself among them."""
    rows = list(_fields(policies.filter(Q(frame_hash__isnull=True) | _shares(policies))))
    wanted = sorted(set(holders))
    for part in in_parts(wanted, _AT_ONCE):
        rows += _fields(policies.filter(holder_number__in=part))
    plain = [
        (number, holder, entrant, plate and bytes(plate), frame and bytes(frame), start, expiry)
        for number, holder, entrant, plate, frame, start, expiry in rows
    ]
    return pl.DataFrame(plain, schema=ENTERED, orient="row").unique("policy_number").sort("policy_number")


def _shares(policies: QuerySet[MotorPolicy]) -> Q:
    """The same frame with another holder, or the same plate with another holder or frame, while both give cover."""
    together = policies.filter(
        ~Q(pk=OuterRef("pk")),
        start_date__lte=OuterRef("expiry_date"),
        expiry_date__gte=OuterRef("start_date"),
    )
    other_holder, other_frame = (
        ~Q(holder_number=OuterRef("holder_number")),
        ~Q(frame_hash=OuterRef("frame_hash")),
    )
    frame = together.filter(other_holder, frame_hash=OuterRef("frame_hash"))
    known = Q(frame_hash__isnull=False) & other_frame
    return Q(Exists(frame)) | Q(
        Exists(together.filter(other_holder | known, plate_hash=OuterRef("plate_hash")))
    )


def _fields(rows: QuerySet[MotorPolicy]) -> Iterable[tuple[Any, ...]]:
    return rows.order_by("pk").values_list(
        "number", "holder_number", "entrant_number", "plate_hash", "frame_hash", "start_date", "expiry_date"
    ).iterator(_AT_ONCE)  # fmt: skip


def _holders() -> pl.DataFrame:
    """What the newest check found about names, phones and addresses, of all customers."""
    kinds = [kind for kind, (_words, field) in KINDS.items() if field in HOLDER_FIELDS]
    return corrections.finding_rows(Scope.everything(), kinds)


def _untrue() -> QuerySet[Any]:
    """Customers whose data the last return visit or sample proved untrue."""
    proved = TruthMark.objects.filter(found_by__in=PROVED_BY)
    last = proved.filter(customer_number=OuterRef("customer_number")).order_by("-pk").values("pk")[:1]
    return proved.filter(pk=Subquery(last), true=False).values("customer_number")
