"""The duties of each version of the rulebook, and what a task is called.

In: the adopted rulebooks. Out: versions for `core.timeline`; titles. Never: a running task judged by a later version
(ADR 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.utils.translation import gettext

from tuogu.core.rulebook import Rulebook
from tuogu.core.timeline.obligations import Obligation, obligations_of
from tuogu.rules import queries as rules
from tuogu.work.kinds import Asked

_KEPT: dict[str, tuple[Obligation, ...]] = {}  # digest of a book → its duties
_KEPT_MAX = 64


@dataclass(frozen=True)
class Version:
    """A rulebook with the first day on which it is in force."""

    first: date
    label: str
    duties: tuple[Obligation, ...]


def versions() -> list[Version]:
    """Every version in the order of coming into force; the first holds for all days before, too."""
    return [_version(day) for day in (date.min, *rules.adopted_days())]


def current(on: date) -> Version:
    """The version in force on a day."""
    return _version(on)


def by_label(found: list[Version]) -> dict[str, dict[str, Obligation]]:
    """Label of a version → duty by key."""
    return {one.label: {duty.key: duty for duty in one.duties} for one in found}


def labelled(occurrences: pl.DataFrame, found: list[Version]) -> pl.DataFrame:
    """The occurrences with `rulebook`: the label of the version in force on their anchor's day."""
    firsts = pl.DataFrame(
        {"first": [one.first for one in found], "rulebook": [one.label for one in found]},
        schema={"first": pl.Date, "rulebook": pl.String},
    ).sort("first")
    ordered = occurrences.sort("anchor_date")
    return ordered.join_asof(firsts, left_on="anchor_date", right_on="first", strategy="backward").drop(
        "first"
    )


def title(obligation: str, label: str, known: Mapping[str, Mapping[str, Obligation]], on: date) -> str:
    """What people call a task, in the language of the page."""
    if obligation in Asked.values:
        return gettext(str(Asked(obligation).label))
    duty = known.get(label, {}).get(obligation) or next(
        (one for one in current(on).duties if one.key == obligation), None
    )
    return gettext(duty.title) if duty else obligation


def _version(day: date) -> Version:
    book = rules.applicable(day)
    return Version(day, book.version, _duties(book))


def _duties(book: Rulebook) -> tuple[Obligation, ...]:
    digest = book.digest()
    if digest not in _KEPT:
        if len(_KEPT) >= _KEPT_MAX:
            _KEPT.clear()
        _KEPT[digest] = obligations_of(book)
    return _KEPT[digest]
