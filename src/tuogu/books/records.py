"""One policy with everything that this room knows of it: facts, why it is classified so, riders, family, who holds it.

In: a scope and a number. Out: `PolicyRecord`, or None for what is out of scope or unknown (the two look alike). Never:
personal data (customers are asked for by number at the choke point), more queries for a larger family.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db import connection
from django.db.models import Q, QuerySet

from tuogu.books import listing_source as source
from tuogu.books.listed import ListedRow, shown_rows
from tuogu.books.models import ListedPolicy
from tuogu.books.visible import rows
from tuogu.core.classify import classify
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Contract:
    """What the file says of a main policy or a rider."""

    number: str
    product_name: str | None
    state: str
    premium_mode: str | None
    payments_per_year: int | None
    premium_fen: int | None
    sum_insured_fen: int | None
    payment_term_years: int | None
    inception_date: date | None
    end_date: date | None
    lapse_date: date | None


@dataclass(frozen=True)
class Reasons:
    """Why the policy is classified as it is, in Chinese, from the rulebook of the day."""

    orphan_source: str
    orphan_type: str
    nature: str
    service_class: str


@dataclass(frozen=True)
class PolicyRecord:
    """One main policy. `family`: live policies of the same holder or insured, this one among them. `relations`: who holds
    it now, by name of the relation, development being the holder's; a relation that nobody ever had is absent. `subjects`:
    relation → the subject that is held in it."""

    listed: ListedRow
    contract: Contract
    riders: tuple[Contract, ...]
    family: tuple[ListedRow, ...]
    sums_insured_fen: dict[str, int | None]  # by number, of the family
    relations: dict[str, ledger.Holder]
    subjects: dict[str, int]
    reasons: Reasons

    @property
    def people(self) -> list[str]:
        """Numbers of every customer on the record."""
        numbers = {n for row in self.family for n in (row.holder_number, row.insured_number) if n}
        return sorted(numbers | {self.listed.holder_number})


def policy_record(scope: Scope, number: str, *, as_of: date) -> PolicyRecord | None:
    """The record of one policy."""
    within = rows(scope)
    found = within.filter(number=number).first()
    if found is None:
        return None
    family = _family(within, found)
    contracts, reasons = _as_stored([found, *family], as_of)
    shown = shown_rows([found, *family])
    subjects = relation_subjects(found.pk, found.holder_number)
    held = {subject: ledger.relations_of(subject) for subject in set(subjects.values())}
    relations = {name: held[subject][name] for name, subject in subjects.items() if name in held[subject]}
    riders = contracts.filter(pl.col("main_policy_number") == number).sort("number")
    mains = contracts.filter(pl.col("main_policy_number").is_null())
    return PolicyRecord(
        listed=shown[0],
        contract=_contracts(mains.filter(pl.col("number") == number))[0],
        riders=_contracts(riders),
        family=shown[1:],
        sums_insured_fen=dict(mains.select("number", "sum_insured_fen").iter_rows()),
        relations=relations,
        subjects=subjects,
        reasons=reasons,
    )


@dataclass(frozen=True)
class PolicyReasons:
    """Why one policy is classified as it is; `subjects` as in PolicyRecord."""

    subject: int
    holder_number: str
    subjects: dict[str, int]
    reasons: Reasons


def policy_reasons(scope: Scope, number: str, *, as_of: date) -> PolicyReasons | None:
    """Subject and reasons of one policy, without the rest of its record."""
    found = rows(scope).filter(number=number).first()
    if found is None:
        return None
    subjects = relation_subjects(found.pk, found.holder_number)
    return PolicyReasons(found.pk, found.holder_number, subjects, _as_stored([found], as_of)[1])


def relation_subjects(policy: int, holder_number: str) -> dict[str, int]:
    """What is held in each relation that a policy can have a part in: itself, or its holder once a plan spoke of him."""
    own = {name.value: policy for name in (Relation.CUSTODY, Relation.OWNERSHIP, Relation.SUPERVISION)}
    customer = ledger.customer_subjects(holder_number).values_list("pk", flat=True).first()
    return own if customer is None else own | {Relation.DEVELOPMENT.value: customer}


def _family(within: QuerySet[ListedPolicy], found: ListedPolicy) -> list[ListedPolicy]:
    """Live policies within scope whose holder or insured is this policy's holder or insured, by inception."""
    people = {found.holder_number, found.insured_number or found.holder_number}
    kin = Q(holder_number__in=people) | Q(insured_number__in=people)
    return list(within.filter(kin, live=True).order_by("inception_date", "pk"))


def _as_stored(listed: list[ListedPolicy], as_of: date) -> tuple[pl.DataFrame, Reasons]:
    """The stored contracts of the holders of `listed`, and why the first is classified as it is.

    The sentences are not stored, the facts are: they are classified anew by the rulebook of the day.
    """
    subjects = ", ".join(str(int(row.pk)) for row in listed)
    holders = f"(SELECT DISTINCT holder_number FROM books_listedpolicy WHERE subject_id IN ({subjects}))"
    with connection.cursor() as cursor:
        stored = source.read(cursor, holders, places=False)
    classified = classify(stored.books, stored.located, rules.applicable(as_of), as_of)
    row = classified.filter(pl.col("policy_number") == listed[0].number).row(0, named=True)
    reasons = Reasons(*(row[f"{name}_reason"] or "" for name in Reasons.__dataclass_fields__))
    return stored.books.policies.rename({"policy_number": "number"}), reasons


def _contracts(policies: pl.DataFrame) -> tuple[Contract, ...]:
    fields = policies.select(*Contract.__dataclass_fields__)
    return tuple(Contract(**row) for row in fields.iter_rows(named=True))
