"""Whose scope covers what: a plan, a round or a filing is visible where all institutions that it speaks of are.

In: a Scope, institution codes. Out: yes or no. Never: part of a plan shown to who may see only part of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.models import StoredPlan


def covers(scope: Scope, institution_codes: Sequence[str]) -> bool:
    """True where the scope covers every one of these institutions (of none: only a scope of everything does)."""
    return covered(institution_codes, reach(scope))


def reach(scope: Scope) -> frozenset[str] | None:
    """Codes of the institutions within scope; None = all."""
    return None if scope.all_rows else org.institutions_within(scope)


def covered(codes: Sequence[str], within: frozenset[str] | None) -> bool:
    """`covers` for a reach that was looked up once."""
    return within is None or (bool(codes) and set(codes) <= within)


def speaking_of(codes: Sequence[str], plans: QuerySet[StoredPlan]) -> list[int]:
    """Those of the plans that share an institution with these; a plan that names none could be of any."""
    return [
        pk
        for pk, others in plans.values_list("pk", "institution_codes")
        if not codes or not others or set(codes) & set(others)
    ]
