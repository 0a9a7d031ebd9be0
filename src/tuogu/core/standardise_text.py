"""Text columns become canonical values: identifiers, names, phones, addresses, enumerations, yes and no.

In: expressions over `normal` text (`free_text` and `yes_no`: over `printable` text). Out: `Parsed`: the
value, a reason code where it is refused, one where it is accepted with a remark.
Never: an exception on any content; a value that was guessed.
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
_NAME_CHARS_MAX = 60
_VALID_PHONE = r"^(?:1[3-9][0-9]{9}|0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})$"
_QUOTES = "'’‘`"
FORMULA_WITHOUT_RESULT = "#NO_RESULT!"  # put there by the reader of workbooks
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


def normal(written: pl.Expr) -> pl.Expr:
    """Half-width form (NFKC) of `printable` text; words that mean 'nothing' become null."""
    wide = written.str.normalize("NFKC").str.strip_chars()
    return pl.when((wide != "") & ~wide.str.contains(_EMPTY_WORDS)).then(wide)


def broken(text: pl.Expr) -> pl.Expr:
    """The reason code of a cell that is not a value at all: an Excel error, a formula without a result, garbled text."""
    return (
        pl.when(text.str.contains(_EXCEL_ERROR))
        .then(pl.lit("excel_error"))
        .when(text == FORMULA_WITHOUT_RESULT)
        .then(pl.lit("formula_without_result"))
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
    return unwrapped(text).str.replace_all(r"\s+", "")


def unwrapped(text: pl.Expr) -> pl.Expr:
    """`text` without ="…" around it or quotes before it."""
    return text.str.replace(r'^="(.*)"$', "${1}").str.strip_chars_start(_QUOTES)


def is_rounded(bare: pl.Expr) -> pl.Expr:
    """True where `bare` is a number in scientific notation or a float of more than 15 digits."""
    return bare.str.contains(r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$|^[0-9]{16,}\.[0-9]+$")


def name(text: pl.Expr) -> Parsed:
    """A name: half width, one kind of middle dot, no space between Chinese characters."""
    spaced = text.str.replace_all(r"[•‧・･∙⋅]", "·").str.replace_all(r"\s+", " ")
    once = spaced.str.replace_all(r"(\p{Han}) (\p{Han})", "${1}${2}")
    value = once.str.replace_all(r"(\p{Han}) (\p{Han})", "${1}${2}")  # matches do not overlap: 张 小 明
    good = value.str.contains(r"[\p{L}\p{Co}]") & (value.str.len_chars() <= _NAME_CHARS_MAX)
    return Parsed(pl.when(good).then(value), pl.when(~good).then(pl.lit("bad_name")))


def phone(text: pl.Expr) -> Parsed:
    """Eleven digits of a mobile, or a landline with its area code; of several numbers the first valid one."""
    bare = unwrapped(text)
    parts = bare.str.replace_all(r"[^0-9+()\-\s.·*]+|\s{2,}", "/").str.split("/")
    digits = parts.list.eval(
        pl.element()
        .str.replace_all(r"[\s()\-.·]", "")
        .str.replace(r"^(?:\+86|0086|\+0086)", "")
        .str.replace(r"^86(1[3-9][0-9]{9})$", "${1}")
    )
    written = digits.list.eval(pl.element().filter(pl.element() != ""))
    value = written.list.eval(pl.element().filter(pl.element().str.contains(_VALID_PHONE))).list.first()
    problem = pl.when(bare.is_not_null() & value.is_null()).then(pl.lit("bad_phone"))
    return Parsed(value, problem, pl.when(written.list.len() > 1).then(pl.lit("several_phones")))


def free_text(written: pl.Expr) -> Parsed:
    """Text kept as written (addresses): only control characters and surrounding spaces have gone."""
    return Parsed(pl.when(normal(written).is_not_null()).then(written))


def label(text: pl.Expr) -> Parsed:
    """A short label such as a rank or a product name: half width, single spaces."""
    return Parsed(text.str.replace_all(r"\s+", " "))


def word(text: pl.Expr, words: Mapping[str, str]) -> Parsed:
    """An enumeration: `words` maps what people write (half width, lower case, no spaces) to the value."""
    key = text.str.replace_all(r"\s+", "").str.to_lowercase()
    value = key.replace_strict(dict(words), default=None, return_dtype=pl.String)
    return Parsed(value, pl.when(key.is_not_null() & value.is_null()).then(pl.lit("unknown_value")))


def yes_no(written: pl.Expr, words: Mapping[str, str]) -> Parsed:
    """A Boolean: `words` maps to 'yes' or 'no'. A lone 无 answers no here; elsewhere it means nothing."""
    parsed = word(pl.when(written == "无").then(pl.lit("no")).otherwise(normal(written)), words)
    return Parsed(parsed.value == "yes", parsed.problem)
