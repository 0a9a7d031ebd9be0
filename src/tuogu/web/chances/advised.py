"""Advice as cases, lists and customers show it: a chance, what is usual, the strongest reasons, 仅供参考.

In: a viewer, cases or a customer that the page has found within scope. Out: values for `chances/_advice.html`. Never: a word
that sounds like a decision; a chance without its reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from tuogu.core.chance.model import Model
from tuogu.renewals import queries as renewals
from tuogu.reports import queries as reports
from tuogu.web.chances.words import bin_words, places_of, times
from tuogu.web.viewer import Viewer

TEMPLATE = "chances/_panel.html"


@dataclass(frozen=True)
class ShownReason:
    """A feature, the class of this row, how it multiplies the odds. `up`: it raises them."""

    title: str
    value: str
    times: str
    up: bool


@dataclass(frozen=True)
class ShownAdvice:
    """What a page shows. `rest`: how all other features together multiply the odds."""

    title: str
    model: int
    day: date
    chance: str  # whole percent: it is not known more closely
    share: str
    reasons: list[ShownReason]
    rest: str
    others: int


def on_cases(viewer: Viewer, subjects: Iterable[int]) -> dict[int, ShownAdvice]:
    """The chance of renewal of listed cases, by subject."""
    return _shown(viewer, reports.renewal_advice(subjects, viewer.today))


def on_customers(viewer: Viewer, customers: Collection[str]) -> dict[str, ShownAdvice]:
    """The chance of a repurchase of customers given away by a campaign, by number."""
    return _shown(viewer, reports.repurchase_advice(customers, viewer.today))


def customer_panel(viewer: Viewer, number: str) -> dict[str, Any]:
    """What a customer's page shows: the repurchase, and every motor policy that still runs in a list."""
    running = [
        one
        for one in renewals.motor_of_customer(viewer.scope, number)
        if one.listed_date is not None and not one.outcome
    ]
    cases = on_cases(viewer, [one.subject for one in running])
    bought = on_customers(viewer, [number]).get(number)
    found = [(one.number, cases[one.subject]) for one in running if one.subject in cases]
    if bought is not None:
        found.append(("", bought))
    return {"title": _("机会（仅供参考）"), "advices": found} if found else {"title": _("机会（仅供参考）")}


def ordered(viewer: Viewer, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `subject_id`, as they come; by falling chance where the rulebook lets a call list be ordered by it."""
    order = reports.renewal_order(rows["subject_id"].to_list(), viewer.today)
    if order is None:
        return rows
    places = pl.DataFrame({"subject_id": order}, schema={"subject_id": pl.Int64}).with_row_index("_place")
    return rows.join(places, on="subject_id", how="left").sort("_place", maintain_order=True).drop("_place")


def _shown(viewer: Viewer, advices: dict[Any, reports.Advice]) -> dict[Any, ShownAdvice]:
    if not advices:
        return {}
    found = reports.chance_model(next(iter(advices.values())).model)
    if found is None:
        return {}
    head, model = found
    shown, places = int(viewer.rulebook["advice.reasons_shown"]), places_of(model.features)
    return {key: _one(head.title, model, one, shown, places) for key, one in advices.items()}


def _one(title: str, model: Model, advice: reports.Advice, shown: int, places: dict[str, str]) -> ShownAdvice:
    learned = {one.feature.key: one for one in model.features}
    reasons = [
        ShownReason(_(one.title), bin_words(learned[one.key], one.bin, places), times(one.adds), one.adds > 0)
        for one in advice.reasons[:shown]
    ]
    rest = advice.reasons[shown:]
    return ShownAdvice(
        _(title), advice.model, advice.day, f"{advice.chance:.0%}", f"{advice.share:.0%}",
        reasons, times(sum(one.adds for one in rest)), len(rest),
    )  # fmt: skip
