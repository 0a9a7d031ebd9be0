"""What people wrote by hand: single placements and corrections of the keyword table.

In: the text of an option (lines 'left=right'), who is in post, which pieces are open. Out: what may be used, every line
with its verdict, a refusal where no line says anything of this book.
Never: a line that vanishes, a line that is carried out although it names nobody in post.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from tuogu.core.strategies import StrategyError
from tuogu.core.written_lines import lines, quoted

SINGLES_VERDICTS: Final = {
    "used": "采用",
    "malformed": "格式不对",
    "twice": "同一保单写了两次",
    "not_in_post": "工号不是在职客户经理",
    "not_open": "不是待安置的新增孤儿保单",
    "placed_before": "前三级已定",
}
CORRECTION_VERDICTS: Final = {
    "used": "采用",
    "malformed": "格式不对",
    "not_in_post": "工号不是在职客户经理，该词不再采用",
    "not_learnt": "本来就没有这个关键字",
    "unknown": "没有这个关键字，工号也不是在职客户经理",
}


def singles(text: str, arriving: pl.Series, open_pieces: pl.Series, managers: pl.Series) -> pl.DataFrame:
    """line, number, receiver, verdict (a key of SINGLES_VERDICTS) of the single list '保单号=工号'.

    `arriving` are all new orphans, `open_pieces` those that levels 1 to 3 have not placed.
    """
    frame = lines(text).rename({"key": "number", "value": "receiver"})
    twice = pl.col("number").is_duplicated() & pl.col("number").is_not_null()
    malformed = pl.col("number").is_null() | (pl.col("receiver").fill_null("") == "")
    verdict = (
        pl.when(malformed)
        .then(pl.lit("malformed"))
        .when(twice)
        .then(pl.lit("twice"))
        .when(~pl.col("receiver").is_in(managers.implode()))
        .then(pl.lit("not_in_post"))
        .when(~pl.col("number").is_in(arriving.implode()))
        .then(pl.lit("not_open"))
        .when(~pl.col("number").is_in(open_pieces.implode()))
        .then(pl.lit("placed_before"))
        .otherwise(pl.lit("used"))
    )
    listed = frame.with_columns(verdict=verdict)
    _some_line_usable(listed, ("malformed", "not_in_post"), "单件调整清单", "singles", SINGLES_VERDICTS)
    return listed


def corrections(learnt: pl.DataFrame, text: str, managers: pl.Series) -> pl.DataFrame:
    """line, written, verdict (a key of CORRECTION_VERDICTS) of each line of the keyword corrections."""
    frame = lines(text)
    known, strikes = pl.col("key").is_in(learnt["word"].implode()), pl.col("value") == ""
    in_post = pl.col("value").is_in(managers.implode())
    verdict = (
        pl.when(pl.col("key").is_null())
        .then(pl.lit("malformed"))
        .when(in_post | (known & strikes))
        .then(pl.lit("used"))
        .when(known)
        .then(pl.lit("not_in_post"))
        .when(strikes)
        .then(pl.lit("not_learnt"))
        .otherwise(pl.lit("unknown"))
    )
    listed = frame.select("line", "written", verdict=verdict)
    _some_line_usable(listed, ("malformed", "unknown"), "关键字更正", "keywords", CORRECTION_VERDICTS)
    return listed


def _some_line_usable(
    listed: pl.DataFrame, empty_talk: tuple[str, ...], label: str, option: str, words: dict[str, str]
) -> None:
    """A list that says nothing of this book is a mistake: a plan without it would look as if it had been followed."""
    if listed.height and listed["verdict"].is_in(empty_talk).all():
        raise StrategyError(f"{label}没有一行能用：{quoted(listed, words)}", option)


def corrected(learnt: pl.DataFrame, text: str, managers: pl.Series) -> pl.DataFrame:
    """The learnt keywords with `source` (learnt | written) after the corrections '词=工号' (replaces) and '词=' (strikes).

    A correction that names nobody in post strikes the word: a wrong person is worse than none.
    """
    frame = lines(text).filter(pl.col("key").is_not_null())
    last = frame.unique("key", keep="last", maintain_order=True)
    kept = learnt.join(last, left_on="word", right_on="key", how="anti").with_columns(source=pl.lit("learnt"))
    known = last.filter(pl.col("value").is_in(managers.implode()))
    added = known.select(
        kind=pl.lit("written"),
        word="key",
        receiver="value",
        support=pl.lit(0, pl.Int64),
        hits=pl.lit(0, pl.Int64),
        evidence=pl.format("‘{}’ 由人工指定归{}", "key", "value"),
        source=pl.lit("written"),
    )
    return pl.concat([kept, added]).sort("kind", "word", "receiver")
