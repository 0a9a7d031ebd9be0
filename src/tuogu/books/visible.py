"""Which listed policies a scope shows: the row-level rule of the books, written once.

In: a Scope. Out: a condition on ListedPolicy. Visible = managed by an institution within scope (those below it included),
living in a region within scope, or held by somebody within scope. Never: a list that asks another question.

How it is asked decides the speed. Everything in scope: no condition. Only people (an account manager, a team): their
holdings lead, a few hundred or thousand rows. Both: each row is asked while the list's own index is walked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from tuogu.books.models import ListedPolicy, ListedSum
from tuogu.ledger import queries as ledger
from tuogu.moment import once
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Visible:
    """A scope, resolved against what is listed. `everything`: the other fields then count not."""

    everything: bool
    institutions: frozenset[str] = frozenset()  # of those that manage a listed policy
    regions: frozenset[str] = frozenset()
    custodians: frozenset[int] = frozenset()

    @property
    def only_people(self) -> bool:
        """Nothing but what people hold."""
        return not self.everything and not self.institutions and not self.regions

    @property
    def digest(self) -> str:
        """A short name of exactly this scope, for what is kept in memory."""
        parts = (self.everything, sorted(self.institutions), sorted(self.regions), sorted(self.custodians))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def condition(self) -> Q:
        """The condition on ListedPolicy."""
        if self.everything:
            return Q()
        if self.only_people:
            return Q(subject_id__in=ledger.held_by(self.custodians))
        by_place = self._by_place()
        if not self.custodians:
            return by_place
        return by_place | Q(Exists(ledger.held_by(self.custodians).filter(subject_id=OuterRef("pk"))))

    def outside_places(self) -> Q:
        """What is seen only because somebody within scope holds it."""
        return Q(subject_id__in=ledger.held_by(self.custodians)) & ~self._by_place()

    def _by_place(self) -> Q:
        found = Q(institution_code__in=sorted(self.institutions))
        for prefix in sorted(self.regions):
            found |= Q(community_code__startswith=prefix)
        return found


@once
def visible(scope: Scope) -> Visible:
    """Resolve a scope."""
    if scope.all_rows:
        return Visible(True)
    managing = set(ListedSum.objects.values_list("institution_code", flat=True).distinct())
    within = org.institutions_within(scope)
    if managing and managing <= within:
        return Visible(True)
    custodians = org.custodians_within(scope, within) or frozenset()
    return Visible(False, frozenset(managing & within), scope.region_prefixes, custodians)


def rows(scope: Scope) -> QuerySet[ListedPolicy]:
    """The listed policies within scope."""
    return ListedPolicy.objects.filter(visible(scope).condition())
