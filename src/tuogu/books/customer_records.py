"""One customer with everything that this room knows within a scope: policies, kin, who holds what, what falls due.

In: a scope and a customer's number. Out: `CustomerRecord`, or None for who is out of scope or unknown (the two look alike).
Never: a policy out of scope, personal data (asked for by number at the choke point), more queries for a larger family.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from tuogu.books.customers import CustomerRow, shown_customers
from tuogu.books.listed import ListedRow, shown_rows
from tuogu.books.models import Customer, ListedCustomer, ListedPolicy
from tuogu.books.visible import Visible, visible
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Kin:
    """Somebody who stands on a policy with the customer: `insures` / `insured_by` in live and ended ones within scope."""

    number: str
    insures: int  # policies of the customer that insure this person
    insured_by: int  # policies of this person that insure the customer


@dataclass(frozen=True)
class Held:
    """Who holds one subject in one relation now. subject None: the customer as a whole (development)."""

    relation: str
    subject_id: int
    policy: str  # number, '' for the customer as a whole
    holder: ledger.Holder


@dataclass(frozen=True)
class CustomerRecord:
    """One customer. `held` and `insured`: policies within scope, what falls due next first, ended ones last."""

    row: CustomerRow
    held: tuple[ListedRow, ...]
    insured: tuple[ListedRow, ...]
    kin: tuple[Kin, ...]
    holdings: tuple[Held, ...]
    code_status: str
    community_code: str | None
    contactable: bool | None
    info_accurate: bool | None

    @property
    def people(self) -> list[str]:
        """Numbers of every customer on the record."""
        policies = (*self.held, *self.insured)
        named = {n for p in policies for n in (p.holder_number, p.insured_number) if n}
        return sorted(named | {self.row.number})

    @property
    def subjects(self) -> list[int]:
        """Every subject of which something may be told: the policies held, and the customer as a whole."""
        return sorted({row.subject_id for row in self.held} | {held.subject_id for held in self.holdings})

    @property
    def dues(self) -> tuple[ListedRow, ...]:
        """The policies held whose premium falls due, the next first."""
        coming = [p for p in self.held if p.state == "in_force" and p.next_due_date]
        return tuple(sorted(coming, key=lambda p: (p.next_due_date or date.max, p.number)))


def customer_record(scope: Scope, number: str) -> CustomerRecord | None:
    """The record of one customer."""
    seen = visible(scope)
    mine = Q(holder_number=number) | Q(insured_number=number)
    rows = list(ListedPolicy.objects.filter(mine, seen.condition()).order_by("-live", "next_due_date", "pk"))
    listed = ListedCustomer.objects.filter(pk=number).first()
    if listed is None or not rows:
        return None
    shown = shown_rows(rows)
    held = tuple(row for row in shown if row.holder_number == number)
    stored = Customer.objects.filter(number=number).values(
        "code_status", "community_code", "contactable", "info_accurate"
    ).first()  # fmt: skip
    return CustomerRecord(
        row=shown_customers(seen, [listed])[0],
        held=held,
        insured=tuple(row for row in shown if row.holder_number != number),
        kin=_kin(number, rows),
        holdings=_holdings(number, held),
        **(stored or {"code_status": "", "community_code": None, "contactable": None, "info_accurate": None}),
    )


def visible_customer(scope: Scope, number: str) -> bool:
    """Whether a policy within scope is held by this customer or insures them."""
    seen: Visible = visible(scope)
    mine = Q(holder_number=number) | Q(insured_number=number)
    return ListedPolicy.objects.filter(mine, seen.condition()).exists()


def _kin(number: str, rows: list[ListedPolicy]) -> tuple[Kin, ...]:
    """Everybody else on the policies, by number."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.holder_number == number and row.insured_number not in (None, number):
            found.setdefault(row.insured_number, [0, 0])[0] += 1
        if row.holder_number != number:
            found.setdefault(row.holder_number, [0, 0])[1] += 1
    return tuple(Kin(who, *counts) for who, counts in sorted(found.items()))


def _holdings(number: str, held: tuple[ListedRow, ...]) -> tuple[Held, ...]:
    """Every relation of the policies held, then development of the customer: two queries."""
    own = {row.subject_id: row.number for row in held}
    customer = ledger.customer_subjects(number).values_list("pk", flat=True).first()
    subjects = [*own, *([customer] if customer is not None else [])]
    order = {relation.value: place for place, relation in enumerate(Relation)}
    told = [
        Held(relation, subject, own.get(subject, ""), holder)
        for (subject, relation), holder in ledger.relations_of_many(subjects).items()
    ]
    return tuple(sorted(told, key=lambda h: (order[h.relation], h.policy)))


def customer_assignments(record: CustomerRecord, *, newest: int) -> dict[str, list[ledger.Assignment]]:
    """The newest assignments of everything on the record, by relation, each relation apart: a query a relation and two."""
    pages = []
    for relation in sorted({held.relation for held in record.holdings}):
        rows = ledger.entries().filter(subject_id__in=record.subjects, relation=relation)
        pages += list(rows.order_by("-recorded_at", "-pk")[:newest])
    found: dict[str, list[ledger.Assignment]] = {}
    for assignment in ledger.told(pages):
        found.setdefault(assignment.relation, []).append(assignment)
    return found
