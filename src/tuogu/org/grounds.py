"""Which institutions a scope covers: those at or below its own, and those that serve its regions.

In: a scope. Out: codes. Never: an institution of a region without its departments and teams, which name no region of
their own (P-12: a parent lists everything below).
"""

from __future__ import annotations

from django.db.models import Q

from tuogu.org.models import Institution
from tuogu.org.scope import Scope


def institutions_within(scope: Scope) -> frozenset[str]:
    """Codes of the institutions at or below those of the scope, and of those that serve its regions."""
    if scope.within is not None:
        return scope.within
    if scope.all_rows:
        return frozenset(Institution.objects.values_list("code", flat=True))
    below = Q(pk__in=[])
    for code in scope.institution_codes:
        below |= Q(path__contains=f"/{code}/")
    return frozenset(Institution.objects.filter(below).values_list("code", flat=True)) | serving(
        scope.region_prefixes
    )


def serving(prefixes: frozenset[str]) -> frozenset[str]:
    """Codes of the institutions that serve a region which begins with one of these; an institution without a region of its
    own serves that of the nearest one above it."""
    if not prefixes:
        return frozenset()
    served: dict[str, str] = {}
    found = []
    for code, region, path in Institution.objects.order_by("path").values_list("code", "region_code", "path"):
        served[path] = region or served.get(path.removesuffix(f"{code}/"), "")
        if served[path].startswith(tuple(prefixes)):
            found.append(code)
    return frozenset(found)
