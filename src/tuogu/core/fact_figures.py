"""Figures of facts as people write them, read exactly, and written again.

In: cells (85.5%, 12,345.67 元, 9.5 分, 3 件) beside the key that says their scale; FACTS. Out: integers in the scale of
core.facts, words where the fact is a word; text that reads back as the same value. Never: a float, a figure rounded up:
digits beyond the scale are refused, those of a rate cut off and remarked (a rate that is cut passes the same thresholds,
which stand at hundredths of a percent). A rate without its percent sign is refused: 1.3 may be 1.3 % or 130 %.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from tuogu.core.facts import FACT_KEYS, SCALES, TEXT_CHARS_MAX, FactKey
from tuogu.core.standardise_money import money
from tuogu.core.standardise_text import NO_REASON

SCALE_OF = {key: fact.scale for key, fact in FACT_KEYS.items()}
_NUMBER = r"^([-+]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?$"
_UNITS = {
    "bp": r"[%]$",
    "points": r"分$",
    "log_points": r"分$",
    "pieces": r"[件人个户笔次名]$",
    "months": r"(?:个月|月)$",
}
_DIGITS_MAX = 17  # digits that are safe in Int64
_FRACTION_MAX = 20  # decimals that are looked at


FIGURE: dict[str, pl.DataType | type[pl.DataType]] = {
    "value": pl.Int64,  # in the fact's scale
    "text": pl.String,  # where the fact is a word
    "problem": pl.String,  # reason code, or null
    "remark": pl.String,
    "hint": pl.String,  # the words that explain the problem: what the cell must look like, the range
}


@dataclass(frozen=True)
class Read:
    """What a reader says of the column `cell`."""

    problem: pl.Expr
    value: pl.Expr = field(default=NO_REASON)
    text: pl.Expr = field(default=NO_REASON)
    remark: pl.Expr = field(default=NO_REASON)


def read_figures(cells: pl.DataFrame) -> pl.DataFrame:
    """fact_key and cell (half-width text) of every row, with FIGURE beside them; rows of no known fact have nulls there.

    Each different cell of a fact is read once, by the scale of that fact alone.
    """
    asked = cells.select("fact_key", "cell")
    different = asked.unique().drop_nulls()
    scale = pl.col("fact_key").replace_strict(SCALE_OF, default=None, return_dtype=pl.String)
    parts = [pl.DataFrame(schema={"fact_key": pl.String, "cell": pl.String, **FIGURE})]
    for (name,), part in different.with_columns(scale=scale).drop_nulls("scale").group_by(["scale"]):
        read = _words() if name == "text" else _money() if name == "fen" else _number(str(name))
        parts.append(
            part.lazy().with_columns(**_explained(str(name), read)).select(*parts[0].columns).collect()
        )
    return asked.join(pl.concat(parts), on=["fact_key", "cell"], how="left", maintain_order="left")


def _explained(scale: str, read: Read) -> dict[str, pl.Expr]:
    """The columns of FIGURE from what one scale's reader says."""
    form = SCALES[scale].form if scale in SCALES else f"文字（最多 {TEXT_CHARS_MAX} 字）"
    beyond = pl.lit(SCALES[scale].bounds if scale in SCALES else "")
    hint = pl.when(read.problem == "figure_out_of_range").then(beyond).otherwise(pl.lit(form))
    columns = {
        "value": read.value,
        "text": read.text,
        "problem": read.problem,
        "remark": read.remark,
        "hint": hint,
    }
    return {name: column.cast(FIGURE[name]) for name, column in columns.items()}


def _words() -> Read:
    """A word, kept as it is."""
    fits = pl.col("cell").str.len_chars() <= TEXT_CHARS_MAX
    return Read(pl.when(~fits).then(pl.lit("bad_figure")), text=pl.when(fits).then(pl.col("cell")))


