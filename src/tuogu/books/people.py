"""Customers as they may be shown: the only way by which their personal data leaves this room.

In: customer numbers, and whether in clear. Out: names, phones, IDs and addresses, masked by the rulebook's digits unless
`clear`. Never: a value in clear that was not asked for as such (who asks counts the look first), more than one query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu import vault
from tuogu.books.models import Customer
from tuogu.bulk import in_parts
from tuogu.core.masking import mask_rule, masked_address, masked_id, masked_name, masked_phone
from tuogu.core.rulebook import Rulebook

_PLAIN = ("number", "sex", "birth_date")
_SEALED = {
    "name": "name_sealed",
    "phone": "phone_sealed",
    "id_number": "id_sealed",
    "address": "address_sealed",
}
_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases


@dataclass(frozen=True)
class ShownCustomer:
    """One customer. Text is masked or in clear, as was asked; null where nothing is stored."""

    number: str
    name: str | None
    phone: str | None
    id_number: str | None
    address: str | None
    birth_year: int | None
    sex: str | None  # M | F
    complete: bool  # name, phone, ID and address are all there


def shown(numbers: Iterable[str], rulebook: Rulebook, *, clear: bool) -> dict[str, ShownCustomer]:
    """The stored customers among `numbers`, by number."""
    wanted = sorted(set(numbers))
    found = _read(wanted)
    frame = found if clear else found.with_columns(_masked(rulebook))
    return {row["number"]: ShownCustomer(**row) for row in frame.iter_rows(named=True)}


def _read(numbers: list[str]) -> pl.DataFrame:
    """number, the opened columns, birth_year, sex, complete."""
    rows = [
        row
        for part in in_parts(numbers, _BATCH)
        for row in Customer.objects.filter(number__in=part).values_list(*_PLAIN, *_SEALED.values())
    ]
    columns = list(zip(*rows, strict=True)) or [()] * (len(_PLAIN) + len(_SEALED))
    opened = {name: vault.open_texts(values) for name, values in zip(_SEALED, columns[3:], strict=True)}
    return pl.DataFrame(
        {
            "number": list(columns[0]),
            **opened,
            "birth_year": [_year(day) for day in columns[2]],
            "sex": list(columns[1]),
        },
        schema={
            "number": pl.String,
            **dict.fromkeys(_SEALED, pl.String),
            "birth_year": pl.Int64,
            "sex": pl.String,
        },
    ).with_columns(complete=pl.all_horizontal(pl.col(name).is_not_null() for name in _SEALED))


def _year(day: date | None) -> int | None:
    return None if day is None else day.year


def _masked(rulebook: Rulebook) -> list[pl.Expr]:
    rule = mask_rule(rulebook)
    return [
        masked_name(pl.col("name"), rule).alias("name"),
        masked_phone(pl.col("phone"), rule).alias("phone"),
        masked_id(pl.col("id_number"), rule).alias("id_number"),
        masked_address(pl.col("address")).alias("address"),
    ]
