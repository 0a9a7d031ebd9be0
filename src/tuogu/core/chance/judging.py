"""How good chances are: held against what happened in months that nothing was learned from.

In: chances, what happened, months. Out: Brier score, logarithmic loss, both beside those of the base rate; a curve; a table
by month. Never: a row that was learned from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

PLACES = 6  # of a figure as it is stored


def judged(told: pl.DataFrame, base: float, points: int) -> dict[str, Any]:
    """Figures of `told` (chance, label, day): whole, by month, and the curve. `base`: the chance that everybody would get
    if nothing were known. `gain`: how much lower the Brier score is than that of `base`; `error`: of that mean."""
    chance, happened = told["chance"].to_numpy(), told["label"].cast(pl.Float64).to_numpy()
    saved = (base - happened) ** 2 - (chance - happened) ** 2
    spread = float(saved.std(ddof=1)) if saved.size > 1 else 0.0
    curve = _curve(chance, happened, points)
    off = sum(one["rows"] * abs(one["share"] - one["chance"]) for one in curve) / max(1, saved.size)
    month = pl.col("day").dt.month_start()
    return {
        **_scores(chance, happened, base), "gain": _short(saved.mean()), "error": _short(spread / np.sqrt(saved.size)),
        "calibration_error": _short(off), "curve": curve,
        "months": [
            {"month": f"{first:%Y-%m}", **_of_month(told.filter(month == first), base)}
            for first in told.select(month).to_series().unique().sort()
        ],
    }  # fmt: skip


def _of_month(rows: pl.DataFrame, base: float) -> dict[str, Any]:
    return _scores(rows["chance"].to_numpy(), rows["label"].cast(pl.Float64).to_numpy(), base)


def _scores(chance: np.ndarray, happened: np.ndarray, base: float) -> dict[str, Any]:
    everybody = np.full_like(happened, base)
    return {
        "rows": int(happened.size), "happened": int(happened.sum()), "share": _short(happened.mean()),
        "chance": _short(chance.mean()), "brier": _short(((chance - happened) ** 2).mean()),
        "brier_base": _short(((everybody - happened) ** 2).mean()),
        "log_loss": _short(_log_loss(chance, happened)), "log_loss_base": _short(_log_loss(everybody, happened)),
    }  # fmt: skip


def _log_loss(chance: np.ndarray, happened: np.ndarray) -> float:
    tiny = np.finfo(np.float64).eps
    sure = np.clip(chance, tiny, 1 - tiny)
    return float(-(happened * np.log(sure) + (1 - happened) * np.log(1 - sure)).mean())


def _curve(chance: np.ndarray, happened: np.ndarray, points: int) -> list[dict[str, Any]]:
    """Rows by rising chance in parts of equal size: mean chance beside the share that happened."""
    order = np.argsort(
        chance, kind="stable"
    )  # equal chances stay as the rows come: never ordered by what happened
    parts = [part for part in np.array_split(order, points) if part.size]
    return [
        {
            "rows": int(part.size),
            "chance": _short(chance[part].mean()),
            "share": _short(happened[part].mean()),
        }
        for part in parts
    ]


def _short(value: Any) -> float:
    return round(float(value), PLACES)
