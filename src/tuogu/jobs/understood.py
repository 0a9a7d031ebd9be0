"""How a dry run understood the file: the first accepted rows of each kind, column by column, and whom nobody knows.

In: a prepared file. Out: `understood.json` in the upload's folder. Never: a personal value in clear (masked before it is
written down), a cell in the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tuogu.core.intake_columns import RULES
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.core.labels import MANUAL_REASONS
from tuogu.core.masking import MaskRule, address_to_community, mask_rule, masked_id, masked_name, masked_phone
from tuogu.core.merge import KEYS
from tuogu.core.reason_lines import looks_personal, masked
from tuogu.core.standardise_words import CHINESE
from tuogu.core.tables import Book
from tuogu.jobs import uploads
from tuogu.jobs.storing import Prepared
from tuogu.rules import queries as rules

_ORDER = (
    "customers",
    "policies",
    "motor",
    "people",
    "institutions",
    "coordinates",
)  # what matters most comes first
_SAMPLE_ROWS = 3  # what a person looks over at a glance
_STRANGERS_KEPT = 50  # headers that are shown: more say the file is another
_YES_NO = {True: "是", False: "否"}
_PLAIN_NUMBER = r"^[0-9A-Za-z-]{1,12}$"  # what looks like a staff number may be shown


@dataclass(frozen=True)
class UnderstoodColumn:
    """`title` of ours, `header` as written in the file, the cells of the first rows ('' = empty)."""

    title: str
    header: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class UnderstoodSheet:
    """The first accepted rows of one kind; `shown` of `accepted`."""

    kind: str
    title: str
    name: str
    accepted: int
    columns: tuple[UnderstoodColumn, ...]

    @property
    def shown(self) -> int:
        return len(self.columns[0].cells) if self.columns else 0


@dataclass(frozen=True)
class Understood:
    """`strangers`: a staff number that nobody bears, and the live policies that name it; most often named first."""

    sheets: tuple[UnderstoodSheet, ...]
    strangers: tuple[tuple[str, int], ...]


def write_understood(key: str, prepared: Prepared, strangers: pl.DataFrame) -> None:
    """Write it beside the upload."""
    books, raw = prepared.file.intake.books, prepared.file.raw
    rule = mask_rule(rules.applicable(date.max))  # the newest mask counts at once
    sheets = []
    for kind in _ORDER:
        if kind not in raw.sheets:
            continue
        sheet = raw.sheets[kind]
        frame = prepared.file.intake.motor if kind == "motor" else getattr(books, kind)
        headers = {canonical: sheet.headers[column] for column, canonical in sheet.mapping.items()}
        texts = _texts(kind, frame.head(_SAMPLE_ROWS), rule, prepared.book)
        columns = [
            {"title": title, "header": headers[name], "cells": texts[name]}
            for name, title in TITLES[kind].items()
            if name in headers
        ]
        sheets.append(
            {"kind": kind, "title": SHEET_TITLES[kind], "name": sheet.name, "accepted": frame.height,
             "columns": columns}
        )  # fmt: skip
    value = pl.col("agent_number")
    safe = value.str.contains(_PLAIN_NUMBER) & ~looks_personal(value)
    named = strangers.head(_STRANGERS_KEPT).select(
        pl.when(safe).then(value).otherwise(masked(value)), "policies"
    )
    uploads.write_json(
        key, uploads.UNDERSTOOD, {"sheets": sheets, "strangers": [list(row) for row in named.iter_rows()]}
    )


def read_understood(key: str) -> Understood:
    """What `write_understood` wrote; empty where the dry run has not got there."""
    found: Mapping[str, Any] = uploads.read_json(key, uploads.UNDERSTOOD) or {"sheets": [], "strangers": []}
    sheets = tuple(
        UnderstoodSheet(
            s["kind"], s["title"], s["name"], s["accepted"],
            tuple(UnderstoodColumn(c["title"], c["header"], tuple(c["cells"])) for c in s["columns"]),
        )
        for s in found["sheets"]
    )  # fmt: skip
    return Understood(sheets, tuple((number, count) for number, count in found["strangers"]))


def _texts(kind: str, rows: pl.DataFrame, rule: MaskRule, book: Book) -> dict[str, list[str]]:
    """Column → what the page shows of each row."""
    personal = RULES[kind].personal
    shown = rows.select(
        _shown(name, dtype, hidden=name in personal, rule=rule).alias(name)
        for name, dtype in rows.schema.items()
    )
    texts = {name: [cell or "" for cell in shown[name]] for name in shown.columns}
    if "address" in texts:
        located = book.located if kind == "customers" else book.homes
        texts["address"] = _places(rows.select(pl.col(KEYS[kind]).alias("key"), "address"), located, book)
    return texts


def _shown(name: str, dtype: pl.DataType, *, hidden: bool, rule: MaskRule) -> pl.Expr:
    column = pl.col(name)
    if name.endswith("_fen"):
        fen = column.cast(pl.Int64)
        return pl.format("{}.{}", fen // 100, (fen % 100).cast(pl.String).str.zfill(2))
    text = column.cast(pl.String)
    if dtype == pl.Boolean:
        return column.replace_strict(_YES_NO, default=None, return_dtype=pl.String)
    if name in CHINESE:
        text = text.replace(CHINESE[name])
    if not hidden:
        return pl.when(looks_personal(text).fill_null(False)).then(masked(text)).otherwise(text)
    masks = {
        "name": masked_name(text, rule),
        "phone": masked_phone(text, rule),
        "id_number": masked_id(text, rule),
    }
    if name == "birth_date":
        return pl.when(text.is_not_null()).then(pl.concat_str(text.str.head(4), pl.lit("-**-**")))
    return masks.get(name, pl.when(text.is_not_null()).then(masked(text)))


def _places(rows: pl.DataFrame, located: pl.DataFrame, book: Book) -> list[str]:
    """An address shows as the community that was understood, or why none was; of a leaver's home nothing is read."""
    named = book.communities.select("community_code", place=address_to_community())
    codes = located.select("key", "community_code", "reason")
    found = rows.join(codes, on="key", how="left", maintain_order="left")
    found = found.join(named, on="community_code", how="left", maintain_order="left")
    why = pl.format("未编码：{}", pl.col("reason").replace(MANUAL_REASONS))
    hidden = pl.when(pl.col("address").is_not_null()).then(pl.lit("***")).otherwise(pl.lit(""))
    return found.select(pl.coalesce("place", why, hidden)).to_series().to_list()
