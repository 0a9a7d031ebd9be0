"""The slow twin of `core.chance`: counts, scores and figures row by row from plain data, with the formula as it is written.

In: a model's plain data, rows as dictionaries. Out: log-odds, chances, counts. Never: a line of the fast one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def place_of(feature: Row, value: Any) -> int:
    """The bin of a value."""
    bins = feature["bins"]
    if feature["kind"] == "amount":
        if value is None:
            return len(bins) - 1
        return sum(1 for edge in feature["edges"] if value > edge)
    names = [one["name"] for one in bins[:-1]]
    return names.index(value) if value in names else len(names)


def counts(model: Row, rows: Sequence[Row]) -> list[list[tuple[int, int]]]:
    """Of each feature and bin: rows that happened, rows that did not."""
    found = [[[0, 0] for _bin in one["bins"]] for one in model["features"]]
    for row in rows:
        for feature, bins in zip(model["features"], found, strict=True):
            bins[place_of(feature, row[feature["key"]])][0 if row["label"] else 1] += 1
    return [[(yes, no) for yes, no in bins] for bins in found]


def log_odds(model: Row, row: Row) -> float:
    """By the formula."""
    total = math.log(model["yes"]) - math.log(model["no"])
    s = model["smoothing"]
    for feature in model["features"]:
        bins = feature["bins"]
        one = bins[place_of(feature, row[feature["key"]])]
        if one["yes"] + one["no"] == 0:
            continue
        yes = (one["yes"] + s) / (model["yes"] + s * len(bins))
        no = (one["no"] + s) / (model["no"] + s * len(bins))
        total += math.log(yes / no)
    return total


def chance(model: Row, row: Row) -> float:
    """Calibrated."""
    fit, z = model["calibration"], log_odds(model, row)
    if fit["way"] == "sigmoid":
        return 1 / (1 + math.exp(-(fit["slope"] * z + fit["offset"])))
    steps, chances = fit["steps"], fit["chances"]
    if z <= steps[0]:
        return float(chances[0])
    for left in range(len(steps) - 1):
        if z <= steps[left + 1]:
            part = (z - steps[left]) / (steps[left + 1] - steps[left])
            return float(chances[left] + part * (chances[left + 1] - chances[left]))
    return float(chances[-1])