def _number(scale: str) -> Read:
    """A decimal number of one scale."""
    bare = pl.col("cell").str.replace_all(r"\s", "").str.replace("−", "-", literal=True)
    has_unit = bare.str.contains(_UNITS[scale])
    parts = bare.str.replace(_UNITS[scale], "").str.extract_groups(_NUMBER)
    sign, whole, decimals = (parts.struct.field(str(group)) for group in (1, 2, 3))
    places = SCALES[scale].places
    fraction = decimals.fill_null("").str.slice(0, _FRACTION_MAX).str.pad_end(places, "0")
    digits = pl.concat_str([whole.str.replace_all(",", ""), fraction.str.slice(0, places)])
    digits = digits.str.strip_chars_start("0")
    amount = pl.when(digits == "").then(pl.lit("0")).otherwise(digits).cast(pl.Int64, strict=False)
    cut = fraction.str.slice(places).str.contains("[1-9]")
    shaped = whole.is_not_null() & (has_unit | (~cut & (amount == 0)) if scale == "bp" else ~cut)
    too_large = (digits.str.len_chars() > _DIGITS_MAX) | (amount > SCALES[scale].most)
    beyond = too_large | ((sign == "-") & (amount > 0))
    problem = (
        pl.when(~shaped.fill_null(False) & ~too_large.fill_null(False))
        .then(pl.lit("bad_figure"))
        .when(beyond)
        .then(pl.lit("figure_out_of_range"))
    )
    cut_off = pl.when(problem.is_null() & cut).then(pl.lit("figure_cut")) if scale == "bp" else NO_REASON
    return Read(problem, value=pl.when(problem.is_null()).then(amount), remark=cut_off)


def _money() -> Read:
    """An amount of money."""
    read = money(pl.col("cell"))
    problem = (
        pl.when(read.problem == "negative_money")
        .then(pl.lit("figure_out_of_range"))
        .when(read.problem.is_not_null())
        .then(pl.lit("bad_figure"))
        .when(read.value > SCALES["fen"].most)
        .then(pl.lit("figure_out_of_range"))
    )
    return Read(problem, value=pl.when(problem.is_null()).then(read.value))


def written(key: pl.Expr, value: pl.Expr, text: pl.Expr) -> pl.Expr:
    """What a person reads, and `read_figures` reads back: 85.5%, 12,345.67元 without the comma, 9.5分, 3件, a word."""
    scale = key.replace_strict(SCALE_OF, default=None, return_dtype=pl.String)
    parts = []
    for name, form in SCALES.items():
        power = 10**form.places
        whole, rest = (value // power).cast(pl.String), (value % power).cast(pl.String).str.zfill(form.places)
        if form.places == 0:
            number = whole
        elif name == "fen":
            number = pl.concat_str(whole, pl.lit("."), rest)
        else:
            number = pl.concat_str(whole, pl.lit("."), rest).str.strip_chars_end("0").str.strip_chars_end(".")
        parts.append(pl.when(scale == name).then(number + form.unit))
    return pl.coalesce(text, *parts)


def shown(key: str, value: int | None, text: str | None) -> str:
    """`written` of one fact, money with separators: for lists."""
    scale = SCALES.get(FACT_KEYS[key].scale) if key in FACT_KEYS else None
    if text is not None or value is None or scale is None:
        return text or str(value or "")
    whole, rest = divmod(value, 10**scale.places)
    decimals = f".{rest:0{scale.places}d}" if scale.places else ""
    if scale.unit != SCALES["fen"].unit:
        decimals = decimals.rstrip("0").rstrip(".")
    return f"{whole:,}{decimals} {scale.unit}" if scale.unit != "%" else f"{whole}{decimals}%"


def fact_of(word: str) -> FactKey | None:
    """The fact that a label, a key or another word for it names."""
    return _BY_WORD.get(plain_word(word))


def plain_word(word: str) -> str:
    """A word as it is compared: half width, lower case, without spaces and brackets' kind."""
    table = str.maketrans({"（": "(", "）": ")", " ": "", "　": ""})
    return word.translate(table).lower()


_BY_WORD = {
    plain_word(word): fact for fact in FACT_KEYS.values() for word in (fact.key, fact.label, *fact.also)
}
