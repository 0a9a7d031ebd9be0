"""A model as plain data: what was counted, and how a sum of logarithms becomes a chance. Enough to recompute by hand.

In: counts, a calibration; rows of a target. Out: chances with the share of each reason; plain data and back. Never: anything
that is not in the plain data; a chance without its reasons.

    log-odds  z = ln(yes / no) + Σ over features ln((y + s) / (yes + s·k)) − ln((n + s) / (no + s·k))
              y, n: rows of the bin that happened and did not; k: bins of the feature; s: smoothing; a bin in which nothing
              was counted adds 0: of what nobody has seen nothing is said
    sigmoid   chance = 1 / (1 + e^−(slope·z + offset))
    isotonic  chance on the straight line between the two steps next to z; beyond the ends the last step
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tuogu.core.chance.tables import AMOUNT, Feature, Target

_C = pl.col
OTHER, UNKNOWN = "other", "unknown"  # a word that is rare or was not there; an amount that is not known
SIGMOID, ISOTONIC = "sigmoid", "isotonic"


@dataclass(frozen=True)
class Bin:
    """A class of a feature: rows that happened and did not."""

    name: str
    yes: int
    no: int


@dataclass(frozen=True)
class Learned:
    """One feature as learned. `edges`: an amount belongs to the first class whose edge it does not pass."""

    feature: Feature
    edges: tuple[int, ...]
    bins: tuple[Bin, ...]

    def classed(self) -> pl.Expr:
        """The place of a row's bin."""
        column, last = _C(self.feature.key), len(self.bins) - 1
        if self.feature.kind == AMOUNT:
            place = pl.sum_horizontal(
                [(column > edge).cast(pl.Int64) for edge in self.edges] or [pl.lit(0, pl.Int64)]
            )
            return pl.when(column.is_null()).then(last).otherwise(place).cast(pl.Int64)
        places = {one.name: place for place, one in enumerate(self.bins[:-1])}
        return column.fill_null("").replace_strict(places, default=last, return_dtype=pl.Int64)


@dataclass(frozen=True)
class Calibration:
    """How log-odds become a chance. Sigmoid: slope and offset; isotonic: steps of log-odds and their chances."""

    way: str
    slope: float = 1.0
    offset: float = 0.0
    steps: tuple[float, ...] = ()
    chances: tuple[float, ...] = ()

    def chance(self, log_odds: np.ndarray) -> np.ndarray:
        """Chances between 0 and 1."""
        if self.way == SIGMOID:
            return np.asarray(1 / (1 + np.exp(-(self.slope * log_odds + self.offset))))
        return np.asarray(np.interp(log_odds, self.steps, self.chances))


@dataclass(frozen=True)
class Reason:
    """A feature of one row: its bin, and how many log-odds it adds (below 0: takes away)."""

    key: str
    title: str
    bin: str
    adds: float


