"""Where ciphertext lies: every `*_sealed` column of every model, on whichever database its table is.

In: the models of the installation. Out: columns, and how many values each key holds. Never: a value opened, a list kept by
hand (the build asks that a room files its ciphertext, and that it is named so).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connections, router
from django.db.models import BinaryField, Model

_SUFFIX = "_sealed"


@dataclass(frozen=True)
class SealedColumn:
    """One column of one table, and the alias of its database."""

    alias: str
    table: str
    key: str  # its primary key's column
    column: str

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.table}.{self.column}"


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column, by table and column."""
    return sorted(_found(), key=lambda one: one.name)


def _found() -> Iterator[SealedColumn]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if field.name.endswith(_SUFFIX) and isinstance(field, BinaryField):
                yield SealedColumn(
                    _alias(model), model._meta.db_table, str(model._meta.pk.column), str(field.column)
                )


def _alias(model: type[Model]) -> str:
    return str(router.db_for_write(model))


def values_by_key(column: SealedColumn) -> Counter[int]:
    """How many values of the column each key holds: one scan, nothing opened."""
    connection = connections[column.alias]
    head = f"substr({column.column}, 2, 4)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {head}, COUNT(*) FROM {column.table} WHERE {column.column} IS NOT NULL GROUP BY {head}"
        )
        return Counter({int.from_bytes(bytes(key), "big"): count for key, count in cursor.fetchall()})
