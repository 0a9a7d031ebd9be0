"""Which of several sets hold anything at all: one query, so that a page asks only the rooms that have an answer.

In: sets by name. Out: the names of those with a row. Never: a row read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, QuerySet

from tuogu.org.models import Custodian
from tuogu.org.standing import BUFFER_KEY


def nonempty(sets: Mapping[str, QuerySet[Any]]) -> frozenset[str]:
    """Names of the sets that have a row."""
    if not sets:
        return frozenset()
    one_row = Custodian.objects.filter(
        key=BUFFER_KEY
    )  # any row that is always there: the sets stand beside it
    found = one_row.values_list(*(Exists(rows.order_by()) for rows in sets.values())).get()
    return frozenset(name for name, holds in zip(sets, found, strict=True) if holds)
