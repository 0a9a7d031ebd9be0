"""Lines 'left=right' that a planner writes into an option: single lists, keyword corrections, maps.

In: the text. Out: one row a line with its two sides. Never: a line dropped because it cannot be read (both sides are null).
"""

from __future__ import annotations

import polars as pl


def lines(text: str) -> pl.DataFrame:
    """line (from 1), key, value of 'key=value' lines split by line breaks, commas or semicolons; both null if malformed."""
    flat = text.translate(str.maketrans("，；,;＝", "\n\n\n\n="))
    written = [part.strip() for part in flat.split("\n") if part.strip()]
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
