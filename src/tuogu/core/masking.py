"""Personal data as it is shown by default: 张**, 138****1234, 330***********1234, a community for an address.

In: a column expression of plain values. Out: an expression of masked text; null stays null. Never: a short or
odd value shown whole (what is too short for the rule keeps only its first character), a count of stars that
tells how long a name is.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.core.rulebook import Rulebook

STAR = "*"
NAME_STARS = "**"
_HIDDEN_MIN = 4  # fewer hidden characters than this can be guessed from the rest
_HOUSE_NUMERAL = r"[零〇一二三四五六七八九十百](\**(?:幢|栋|号|单元|室|楼|层|弄|座|户))"
_NUMERALS_MAX = 4  # 一百零八 is the longest house numeral that people write


@dataclass(frozen=True)
class MaskRule:
    """How many characters stay visible at the beginning and at the end."""

    name_head: int
    phone_head: int
    phone_tail: int
    id_head: int
    id_tail: int


def mask_rule(rulebook: Rulebook) -> MaskRule:
    """The rulebook's digits (table `masking`)."""
    return MaskRule(
        name_head=rulebook["masking.name_head"],
        phone_head=rulebook["masking.phone_head"],
        phone_tail=rulebook["masking.phone_tail"],
        id_head=rulebook["masking.id_head"],
        id_tail=rulebook["masking.id_tail"],
    )


def masked_name(name: pl.Expr, rule: MaskRule) -> pl.Expr:
    """张三 and 张三丰 both read 张**."""
    head = name.str.strip_chars().str.slice(0, rule.name_head)
    return pl.when(name.is_not_null()).then(pl.concat_str(head, pl.lit(NAME_STARS)))


def masked_phone(phone: pl.Expr, rule: MaskRule) -> pl.Expr:
    """13812341234 reads 138****1234."""
    return _masked_middle(phone, rule.phone_head, rule.phone_tail)


def masked_id(number: pl.Expr, rule: MaskRule) -> pl.Expr:
    """330203199001011234 reads 330***********1234."""
    return _masked_middle(number, rule.id_head, rule.id_tail)


def address_to_community(*, separator: str = "") -> pl.Expr:
    """District, street and community of a COMMUNITIES row: all that lists show of an address."""
    return pl.concat_str("district", "street", "community", separator=separator, ignore_nulls=True)


def masked_address(address: pl.Expr) -> pl.Expr:
    """An address as written, each digit, letter and house numeral starred: for work that needs its words."""
    masked = address.str.replace_all(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]", STAR)
    for _ in range(_NUMERALS_MAX):  # one numeral a turn, from the house word to the left
        masked = masked.str.replace_all(_HOUSE_NUMERAL, "*$1")
    return masked


def mask_text(kind: str, text: str, rule: MaskRule) -> str:
    """One value; `kind` is name, phone or id. Raises KeyError for another kind."""
    masks = {"name": masked_name, "phone": masked_phone, "id": masked_id}
    masked = pl.select(masks[kind](pl.lit(text), rule)).item()
    return str(masked)


def _masked_middle(value: pl.Expr, head: int, tail: int) -> pl.Expr:
    length = value.str.len_chars()
    long_enough = length >= head + tail + _HIDDEN_MIN
    shown_head = pl.when(long_enough).then(head).when(length > 1).then(1).otherwise(0)
    shown_tail = pl.when(long_enough).then(tail).otherwise(0)
    hidden = length.cast(pl.Int64) - shown_head - shown_tail
    stars = _stars(hidden)
    return pl.when(value.is_not_null()).then(
        pl.concat_str(
            value.str.slice(0, shown_head), stars, value.str.slice(length.cast(pl.Int64) - shown_tail)
        )
    )


def _stars(count: pl.Expr) -> pl.Expr:
    """`count` stars."""
    return pl.lit("").str.pad_end(count, STAR)
