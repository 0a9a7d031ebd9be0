"""Rules of the sheet of facts (考核指标): which fact a row names, and its figure in that fact's scale.

In: the sheet with its columns parsed, the data date. Out: the same with fact, value and text, and lines about what is
wrong; accepted rows as FACTS. Never: a fact guessed (an unknown one is answered with the nearest that is known), a month
that has not begun by the data date (but where the fact is decided ahead), a figure that somebody gave without a name
under it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from difflib import get_close_matches

import polars as pl

from tuogu.core.fact_figures import fact_of, plain_word, read_figures, written
from tuogu.core.facts import FACT_KEYS
from tuogu.core.intake_sheet import Sheet, lines
from tuogu.core.intake_tables import FACT_ROWS, ROW
from tuogu.core.standardise_text import normal, printable
from tuogu.core.tables import FACTS, conform, empty

_C = pl.col
_LIKE_ENOUGH = 0.3  # of difflib's ratio: two of five characters in common are worth naming
_AHEAD = [fact.key for fact in FACT_KEYS.values() if fact.ahead]
_YEARLY = [fact.key for fact in FACT_KEYS.values() if fact.yearly]
_SIGNED = [fact.key for fact in FACT_KEYS.values() if fact.signed]


def compare_facts(sheet: Sheet, data_date: date, ranks: frozenset[str] | None = None) -> Sheet:
    """Find fact and figure of each row; `values` gets fact_key canonical, value and text. `ranks`: the words
    of the rulebook's rank tables; without them no rank is judged."""
    named = sheet.values.with_columns(
        words="fact_key", fact_key=_each(sheet.values["fact_key"], _key), cell=normal(printable(_C("figure")))
    )
    figures = read_figures(named).select("value", "text", "problem", "remark", "hint")
    read = named.hstack(figures).with_columns(
        nearest=_each(named["words"], _nearest), cut=written(_C("fact_key"), _C("value"), _C("text"))
    )
    unknown = _C("words").is_not_null() & _C("fact_key").is_null()
    nobody = (
        _C("fact_key").is_in(_SIGNED) & _C("author").is_null() & ~_C("_row").is_in(_told(sheet, "author"))
    )
    problems = [
        lines(read, unknown, "fact_key", "unknown_fact", _C("nearest")),
        lines(read, _C("problem").is_not_null(), "figure", _C("problem"), _C("hint")),
        lines(read, _C("month") > last_month(data_date), "month", "future_month"),
        lines(read, nobody, "author", "missing_value"),
        lines(read, _C("fact_key").is_in(_SIGNED) & (_C("author") == _C("subject")), "author", "own_points"),
    ]
    if ranks is not None:
        strange = (_C("fact_key") == "rank") & ~_C("text").is_in(sorted(ranks))
        problems.append(lines(read, strange, "figure", "unknown_rank", pl.lit("、".join(sorted(ranks)))))
    problems.append(_second_months(read.join(pl.concat([sheet.problems, *problems]), on=ROW, how="anti")))
    remarks = lines(read, _C("remark").is_not_null(), "figure", _C("remark"), _C("cut"))
    kept = read.select("_row", *FACT_ROWS, "value", "text")
    return sheet.with_values(kept).with_lines(pl.concat(problems), remarks)


def _second_months(read: pl.DataFrame) -> pl.DataFrame:
    """A figure of a whole year that stands under another month of it already: two would be summed.  # S2-05"""
    first = _C("month").sort_by(ROW).first().over("subject", "fact_key", _C("month").dt.year())
    rows = read.filter(_C("fact_key").is_in(_YEARLY) & _C("month").is_not_null())
    return lines(
        rows.with_columns(first=first), _C("month") != _C("first"), "month", "second_of_year",
        _C("first").dt.strftime("%Y-%m"),
    )  # fmt: skip


def last_month(today: date) -> pl.Expr:
    """The latest day on which the month of a row's fact may begin; `fact_key` says which fact."""
    year_ahead = date(today.year + 1, today.month, 1)
    return pl.when(_C("fact_key").is_in(_AHEAD)).then(pl.lit(year_ahead)).otherwise(pl.lit(today))


def facts_of(sheet: Sheet | None) -> pl.DataFrame:
    """FACTS of the accepted rows, by subject, month and fact."""
    if sheet is None:
        return empty(FACTS)
    return conform(sheet.accepted().rename({"fact_key": "key"}).select(*FACTS), FACTS).sort(
        "subject", "month", "key"
    )


def fact_rows(facts: pl.DataFrame) -> pl.DataFrame:
    """FACT_ROWS of FACTS: the sheet that reads back as the same facts."""
    figure = written(_C("key"), _C("value"), _C("text"))
    return conform(facts.with_columns(fact_key="key", figure=figure).select(*FACT_ROWS), FACT_ROWS)


def _told(sheet: Sheet, column: str) -> pl.Expr:
    """Rows of which something is wrong with `column` already."""
    return pl.lit(sheet.problems.filter(_C("column") == column)["_row"].implode())


def _each(words: pl.Series, answer: Callable[[str], str | None]) -> pl.Series:
    """`answer` of each word; each different word is asked for once (a sheet has a dozen)."""
    different = words.drop_nulls().unique().to_list()
    table = {word: answer(word) for word in different}
    return words.replace_strict(table, default=None, return_dtype=pl.String)


def _key(word: str) -> str | None:
    fact = fact_of(word)
    return fact.key if fact else None


def _nearest(word: str) -> str:
    """The label that looks most like `word`; where none does, all of them."""
    spellings = {
        plain_word(w): fact.label for fact in FACT_KEYS.values() for w in (fact.label, fact.key, *fact.also)
    }
    near = get_close_matches(plain_word(word), spellings, n=1, cutoff=_LIKE_ENOUGH)
    return (
        f"最接近的是“{spellings[near[0]]}”"
        if near
        else "可写：" + "、".join(f.label for f in FACT_KEYS.values())
    )
