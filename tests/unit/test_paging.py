"""What lists and forms read from an address that somebody typed by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tuogu.web.corrections.reading import moment_of
from tuogu.web.paging import day_of, fitting


@pytest.mark.parametrize(
    "typed", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31", "1899-12-31", "2200-01-01"]
)
def test_a_day_that_nobody_can_mean_is_no_day(typed):
    """0001-01-01 has no moment before it in another zone, 9999-12-31 no day after it: both crashed the lists."""
    assert day_of(typed) is None
    assert moment_of(typed) is None


def test_a_day_of_this_house_is_read():
    assert [day_of(typed) for typed in ("1900-01-01", " 2026-11-22 ", "2199-12-31")] == [
        date(1900, 1, 1),
        date(2026, 11, 22),
        date(2199, 12, 31),
    ]


def test_an_address_too_long_for_a_redirect_loses_its_filters_and_no_other() -> None:
    assert fitting("/policies/?street=330203") == "/policies/?street=330203"
    assert fitting("/policies/?q=" + "x" * 3_000) == "/policies/"
