"""Whose scope covers what: a plan, a round or a filing is visible where all institutions that it speaks of are.

In: a Scope, institution codes. Out: yes or no. Never: part of a plan shown to who may see only part of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tuogu.org import queries as org
from tuogu.org.scope import Scope


def covers(scope: Scope, institution_codes: Sequence[str]) -> bool:
    """True where the scope covers every one of these institutions (of none: only a scope of everything does)."""
    return covered(institution_codes, reach(scope))


def reach(scope: Scope) -> frozenset[str] | None:
    """Codes of the institutions within scope; None = all."""
    return None if scope.all_rows else org.institutions_within(scope)


def covered(codes: Sequence[str], within: frozenset[str] | None) -> bool:
    """`covers` for a reach that was looked up once."""
    return within is None or (bool(codes) and set(codes) <= within)
