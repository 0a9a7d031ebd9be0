"""Problem lines become sentences, with personal values masked.

In: problem lines (row, canonical column, reason, value). Out: the header as written and a sentence.
Never: a full ID number, phone, name or address inside a sentence.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.reasons import REASONS

LINES = {"row": pl.Int64, "column": pl.String, "reason": pl.String, "value": pl.String, "other": pl.Int64,
         "hint": pl.String}  # fmt: skip

_LONG_CHARS = 8  # of a value whose ends may be shown without giving it away
_SHOWN_MAX = 40  # characters of a value that a sentence repeats
_ID_18 = r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d\d{3}[\dXx]"
_ID_15 = r"[1-9]\d{7}(?:0[1-9]|1[0-2])[0-3]\d{4}"
_PHONE = r"(?:86)?1[3-9]\d{9}"
_LOOKS_PERSONAL = rf"(?:^|\D)(?:{_ID_18}|{_ID_15}|{_PHONE})(?:\D|$)"


def masked(value: pl.Expr) -> pl.Expr:
    """A personal value as a sentence may show it: at most the first three and last two characters."""
    length = value.str.len_chars()
    ends = pl.concat_str(value.str.head(3), pl.lit("***"), value.str.tail(2), pl.format("（{}位）", length))
    return (
        pl.when(length >= _LONG_CHARS)
        .then(ends)
        .when(length >= 2)
        .then(value.str.head(1) + "**")
        .otherwise(pl.lit("*"))
    )


def looks_personal(value: pl.Expr) -> pl.Expr:
    """Whether a text holds an ID number or a mobile phone, whatever its column is called."""
    return value.str.contains(_LOOKS_PERSONAL)


def describe(lines: pl.DataFrame, headers: dict[str, str], personal: frozenset[str]) -> pl.DataFrame:
    """Turn problem lines (LINES; `column` canonical) into row, column (as written), reason, detail.

    Values of `personal` columns are masked; so is any value that looks like an ID number or a mobile phone.
    """
    if lines.is_empty():
        return pl.DataFrame(
            schema={"row": pl.Int64, "column": pl.String, "reason": pl.String, "detail": pl.String}
        )
    value = pl.col("value").fill_null("")
    hide = pl.col("column").is_in(list(personal)) | looks_personal(value)
    cut = pl.when(value.str.len_chars() > _SHOWN_MAX).then(value.str.head(_SHOWN_MAX) + "…").otherwise(value)
    shown = lines.with_columns(
        value=pl.when(hide).then(masked(value)).otherwise(cut),
        column=pl.col("column").replace_strict(headers, default=pl.col("column"), return_dtype=pl.String),
    )
    parts = [
        part.with_columns(detail=_sentence(str(reason)))
        for (reason,), part in shown.group_by(["reason"], maintain_order=True)
    ]
    return pl.concat(parts).select("row", "column", "reason", "detail")


def _sentence(reason: str) -> pl.Expr:
    """The sentence of `reason` with its places filled from the columns of the same names."""
    fills = {
        "{column}": pl.col("column"),
        "{value}": pl.col("value"),
        "{other}": pl.col("other").cast(pl.String),
        "{hint}": pl.col("hint"),
    }
    pieces: list[pl.Expr | str] = [REASONS[reason].sentence]
    for place, fill in fills.items():
        pieces = [p for piece in pieces for p in _split(piece, place, fill)]
    return pl.concat_str([pl.lit(p) if isinstance(p, str) else p.fill_null("") for p in pieces])


def _split(piece: pl.Expr | str, place: str, fill: pl.Expr) -> list[pl.Expr | str]:
    if not isinstance(piece, str):
        return [piece]
    texts = piece.split(place)
    return [texts[0], *(p for text in texts[1:] for p in (fill, text))]
