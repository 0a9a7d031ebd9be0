"""Of which type of orphan policies are now: what an assignment of the day is filed with (P-14).

In: subjects. Out: type by subject. Never: a policy that is no orphan, a policy at a time.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuogu.books.models import ListedPolicy
from tuogu.bulk import in_parts

_AT_ONCE = 10_000  # subjects of one query: below the parameter limits of both databases


def orphan_types(subjects: Iterable[int]) -> dict[int, str]:
    """Subject → combination, non_pure or pure, of those that are orphans."""
    wanted, found = sorted(set(subjects)), dict[int, str]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = ListedPolicy.objects.filter(pk__in=part, orphan=True)
        found |= {
            subject: kind for subject, kind in rows.values_list("pk", "orphan_type") if kind is not None
        }
    return found
