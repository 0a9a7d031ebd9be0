"""Text columns become canonical values: identifiers, names, phones, addresses, enumerations, yes and no.

In: expressions over text columns. Out: `Parsed`: the value, a reason code where it is refused, one where
it is accepted with a remark. Never: an exception on any content; a value that was guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

NO_REASON = pl.lit(None, dtype=pl.String)
_INVISIBLE = r"[\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2064}\u{FEFF}\u{00AD}]"
_CONTROL = r"[\x00-\x1F\x7F-\x9F]+"
_EMPTY_WORDS = r"(?i)^(?:[-—–_/\\.]{1,4}|无|不详|未知|暂无|空白|null|\(null\)|none|nan|n/a|nil)$"
_EXCEL_ERROR = r"(?i)^#(?:REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|N/A)$"
_GARBLED = r"\u{FFFD}|锟斤拷|烫烫烫"


@dataclass(frozen=True)
class Parsed:
    """A column's value and, per row, why it is refused (`problem`) or remarked on (`remark`)."""

    value: pl.Expr
    problem: pl.Expr = field(default=NO_REASON)
    remark: pl.Expr = field(default=NO_REASON)


def printable(text: pl.Expr) -> pl.Expr:
    """`text` as written, without control and invisible characters; empty becomes null."""
    shown = text.str.replace_all(_INVISIBLE, "").str.replace_all(_CONTROL, " ").str.strip_chars()
    return pl.when(shown != "").then(shown)


def normal(text: pl.Expr) -> pl.Expr:
    """Half-width form (NFKC) of `printable` text; words that mean 'nothing' become null."""
    wide = printable(text).str.normalize("NFKC").str.strip_chars()
    return pl.when((wide != "") & ~wide.str.contains(_EMPTY_WORDS)).then(wide)


def broken(text: pl.Expr) -> pl.Expr:
    """The reason code of a cell that is not a value at all: an Excel error or garbled text."""
    return (
        pl.when(text.str.contains(_EXCEL_ERROR))
        .then(pl.lit("excel_error"))
        .when(text.str.contains(_GARBLED))
        .then(pl.lit("garbled_text"))
    )


def identifier(text: pl.Expr) -> Parsed:
    """A policy, customer, staff or institution number: letters and digits, upper case, at most 40 characters.

    A number that Excel has rounded (3.30203198001011E+17, or more than 15 digits before '.0') is refused.
    """
    bare = bare_number(text)
    rounded = is_rounded(bare)
    value = bare.str.replace(r"^([0-9]{1,15})\.0+$", "${1}").str.to_uppercase()
    good = value.str.contains(r"^[0-9A-Z][0-9A-Z\-_/.#]{0,39}$")
    problem = pl.when(rounded).then(pl.lit("rounded_number")).when(~good).then(pl.lit("bad_identifier"))
    return Parsed(pl.when(problem.is_null()).then(value), problem)


def bare_number(text: pl.Expr) -> pl.Expr:
    """`text` without the wrappers that exports use to keep numbers as text: ="…", a leading quote, spaces."""
    return (
        normal(text)
        .str.replace(r'^="(.*)"$', "${1}")
        .str.replace(r"^['’‘`]+", "")
        .str.replace_all(r"\s+", "")
    )


def is_rounded(bare: pl.Expr) -> pl.Expr:
    """True where `bare` is a number in scientific notation or a float of more than 15 digits."""
    return bare.str.contains(r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$|^[0-9]{16,}\.[0-9]+$")


def name(text: pl.Expr) -> Parsed:
    """A person's or an institution's name: half width, one middle dot, no space between Chinese characters."""
    dotted = normal(text).str.replace_all(r"[•‧・･∙⋅]", "·")
    value = (
        dotted.str.replace_all(r"\s+", " ")
        .str.replace_all(r"(\p{Han}) (\p{Han})", "${1}${2}")
        .str.replace_all(
            r"(\p{Han}) (\p{Han})", "${1}${2}"
        )  # matches cannot overlap: 张 小 明 needs two passes
    )
    good = value.str.contains(r"[\p{L}\p{Co}]") & (value.str.len_chars() <= 60)
    problem = pl.when(~good).then(pl.lit("bad_name"))
    return Parsed(pl.when(good).then(value), problem)


def phone(text: pl.Expr) -> Parsed:
    """Eleven digits of a mobile, or a landline with its area code; of several numbers the first valid one."""
    bare = normal(text).str.replace(r'^="(.*)"$', "${1}").str.replace(r"^['’‘`]+", "")
    parts = bare.str.replace_all(r"[^0-9+()\-\s.·*]+", "/").str.replace_all(r"\s{2,}", "/").str.split("/")
    digits = parts.list.eval(
        pl.element().str.replace_all(r"[\s()\-.·]", "").str.replace(r"^(?:\+86|0086|\+0086)", "")
    )
    digits = digits.list.eval(pl.element().str.replace(r"^86(1[3-9][0-9]{9})$", "${1}"))
    written = digits.list.eval(pl.element().filter(pl.element() != ""))
    valid = written.list.eval(pl.element().filter(pl.element().str.contains(_VALID_PHONE)))
    value = valid.list.first()
    problem = pl.when(bare.is_not_null() & value.is_null()).then(pl.lit("bad_phone"))
    return Parsed(value, problem, pl.when(written.list.len() > 1).then(pl.lit("several_phones")))


_VALID_PHONE = r"^(?:1[3-9][0-9]{9}|0(?:10|2[0-9]|[3-9][0-9]{2})[1-9][0-9]{6,7})$"


def free_text(text: pl.Expr) -> Parsed:
    """Text kept as written (addresses, employers): only control characters and surrounding spaces go."""
    empty = normal(text).is_null()
    return Parsed(pl.when(~empty).then(printable(text)))


def label(text: pl.Expr) -> Parsed:
    """A short label such as a rank or a product name: half width, single spaces."""
    return Parsed(normal(text).str.replace_all(r"\s+", " "))


def word(text: pl.Expr, words: Mapping[str, str]) -> Parsed:
    """An enumeration: `words` maps what people write (half width, lower case, no spaces) to the value."""
    key = normal(text).str.replace_all(r"\s+", "").str.to_lowercase()
    value = key.replace_strict(dict(words), default=None, return_dtype=pl.String)
    return Parsed(value, pl.when(key.is_not_null() & value.is_null()).then(pl.lit("unknown_value")))


def yes_no(text: pl.Expr, words: Mapping[str, str]) -> Parsed:
    """A Boolean: `words` maps to 'yes' or 'no'. A lone 无 answers no here; elsewhere it means nothing."""
    none_at_all = printable(text) == "无"
    parsed = word(pl.when(none_at_all).then(pl.lit("no")).otherwise(text), words)
    return Parsed(parsed.value == "yes", parsed.problem)
