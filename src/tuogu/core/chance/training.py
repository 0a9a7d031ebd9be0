"""Learns a model: naive Bayes over classes, calibrated on later months, judged on the newest ones (P-07).

In: rows of a target, limits. Out: `Trained`: the model as plain data and its figures. Never: a row learned from whose
outcome was not known before the first month held out; luck (the same rows give the same model, to the digit); a model
from too little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from tuogu.core.chance.judging import PLACES, judged
from tuogu.core.chance.limits import ChanceLimits
from tuogu.core.chance.model import ISOTONIC, SIGMOID, Bin, Calibration, Learned, Model, bins_of
from tuogu.core.chance.tables import Target
from tuogu.core.tables import conform
from tuogu.core.worded import Worded

_C = pl.col
_SURE = 1e10  # no penalty on the two numbers of a sigmoid: as many rows as there are decide
_STRAIGHT = Calibration(SIGMOID)


class TooLittle(Worded):
    """There is not enough to learn from; the message says what is missing."""

    spoken = frozenset({"part"})


@dataclass(frozen=True)
class Split:
    """Rows to count, rows to calibrate by, rows to be judged by: older, later, newest."""

    counted: pl.DataFrame
    calibrated: pl.DataFrame
    held_out: pl.DataFrame


@dataclass(frozen=True)
class Trained:
    """`figures`: months of the three parts, and how good the model is on those held out."""

    model: Model
    figures: dict[str, Any]

    @property
    def better(self) -> bool:
        """Whether it tells more than the share of all that happened, beyond what luck explains."""
        return bool(self.figures["better"])


def train(rows: pl.DataFrame, target: Target, limits: ChanceLimits) -> Trained:
    """Learn from the settled rows; TooLittle where the rulebook asks for more."""
    parts = split(conform(rows, target.schema).filter(_C("label").is_not_null()).sort("day", "key"), limits)
    learned = pl.concat([parts.counted, parts.calibrated])
    _enough(learned, parts, limits)
    base = _share(learned)
    counted = _counts(parts.counted, target, limits)
    yes = int(parts.counted["label"].sum())
    model = Model(
        target.key, yes, parts.counted.height - yes, limits.smoothing, counted, _STRAIGHT, round(base, PLACES)
    )
    later = model.scored(parts.calibrated)["log_odds"].to_numpy()
    fit = _isotonic if limits.calibration == ISOTONIC else _sigmoid
    model = replace(model, calibration=fit(later, parts.calibrated["label"].cast(pl.Int64).to_numpy()))
    told = model.scored(parts.held_out).select("chance").hstack(parts.held_out.select("label", "day"))
    figures = judged(told, model.base, limits.curve_points)
    better = figures["gain"] > limits.gain_errors_min * figures["error"]
    return Trained(model, {**figures, "better": better, "parts": _months(parts), "learned": _summed(learned)})


def split(settled: pl.DataFrame, limits: ChanceLimits) -> Split:
    """By months: the newest are held out; of the others only what was settled before these began; the later of those
    calibrate."""
    months = settled.select(_C("day").dt.month_start()).to_series().unique().sort()
    held = months.tail(limits.held_out_months)
    if held.is_empty():
        return Split(settled, settled, settled)
    month, first = _C("day").dt.month_start(), held[0]
    before = settled.filter((_C("settled_date") < first) & (month < first))
    own = before.select(month).to_series().unique().sort()
    later = own.tail(limits.calibration_months).to_list()
    return Split(
        before.filter(~month.is_in(later)), before.filter(month.is_in(later)), settled.filter(month >= first)
    )


def _enough(learned: pl.DataFrame, parts: Split, limits: ChanceLimits) -> None:
    happened = int(learned["label"].sum())
    fewer = min(happened, learned.height - happened)
    if learned.height < limits.rows_min or fewer < limits.positives_min:
        raise TooLittle(
            "可供学习的记录 %(n)s 条（至少 %(least)s 条），其中较少的一类 %(fewer)s 条（至少 %(fewest)s 条）："
            "结果须在留作检验的月份开始以前已经知道",
            n=learned.height, least=limits.rows_min, fewer=fewer, fewest=limits.positives_min,
        )  # fmt: skip
    for part, name in ((parts.counted, "计数"), (parts.calibrated, "校准"), (parts.held_out, "检验")):
        if part["label"].n_unique() < len((True, False)):
            raise TooLittle("用于%(part)s的月份里没有记录，或只有一种结果；请等更多的月份有结果", part=name)


def _counts(rows: pl.DataFrame, target: Target, limits: ChanceLimits) -> tuple[Learned, ...]:
    """The classes with what was counted in them."""
    from sklearn.naive_bayes import CategoricalNB  # only who trains pays for the import

    learned = bins_of(rows, target, limits.classes, limits.word_rows_min)
    places = rows.select(one.classed().alias(one.feature.key) for one in learned).to_numpy()
    sizes = np.array([len(one.bins) for one in learned])
    fit = CategoricalNB(alpha=limits.smoothing, min_categories=sizes)
    fit.fit(places, rows["label"].cast(pl.Int64).to_numpy())
    return tuple(
        replace(
            one,
            bins=tuple(Bin(b.name, int(yes), int(no)) for b, no, yes in zip(one.bins, *table, strict=True)),
        )
        for one, table in zip(learned, fit.category_count_, strict=True)
    )


def _sigmoid(log_odds: np.ndarray, happened: np.ndarray) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=_SURE).fit(log_odds.reshape(-1, 1), happened)
    slope, offset = float(fit.coef_[0, 0]), float(fit.intercept_[0])
    return Calibration(SIGMOID, slope=round(slope, PLACES), offset=round(offset, PLACES))


def _isotonic(log_odds: np.ndarray, happened: np.ndarray) -> Calibration:
    """Steps, none nearer to certainty than one row beside those counted."""
    from sklearn.isotonic import IsotonicRegression

    edge = 1 / (happened.size + 2)
    fit = IsotonicRegression(y_min=edge, y_max=1 - edge, out_of_bounds="clip").fit(log_odds, happened)
    steps, chances = fit.X_thresholds_, fit.y_thresholds_
    return Calibration(
        ISOTONIC, steps=tuple(round(float(x), PLACES) for x in steps),
        chances=tuple(round(float(y), PLACES) for y in chances),
    )  # fmt: skip


def _share(rows: pl.DataFrame) -> float:
    return int(rows["label"].sum()) / rows.height


def _months(parts: Split) -> dict[str, dict[str, Any]]:
    return {
        name: _summed(part)
        for name, part in (
            ("counted", parts.counted), ("calibrated", parts.calibrated), ("held_out", parts.held_out)
        )
    }  # fmt: skip


def _summed(rows: pl.DataFrame) -> dict[str, Any]:
    days: list[date] = [day for day in (rows["day"].min(), rows["day"].max()) if isinstance(day, date)]
    return {
        "rows": rows.height, "happened": int(rows["label"].sum()),
        "first": f"{days[0]:%Y-%m}", "last": f"{days[-1]:%Y-%m}",
    }  # fmt: skip
