"""Rows of a room as a frame under Chinese headings, codes in words: how rooms tell an auditor what happened.

In: a queryset and heading → field; words for the codes of fields whose model names no choices. Out: a frame. Never: rows
with other keys than those asked for, a word in the place of a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet

from tuogu.core.custody import day_bounds

Words = Mapping[str, Mapping[str, str]]  # heading → code → word
Source = tuple[type[Model], str, Mapping[str, str]]  # a model, its moment, heading → field


def titled_between(
    sources: Mapping[str, Source], first: date, last: date, words: Mapping[str, Words] | None = None
) -> dict[str, pl.DataFrame]:
    """`titled` of each source: the rows whose moment lies in the business days `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    said = words or {}
    return {
        title: titled(
            model._default_manager.filter(**{f"{moment}__gte": begin, f"{moment}__lt": end}).order_by("pk"),
            fields,
            said.get(title),
        )
        for title, (model, moment, fields) in sources.items()
    }


def titled(rows: QuerySet[Any], fields: Mapping[str, str], words: Words | None = None) -> pl.DataFrame:
    """One column a heading; of no rows, text columns. JSON values are written as text. A code is written as its word: the
    model's own, or that of `words`; one that neither knows stays as it is."""
    found = list(rows.values_list(*fields.values()))
    columns = list(zip(*found, strict=True)) or [() for _ in fields]
    said = {title: _choices(rows.model, path) for title, path in fields.items()} | dict(words or {})
    return pl.DataFrame(
        [
            pl.Series(
                title, [_plain(value, said[title]) for value in column], dtype=None if found else pl.String
            )
            for title, column in zip(fields, columns, strict=True)
        ]
    )


def _choices(model: type[Model], path: str) -> Mapping[str, str]:
    """Code → word of a field, also of one that is reached through others."""
    *through, last = path.split("__")
    try:
        for name in through:
            model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # every step is a relation
        return {str(code): str(word) for code, word in model._meta.get_field(last).flatchoices}  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):  # `pk`, `batch_id`; a relation has no choices
        return {}


def _plain(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, dict):
        return "；".join(
            f"{words.get(key, key)} {_plain(one, words)}"
            for key, one in value.items()
            if one not in ("", None)
        )
    return "、".join(str(_plain(one, words)) for one in value) if isinstance(value, list) else value
