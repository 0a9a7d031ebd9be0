"""Reads of the motor book: policies, their vehicles, who was named, what changed. Lists take a scope and page by keyset.

In: a scope, a place to page from. Out: plain values. Never: a plate in clear unless asked for, a row of another branch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tuogu import vault
from tuogu.bulk import in_parts
from tuogu.core.motor.words import BANDS, ROUNDS
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals.models import ListedCase, MotorChange, MotorPolicy, Naming
from tuogu.renewals.renewed import ended_subjects
from tuogu.renewals.standing import running, unnamed, visible

STATES = ("running", "waiting", "unlisted", "ended")
_SHOWN_ENDS = 2  # first and last characters of a plate that stay
_AT_ONCE = 5000  # numbers of one query


@dataclass(frozen=True)
class MotorFilter:
    """Which policies a list shows; the default is all. `first`, `last`: expiry, both included."""

    number: str = ""
    plate: str = ""  # whole, looked up by its hash
    institution: str = ""
    first: date | None = None
    last: date | None = None
    band: str = ""
    state: str = ""  # one of STATES
    custodian: int | None = None


@dataclass(frozen=True)
class MotorRow:
    """One policy as lists show it. Ids are custodians; `responsible` None = ended."""

    subject: int
    number: str
    holder_number: str
    institution_code: str
    premium_fen: int
    start_date: date
    expiry_date: date
    channel: str
    fleet_number: str
    important: bool
    responsible: int | None
    owner: int | None
    band: str  # word; '' = in no list
    late: bool
    listed_date: date | None
    claim_due_date: date | None
    outcome: str  # code; '' = running
    named: bool


@dataclass(frozen=True)
class NamingRow:
    """One naming with its reason."""

    round: str
    person: int
    institution_code: str
    note: str
    by: int
    at: datetime


@dataclass(frozen=True)
class ChangeRow:
    """One changed field; values of personal fields are empty."""

    field: str
    before: str
    after: str
    why: str
    by: int
    at: datetime


def motor_page(
    scope: Scope, wanted: MotorFilter | None = None, *, after: tuple[date, int] | None = None, size: int = 50
) -> list[MotorRow]:
    """Up to `size` policies by expiry and subject, behind `after` (expiry, subject of the last row seen)."""
    rows = _wanted(scope, wanted or MotorFilter()).order_by("expiry_date", "subject_id")
    if after is not None:
        rows = rows.filter(Q(expiry_date__gt=after[0]) | Q(expiry_date=after[0], subject_id__gt=after[1]))
    return motor_rows(rows[:size])


def motor_policy(scope: Scope, subject: int) -> MotorRow | None:
    """One policy within scope."""
    found = motor_rows(MotorPolicy.objects.filter(visible(scope), subject=subject))
    return found[0] if found else None


def motor_of_customer(scope: Scope, number: str) -> list[MotorRow]:
    """A customer's motor policies within scope, the one that ends last first."""
    rows = MotorPolicy.objects.filter(visible(scope), holder_number=number)
    return motor_rows(rows.order_by("-expiry_date", "subject_id"))


def vehicles(subjects: Iterable[int], *, clear: bool = False) -> dict[int, tuple[str, str]]:
    """Plate and frame number of policies that the caller may show; masked unless `clear` (who asks counts the look)."""
    rows = list(
        MotorPolicy.objects.filter(subject__in=sorted(set(subjects))).values_list(
            "subject_id", "plate_sealed", "frame_sealed"
        )
    )
    plates, frames = vault.open_texts(row[1] for row in rows), vault.open_texts(row[2] for row in rows)
    shown = str if clear else masked
    return {
        subject: (shown(plate or ""), shown(frame or ""))
        for (subject, *_), plate, frame in zip(rows, plates, frames, strict=True)
    }


def masked(text: str) -> str:
    """The first and the last two characters of a plate or frame number."""
    if len(text) <= 2 * _SHOWN_ENDS:
        return "*" * len(text)
    return text[:_SHOWN_ENDS] + "***" + text[-_SHOWN_ENDS:]


def namings(subject: int) -> list[NamingRow]:
    """Who was named responsible, in which round and why, oldest first."""
    rows = Naming.objects.filter(subject=subject).order_by("pk")
    return [NamingRow(ROUNDS[r.round], r.person_id, r.institution_code, r.note, r.by_id, r.at) for r in rows]


