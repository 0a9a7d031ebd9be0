"""What a machine reads of custody: entries in the order of their ids, who holds a policy now, imports that were accepted.

In: a scope, an entry id to go on from. Out: plain rows. Never: an entry out of scope, an entry that is not sealed yet (a
reader that goes by ids would miss its elder neighbours), personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import polars as pl

from tuogu.books import also_stored
from tuogu.books.assignments import visible_entries
from tuogu.books.models import ImportRun, ListedPolicy, Policy, Rider
from tuogu.books.visible import rows
from tuogu.bulk import in_parts
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org.scope import Scope

_AT_ONCE = 500  # numbers in one statement: below the limits of both databases
_T = TypeVar("_T")


@dataclass(frozen=True)
class CustodyNow:
    """Who holds a policy now; null custodian = closed."""

    number: str
    holder_number: str
    institution_code: str | None
    state: str
    custodian_id: int | None
    since_date: date | None
    entry: ledger.Assignment | None  # by which it came to be so


def entries_between(scope: Scope, first: int, last: int) -> list[ledger.Assignment]:
    """Entries about policies within scope whose ids lie between these, both included, oldest first."""
    found = visible_entries(scope).filter(
        pk__gte=first, pk__lte=last, subject__kind=SubjectKind.POLICY, subject__number__isnull=False
    )
    return ledger.told(list(found.order_by("pk")))


def entries_after(scope: Scope, after: int, *, size: int) -> tuple[list[ledger.Assignment], bool]:
    """The next sealed entries, oldest first, and whether there are more."""
    found = visible_entries(scope).filter(
        pk__gt=after, pk__lte=ledger.sealed_until(), subject__kind=SubjectKind.POLICY,
        subject__number__isnull=False,
    )  # fmt: skip
    page = list(found.order_by("pk")[: size + 1])
    return ledger.told(page[:size]), len(page) > size


def custody_now(scope: Scope, number: str) -> CustodyNow | None:
    """Who holds one policy; None for what is unknown or out of scope (the two look alike)."""
    found = rows(scope).filter(number=number).first()
    return None if found is None else _told([found])[0]


def custody_of_subjects(scope: Scope, subjects: Iterable[int]) -> list[CustodyNow]:
    """Who holds each of these policies now, by number; a flat number of queries."""
    return _told(list(rows(scope).filter(pk__in=sorted(set(subjects))).order_by("number")))


def policies_seen(scope: Scope, numbers: Iterable[str]) -> frozenset[str]:
    """Those of the policy numbers that the scope shows."""
    seen = rows(scope)
    return _found(lambda part: seen.filter(number__in=part).values_list("number", flat=True), numbers)


def known_policies(numbers: Iterable[str]) -> frozenset[str]:
    """Those of the numbers that are stored at all: who asks must not tell it on."""
    listed = ListedPolicy.objects.values_list("number", flat=True)
    return _found(lambda part: listed.filter(number__in=part), numbers)


def customers_seen(scope: Scope, customers: Iterable[str]) -> frozenset[str]:
    """Those of the customers who are holder of a policy that the scope shows."""
    seen = rows(scope).values_list("holder_number", flat=True)
    return _found(lambda part: seen.filter(holder_number__in=part), customers)


def imports_after(known: Iterable[int]) -> list[int]:
    """Ids of the imports that are not among these (a subquery), oldest first."""
    return list(ImportRun.objects.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True))


def _told(listed: list[ListedPolicy]) -> list[CustodyNow]:
    held = ledger.holders_of([row.pk for row in listed], relation=Relation.CUSTODY)
    heads = ledger.entries().filter(pk__in=[holder.entry_id for holder in held.values()])
    entries = {entry.id: entry for entry in ledger.told(list(heads))}
    return [
        CustodyNow(
            row.number, row.holder_number, row.institution_code, row.state,
            held[row.pk].custodian_id if row.pk in held else None,
            held[row.pk].since_date if row.pk in held else None,
            entries.get(held[row.pk].entry_id) if row.pk in held else None,
        )
        for row in listed
    ]  # fmt: skip


def riders_outside(scope: Scope, numbers: Iterable[str]) -> frozenset[str]:
    """Stored riders among the numbers whose main policy the scope does not show."""
    riders = Rider.objects.values_list("number", "main_policy_number")
    stored = dict(_found(lambda part: riders.filter(number__in=part), numbers))
    seen = policies_seen(scope, stored.values())
    return frozenset(number for number, main in stored.items() if main not in seen)


def policy_subject(scope: Scope, number: str) -> int | None:
    """The ledger's subject of one policy; None for what is unknown or out of scope."""
    return rows(scope).filter(number=number).values_list("pk", flat=True).first()


def institutions_of_policies() -> frozenset[str]:
    """Codes of the institutions that manage any stored policy: what a plan of everything touches."""
    codes = ListedPolicy.objects.order_by().values_list("institution_code", flat=True).distinct()
    return frozenset(code for code in codes if code)


def import_within(run_id: int, scope: Scope) -> bool:
    """Whether there is this import, and the scope shows every policy that it last wrote, those of rooms above included."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        return False
    written = ListedPolicy.objects.filter(
        number__in=Policy.objects.filter(import_run=run_id).values("number")
    )
    seen = not written.exclude(pk__in=rows(scope).values("pk")).exists()
    return scope.all_rows or (seen and not also_stored.hidden(run, scope))


def _found(asked: Callable[[list[str]], Iterable[_T]], numbers: Iterable[str]) -> frozenset[_T]:
    """What a query about a few numbers finds of many: a whole file's are more than one statement takes."""
    wanted, found = sorted(set(numbers)), set[_T]()
    for part in in_parts(wanted, _AT_ONCE):
        found.update(asked(part))
    return frozenset(found)


def policies_of_holders(numbers: Sequence[str]) -> pl.Series:
    """Numbers of the stored policies of these holders."""
    found: list[str] = []
    for part in in_parts(numbers, _AT_ONCE):
        rows_of = Policy.objects.filter(holder_number__in=part)
        found += rows_of.values_list("number", flat=True)
    return pl.Series("number", sorted(found), dtype=pl.String)
