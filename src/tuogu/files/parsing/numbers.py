"""A number as Excel shows it. In: an int or float. Out: text. Never: more digits than Excel keeps."""

from __future__ import annotations

import math

EXACT_MAX = 1e15  # from here on a number has more digits than Excel keeps


def shown_number(number: float) -> str:
    """All digits up to 15; scientific notation beyond, so that intake can tell that digits are lost."""
    if not math.isfinite(number):
        return str(number)
    if abs(number) >= EXACT_MAX:
        return f"{number:.14E}"
    return str(int(number)) if number == int(number) else f"{number:.15g}"