def changes(subject: int) -> list[ChangeRow]:
    """What imports and the renewal changed in a policy, oldest first (S3-20)."""
    rows = MotorChange.objects.filter(policy=subject).order_by("pk")
    return [ChangeRow(r.field, r.before, r.after, r.why, r.by_id, r.at) for r in rows]


def counts(scope: Scope) -> dict[str, int]:
    """Policies, live ones, listed and running, waiting, of unknown source, important."""
    policies = MotorPolicy.objects.filter(visible(scope))
    return {
        "policies": policies.count(),
        "live": policies.exclude(subject_id__in=ended_subjects().values("subject_id")).count(),
        "listed": running().filter(visible(scope)).count(),
        "waiting": unnamed().filter(visible(scope)).count(),
        "unknown": unnamed().filter(visible(scope), source_known=False).count(),
        "important": policies.filter(important=True).count(),
    }


def _wanted(scope: Scope, wanted: MotorFilter) -> QuerySet[Any]:
    rows = MotorPolicy.objects.filter(visible(scope))
    if wanted.number:
        rows = rows.filter(number=wanted.number)
    if wanted.plate:
        rows = rows.filter(plate_hash__in=vault.hash_forms(wanted.plate, "plate"))
    if wanted.institution:
        rows = rows.filter(institution_code__in=sorted(org.institutions_below(wanted.institution)))
    if wanted.first:
        rows = rows.filter(expiry_date__gte=wanted.first)
    if wanted.last:
        rows = rows.filter(expiry_date__lte=wanted.last)
    if wanted.band:
        rows = rows.filter(subject_id__in=ListedCase.objects.filter(band=wanted.band).values("subject_id"))
    if wanted.custodian is not None:
        rows = rows.filter(subject_id__in=custody.held_by([wanted.custodian]))
    ended = Exists(ended_subjects().filter(subject_id=OuterRef("subject_id")))
    listed = Exists(ListedCase.objects.filter(subject_id=OuterRef("subject_id")))
    waits = Exists(unnamed().filter(subject_id=OuterRef("subject_id")))
    states = {"running": listed & ~ended, "waiting": waits, "unlisted": ~listed & ~ended, "ended": ended}
    return rows.filter(states[wanted.state]) if wanted.state else rows


def motor_rows(policies: QuerySet[Any]) -> list[MotorRow]:
    """Each policy with its list, its end and whether anybody was named; holders by one query."""
    case = ListedCase.objects.filter(subject_id=OuterRef("subject_id"))
    found = list(
        policies.annotate(
            band=Subquery(case.values("band")), late=Subquery(case.values("late")),
            listed=Subquery(case.values("monthly_list__run_date")), due=Subquery(case.values("claim_due_date")),
            outcome=Subquery(ended_subjects().filter(subject_id=OuterRef("subject_id")).values("outcome")),
            named=Exists(Naming.objects.filter(subject_id=OuterRef("subject_id"))),
        )
    )  # fmt: skip
    now = custody.relations_of_many(row.subject_id for row in found)
    return [_row(row, now) for row in found]


def _row(row: Any, now: dict[tuple[int, str], custody.Holder]) -> MotorRow:
    holder, owner = now.get((row.subject_id, Relation.CUSTODY)), now.get((row.subject_id, Relation.OWNERSHIP))
    return MotorRow(
        row.subject_id, row.number, row.holder_number, row.institution_code, row.premium_fen, row.start_date,
        row.expiry_date, row.channel, row.fleet_number, row.important, holder.custodian_id if holder else None,
        owner.custodian_id if owner else None, BANDS.get(row.band or "", ""), bool(row.late), row.listed, row.due,
        row.outcome or "", row.named,
    )  # fmt: skip


def numbers_outside(scope: Scope, numbers: Iterable[str]) -> set[str]:
    """Those of these policy numbers that are stored and that the scope does not show."""
    wanted, found = sorted(set(numbers)), set[str]()
    for part in in_parts(wanted, _AT_ONCE):
        known = MotorPolicy.objects.filter(number__in=part)
        seen = set(known.filter(visible(scope)).values_list("number", flat=True))
        found |= set(known.values_list("number", flat=True)) - seen
    return found
