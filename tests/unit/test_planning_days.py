"""A plan's day must be one of which the stored books can speak (planning.as_of_back_days, planning.as_of_ahead_days)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from territory_books import AS_OF, book_of, standard_rules
from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import Plan
from tuogu.jobs.flow import FlowRefused, plan_and_check
from tuogu.jobs.progress import Inside


class Silence:
    """Steps that nobody hears."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Inside]:
        yield lambda label, share: None


def planned(days: int, strategy: str) -> Plan:
    """A plan made `days` after the data date (before it, where negative)."""
    book = book_of([(0.0, 0.0)], [0], [(0, 1 + j % 12, 1) for j in range(3)])
    book = replace(book, books=replace(book.books, data_date=AS_OF - timedelta(days=days)))
    options = {"map": "330201=M01"} if strategy == "map" else {}
    made, _violations = plan_and_check(
        book, standard_rules(), AS_OF, 1, 0, None, Silence(), strategy=strategy, options=options
    )
    return made


@pytest.mark.req("N-04")
@pytest.mark.parametrize("strategy", [TERRITORY.name, "map"])
@pytest.mark.parametrize("days", [-92, 0, 366])
def test_a_day_near_the_data_is_planned(days: int, strategy: str) -> None:
    assert planned(days, strategy).as_of == AS_OF


@pytest.mark.req("N-04")
@pytest.mark.parametrize("strategy", [TERRITORY.name, "map"])
@pytest.mark.parametrize(
    ("days", "why"), [(-93, "早于数据日期.*达 93 天，最多 92 天"), (367, "晚于.*最多 366 天")]
)
def test_a_day_far_from_the_data_is_refused(days: int, why: str, strategy: str) -> None:
    with pytest.raises(FlowRefused, match=why):
        planned(days, strategy)
