"""How far a value may be from the best one, for every certificate.

In: an objective and a lower bound in the same unit. Out: the share by which the objective lies above the bound. Never: a
gap of 0 where the objective is above its bound.
"""

from __future__ import annotations

from fractions import Fraction

_DIGITS = 9  # of the gap: more would be noise of the division


def gap_of(objective: int | Fraction, lower_bound: int | Fraction) -> float:
    """objective / lower bound - 1; 0 when both are 0, infinite when only the bound is."""
    if objective == lower_bound:
        return 0.0
    return round(float(objective / lower_bound) - 1, _DIGITS) if lower_bound else float("inf")