@dataclass(frozen=True)
class Model:
    """Everything that scoring needs. `yes`, `no`: rows that were counted; `base`: share that happened among all rows learned
    from, those of the calibration included."""

    target: str
    yes: int
    no: int
    smoothing: int
    features: tuple[Learned, ...]
    calibration: Calibration
    base: float

    @property
    def prior(self) -> float:
        """Log-odds before any feature."""
        return math.log(self.yes / self.no)

    def adds(self, learned: Learned) -> list[float]:
        """What each bin of a feature adds to the log-odds; nothing, where nothing was counted."""
        s, k = self.smoothing, len(learned.bins)
        yes, no = self.yes + s * k, self.no + s * k
        return [
            math.log((one.yes + s) / yes) - math.log((one.no + s) / no) if one.yes + one.no else 0.0
            for one in learned.bins
        ]

    def scored(self, rows: pl.DataFrame) -> pl.DataFrame:
        """key, log_odds, chance of each row, and a column a feature with what it adds."""
        adding = [
            one.classed()
            .replace_strict(dict(enumerate(self.adds(one))), return_dtype=pl.Float64)
            .alias(one.feature.key)
            for one in self.features
        ]
        keys = [one.feature.key for one in self.features]
        told = rows.select("key", *adding).with_columns(log_odds=self.prior + pl.sum_horizontal(keys))
        chances = self.calibration.chance(told["log_odds"].to_numpy())
        return told.with_columns(chance=pl.Series(chances, dtype=pl.Float64))

    def reasons(self, rows: pl.DataFrame) -> dict[str, list[Reason]]:
        """Of each row, its features by how much they weigh; they and `prior` add up to its log-odds."""
        told = self.scored(rows)
        places = rows.select("key", *(one.classed().alias(one.feature.key) for one in self.features))
        found: dict[str, list[Reason]] = {}
        for adds, place in zip(told.iter_rows(named=True), places.iter_rows(named=True), strict=True):
            reasons = [
                Reason(
                    one.feature.key,
                    one.feature.title,
                    one.bins[place[one.feature.key]].name,
                    adds[one.feature.key],
                )
                for one in self.features
            ]
            found[adds["key"]] = sorted(reasons, key=lambda reason: (-abs(reason.adds), reason.key))
        return found

    def plain(self) -> dict[str, Any]:
        """As data for JSON."""
        return {
            "target": self.target, "yes": self.yes, "no": self.no, "smoothing": self.smoothing, "base": self.base,
            "features": [
                {
                    "key": one.feature.key, "title": one.feature.title, "kind": one.feature.kind,
                    "unit": one.feature.unit, "edges": list(one.edges),
                    "bins": [{"name": b.name, "yes": b.yes, "no": b.no} for b in one.bins],
                }
                for one in self.features
            ],
            "calibration": {
                "way": self.calibration.way, "slope": self.calibration.slope, "offset": self.calibration.offset,
                "steps": list(self.calibration.steps), "chances": list(self.calibration.chances),
            },
        }  # fmt: skip


def model_of(plain: Mapping[str, Any]) -> Model:
    """Back from plain data."""
    features = tuple(
        Learned(
            Feature(one["key"], one["title"], one["kind"], one["unit"]), tuple(one["edges"]),
            tuple(Bin(b["name"], b["yes"], b["no"]) for b in one["bins"]),
        )
        for one in plain["features"]
    )  # fmt: skip
    fit = plain["calibration"]
    calibration = Calibration(
        fit["way"], fit["slope"], fit["offset"], tuple(fit["steps"]), tuple(fit["chances"])
    )
    return Model(
        plain["target"], plain["yes"], plain["no"], plain["smoothing"], features, calibration, plain["base"]
    )


def bins_of(rows: pl.DataFrame, target: Target, classes: int, word_rows_min: int) -> list[Learned]:
    """The classes of each feature, still without counts: amounts by quantiles of these rows, frequent words."""
    return [
        _amounts(rows[one.key], one, classes)
        if one.kind == AMOUNT
        else _words(rows[one.key], one, word_rows_min)
        for one in target.features
    ]


def _amounts(values: pl.Series, feature: Feature, classes: int) -> Learned:
    known = values.drop_nulls().sort()
    single = known.unique().sort().to_list()
    if len(single) <= classes:  # every amount is a class of its own
        edges = tuple(int(value) for value in single[:-1])
    else:
        cuts = {int(known[known.len() * i // classes]) for i in range(1, classes)}
        edges = tuple(sorted(cuts - {int(known[-1])}))  # above the highest there is nobody
    names = [f"<={edge}" for edge in edges] + ([f">{edges[-1]}"] if edges else ["any"])
    return Learned(feature, edges, tuple(Bin(name, 0, 0) for name in (*names, UNKNOWN)))


def _words(values: pl.Series, feature: Feature, rows_min: int) -> Learned:
    counts = values.drop_nulls().value_counts(name="n").filter(_C("n") >= rows_min)
    words = sorted(word for word in counts[feature.key].to_list() if word != OTHER)
    return Learned(feature, (), tuple(Bin(word, 0, 0) for word in (*words, OTHER)))
