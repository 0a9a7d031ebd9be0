"""Lines 'left=right' that a planner writes into an option: single lists, keyword corrections, maps.

In: the text. Out: one row a line with its two sides; what to say of lines that are not used. Never: a line dropped because
it cannot be read (both sides are null).
"""

from __future__ import annotations

from typing import Final

import polars as pl

SHOWN: Final = 3  # unused lines that a message or certificate quotes; the plan's own table lists them all


def parts(text: str) -> list[str]:
    """The entries of a text, split by line breaks, commas or semicolons."""
    flat = text.translate(str.maketrans("，；,;", "\n\n\n\n"))
    return [part.strip() for part in flat.split("\n") if part.strip()]


def lines(text: str) -> pl.DataFrame:
    """line (from 1), key, value of 'key=value' lines split by line breaks, commas or semicolons; both null if malformed."""
    written = [part.replace("＝", "=") for part in parts(text)]
    pairs = [[side.strip() for side in part.split("=")] for part in written]
    readable = [len(pair) == 2 and bool(pair[0]) for pair in pairs]
    return pl.DataFrame(
        {
            "line": range(1, len(written) + 1),
            "written": written,
            "key": [pair[0] if fine else None for pair, fine in zip(pairs, readable, strict=True)],
            "value": [pair[1] if fine else None for pair, fine in zip(pairs, readable, strict=True)],
        },
        schema={"line": pl.Int64, "written": pl.String, "key": pl.String, "value": pl.String},
    )


def quoted(unused: pl.DataFrame, words: dict[str, str]) -> str:
    """'第2行“乱写”（格式不对）；…' of the first rows of `unused` (line, written, verdict); '' for none."""
    rows = unused.sort("line").head(SHOWN).select("line", "written", "verdict").iter_rows()
    return "；".join(f"第 {line} 行“{written}”（{words[verdict]}）" for line, written, verdict in rows)


def ignored(unused: pl.DataFrame, listed: int, words: dict[str, str]) -> str:
    """'共 5 行，2 行没有采用：第 2 行“乱写”（格式不对）…', the figure of a certificate."""
    more = "等" if unused.height > SHOWN else ""
    return f"共 {listed:,} 行，{unused.height:,} 行没有采用：{quoted(unused, words)}{more}"
