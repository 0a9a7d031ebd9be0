"""The slow twin of `core.fact_figures`: one cell at a time, by decimal arithmetic.

In: a cell as text and the key of its fact. Out: the integer or word it says, or why it says none. Never: a float.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from tuogu.core.facts import FACT_KEYS, SCALES, TEXT_CHARS_MAX

_UNITS = {
    "bp": ("%",),
    "points": ("分",),
    "log_points": ("分",),
    "fen": ("元",),
    "pieces": tuple("件人个户笔次名"),
    "months": ("个月", "月"),
}
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?|[0-9]+(\.[0-9]*)?")


def read_figure(cell: str, key: str) -> tuple[int | str | None, str | None, str | None]:
    """(value, problem, remark) of one cell."""
    scale = FACT_KEYS[key].scale
    if scale == "text":
        return (cell, None, None) if len(cell) <= TEXT_CHARS_MAX else (None, "bad_figure", None)
    bare, unit = re.sub(r"\s", "", cell), False
    for word in _UNITS[scale]:
        if bare.endswith(word):
            bare, unit = bare.removesuffix(word), True
            break
    negative = bare.startswith("-")
    digits = bare[1:] if bare[:1] in "+-" and bare else bare
    if not _GROUPED.fullmatch(digits):
        return None, "bad_figure", None
    exact = Decimal(digits.replace(",", "")).scaleb(SCALES[scale].places)
    amount = int(exact.to_integral_value(ROUND_DOWN))
    if amount > SCALES[scale].most:
        return None, "figure_out_of_range", None
    if scale == "bp" and not unit and exact != 0:
        return None, "bad_figure", None
    if scale != "bp" and exact != amount:
        return None, "bad_figure", None
    if negative and amount > 0:
        return None, "figure_out_of_range", None
    return amount, None, "figure_cut" if exact != amount else None
