"""Sealed texts in which an erased person is named: what remains of each is sealed anew.

In: rows of an append-only table, the sealed field, what is left of a text. Out: how many texts changed. Never: a text
written that says the same as before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from tuogu import vault
from tuogu.org import append_only


def empty_texts(rows: QuerySet[Any], field: str, left_of: Callable[[str], str]) -> int:
    """Put `left_of` each opened text in its place; nothing left empties the field."""
    emptied = 0
    with append_only.lifted(rows.model._meta.db_table):
        for row in rows.filter(**{f"{field}__isnull": False}).order_by("pk"):
            told = vault.open_text(getattr(row, field)) or ""
            left = left_of(told)
            if left != told:
                sealed = vault.seal_text(left) if left else None
                emptied += rows.model._default_manager.filter(pk=row.pk).update(**{field: sealed})
    return emptied
