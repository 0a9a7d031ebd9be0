"""Where ciphertext and keyed hashes lie: every `*_sealed` and `*_hash` column of every model, on whichever database its
table is.

In: the models of the installation. Out: columns, and how many values each key or generation holds. Never: a value opened,
a list kept by hand (the build asks that a room files its ciphertext, and that it is named so).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connections, router
from django.db.models import BinaryField, Model

from tuogu.vault.hashing import DIGEST_BYTES, HEAD_BYTES

_SEALED, _HASH = "_sealed", "_hash"


@dataclass(frozen=True)
class SealedColumn:
    """One column of one table (sealed values or keyed hashes), and the alias of its database."""

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
    return sorted(_found(_SEALED), key=lambda one: one.name)


def hash_columns() -> list[SealedColumn]:
    """Every column of keyed hashes, by table and column."""
    return sorted(_found(_HASH), key=lambda one: one.name)


def _found(suffix: str) -> Iterator[SealedColumn]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if field.name.endswith(suffix) and isinstance(field, BinaryField):
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


def hashes_by_generation(column: SealedColumn) -> Counter[int]:
    """How many hashes of the column are of each generation; an empty one (of an erased person) is of none."""
    name, connection = column.column, connections[column.alias]
    head = f"CASE WHEN length({name}) = {DIGEST_BYTES} THEN NULL ELSE substr({name}, 1, {HEAD_BYTES}) END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {head}, COUNT(*) FROM {column.table} WHERE {name} IS NOT NULL AND length({name}) > 0 GROUP BY 1"
        )
        return Counter({1 if h is None else int.from_bytes(bytes(h), "big"): n for h, n in cursor.fetchall()})
