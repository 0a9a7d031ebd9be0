"""Address text into the one form that the parser reads. Whole-column expressions only.

In: a column of text as written. Out: `clean` (width, case, separators, labels, postcodes and telephones
settled) and `folded` (clean with traditional characters folded one to one, so offsets in both agree).
Never: a digit lost inside a house number, an exception on odd text.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

_DASHES = r"[\u2010-\u2015\u2212\u2500\uFE58~\u301C_]+"
_SEPARATORS = r"\s,;、/|·.。:'\x22*"
_BRACKETS = r"[()\[\]{}<>【】〔〕《》「」]"
_REMARK = (
    r"[(\[【〔][^)\]】〕]*(?:附近|旁|对面|隔壁|户籍|身份证|暂住|出租|收件|转交|代收|后门)[^)\]】〕]*[)\]】〕]"
)
_LABEL = r"^[\s:]*\p{Han}{0,4}(?:地址|住址|住所)[\s:]*"
_TELEPHONE = r"(^|[^0-9])1[3-9][0-9]{9}($|[^0-9])"
_POSTCODE = r"(?:邮政编码|邮编)[\s:]*[0-9]{6}|^\s*[0-9]{6}[\s,]+|[\s,]+[0-9]{6}\s*$"


def clean_text(text: pl.Expr) -> pl.Expr:
    """Settle width, case, dashes, labels and separators; separators between two numbers become one dash."""
    step = text.fill_null("").str.normalize("NFKC").str.to_uppercase()
    step = step.str.replace_all(_REMARK, " ").str.replace_all(_TELEPHONE, "$1$2")
    step = step.str.replace(_LABEL, "").str.replace_all(_POSTCODE, "")
    step = step.str.replace(r"^[\s,]*(?:中华人民共和国|中国)", "").str.replace_all(_BRACKETS, "")
    step = step.str.replace_all(_DASHES, "-")
    between = rf"([0-9A-Z])[{_SEPARATORS}]+([0-9A-Z])"
    step = step.str.replace_all(between, "$1-$2").str.replace_all(between, "$1-$2")
    step = step.str.replace_all(rf"[{_SEPARATORS}]+", "")
    step = step.str.replace_all(r"([^0-9A-Z#])-+", "$1").str.replace_all(r"-+([^0-9A-Z]|$)", "$1")
    return step.str.replace(r"^-+", "").str.replace(r"(?:先生|女士)?收$", "")


def folded_names(names: pl.Series, traditional: Mapping[str, str]) -> pl.Series:
    """Names of a code book cleaned and folded like text; the few that are not plain characters pay for
    cleaning.
    """
    odd = names.filter(names.str.contains(r"[^\u4e00-\u9fff]")).unique()
    if odd.len():
        names = names.replace(odd, odd.to_frame("odd").select(clean_text(pl.col("odd"))).to_series())
    return names.to_frame("name").select(fold(pl.col("name"), traditional)).to_series()


def fold(text: pl.Expr, traditional: Mapping[str, str]) -> pl.Expr:
    """Traditional characters to simplified ones, character by character."""
    if not traditional:
        return text
    return text.str.replace_many(list(traditional), list(traditional.values()))
