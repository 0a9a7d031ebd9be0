"""Cases, events and evidence for tests of timelines, from plain tables and by chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from territory_books import standard_rules
from tuogu.core.timeline.obligations import Obligation, obligations_of
from tuogu.core.timeline.tables import CASES, EVENTS, EVIDENCE

USUAL: Mapping[str, Any] = {  # a normal orphan policy, paid yearly for twenty years
    "subject_id": 1,
    "policy_number": "P1",
    "customer_number": "C1",
    "service_class": "normal",
    "nature": "normal",
    "orphan": True,
    "live": True,
    "state": "in_force",
    "received_date": None,
    "inception_date": date(2020, 6, 15),
    "end_date": None,
    "lapse_date": None,
    "premium_mode": "regular",
    "payments_per_year": 1,
    "payment_term_years": 20,
    "birth_date": date(1980, 12, 5),
}


def duties(**changes: Any) -> dict[str, Obligation]:
    """The shipped duties by key; changes as `Rulebook.replace` takes them."""
    return {duty.key: duty for duty in obligations_of(standard_rules().replace(**changes))}


def cases_of(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """CASES: each row is USUAL with changes."""
    return pl.DataFrame([{**USUAL, **row} for row in rows], schema=CASES, orient="row")


def events_of(rows: Iterable[tuple[int, str, date]] = ()) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=EVENTS, orient="row")


def evidence_of(rows: Iterable[tuple[int | None, str | None, str, date]] = ()) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=EVIDENCE, orient="row")


def day(word: str) -> date | None:
    """A day as tables write it; - is none."""
    return None if word == "-" else date.fromisoformat(word)


def lines(text: str) -> list[list[str]]:
    """The cells of a plain table, without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def drawn_book(seed: int, size: int, around: date) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Cases, events and evidence by chance; many days lie near `around`, at ends of months and on 29 February."""
    draw = np.random.default_rng(seed)
    odd = [date(2020, 2, 29), date(2021, 2, 28), date(2019, 12, 31), date(2022, 1, 31), date(2023, 8, 30)]

    def near(days: int = 90) -> date:
        return around + timedelta(days=int(draw.integers(-days, days)))

    def anniversary() -> date:
        if draw.random() < 0.3:
            return odd[int(draw.integers(len(odd)))]
        moved = near(40)
        return moved.replace(year=moved.year - int(draw.integers(0, 8)), day=min(moved.day, 28))

    def maybe(value: date, chance: float = 0.5) -> date | None:
        return value if draw.random() < chance else None

    def one(*words: Any) -> Any:
        return words[int(draw.integers(len(words)))]

    rows = []
    for i in range(1, size + 1):
        lapsed, short = draw.random() < 0.35, draw.random() < 0.3
        begun = (
            maybe(near(60).replace(day=28) - timedelta(days=330), 0.95)
            if short
            else maybe(anniversary(), 0.95)
        )
        end = begun and begun + timedelta(days=one(365, 366)) if short else one(None, near(), around)
        rows.append({
            "subject_id": i, "policy_number": f"P{i}", "customer_number": one("C1", "C2", f"C{i}", None),
            "service_class": "lapsed" if lapsed else one("normal", "normal", "difficult", None),
            "nature": one("normal", "hard", "problem"), "orphan": bool(draw.random() < 0.7),
            "live": bool(draw.random() < 0.85), "state": "lapsed" if lapsed else one("in_force", "in_force", "matured"),
            "received_date": maybe(near()), "inception_date": begun, "end_date": end,
            "lapse_date": one(near(), near(700), around - timedelta(days=180)) if lapsed else None,
            "premium_mode": one("regular", "regular", "single", None), "payments_per_year": one(0, 1, 2, 4, 12),
            "payment_term_years": one(None, 1, 3, 20), "birth_date": maybe(anniversary().replace(year=1980), 0.8),
        })  # fmt: skip
    kinds = ("papers_complete", "papers_answered", "second_meeting", "missed_visit", "paid")
    events = [(int(draw.integers(1, size + 2)), one(*kinds), near(40)) for _ in range(size * 2)]
    dues = [row["inception_date"] for row in rows if row["inception_date"]]
    events += [(one(*range(1, size + 1)), "paid", one(*dues).replace(year=around.year, day=28)) for _ in dues]
    known = ("visit", "call", "sms", "check_up", "payment", "loss_notice", "papers_submitted", "appointment")
    evidence = [
        (one(None, *range(1, size + 1)), one("C1", "C2", f"C{size}", None), one(*known), near(40))
        for _ in range(size * 6)
    ]
    return cases_of(*rows), events_of(events), evidence_of(evidence)
