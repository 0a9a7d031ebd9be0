"""Visit capacity (N-20): the sums of the requirement, earlier releases counted in, the yearly cap of the
planner.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu.core.capacity import RELEASES, check_capacity, held_max, instalment_sizes, release_dates

QUARTERS = (date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1))


def releases(*rows: tuple[str, date, int]) -> pl.DataFrame:
    """RELEASES in which every policy has a customer of its own."""
    return pl.DataFrame([(who, day, n, n) for who, day, n in rows], schema=RELEASES, orient="row")


@pytest.mark.req("N-20")
@pytest.mark.parametrize(
    ("day", "days"),
    [(QUARTERS[0], 37), (QUARTERS[1], 40), (date(2025, 2, 6), 42), (date(2025, 1, 1), 38)],
)
def test_a_book_of_300_at_once_is_refused_with_its_arithmetic(day: date, days: int) -> None:
    report = check_capacity(releases(("A01", day, 300)), standard_rules())
    window = report.windows.row(0, named=True)
    assert not report.accepted
    assert window["visits_new"] == 900
    assert window["working_days"] == days
    assert 21 <= window["visits_per_day"] <= 24.4
    assert "900次" in report.refusals[0]
    assert f"{days}个工作日" in report.refusals[0]
    assert "超过每日8次的上限" in report.refusals[0]


@pytest.mark.req("N-20")
def test_the_same_book_by_quarter_is_accepted_and_earlier_releases_count() -> None:
    report = check_capacity(releases(*(("A01", day, 75) for day in QUARTERS)), standard_rules())
    assert report.accepted
    assert report.windows["visits_new"].to_list() == [225.0] * 4
    earlier = report.windows["visits_earlier"].to_list()
    assert earlier[0] == 0
    assert earlier == sorted(earlier)
    # One visit is left of four after the first window, over about 205 working days: 75 x 40 / 206 and so on.
    assert earlier[1] == pytest.approx(75 * 39 / 205, rel=0.06)
    assert earlier[3] == pytest.approx(3 * 75 * 38 / 205, rel=0.08)


@pytest.mark.req("N-20")
def test_a_second_release_can_fail_because_of_the_first() -> None:
    rules = standard_rules()
    day, later = date(2026, 4, 1), date(2026, 5, 6)
    assert check_capacity(releases(("A01", later, 100)), rules).accepted
    report = check_capacity(releases(("A01", day, 100), ("A01", later, 100)), rules)
    assert report.windows.filter(pl.col("release_date") == day)["fits"].item()
    assert not report.windows.filter(pl.col("release_date") == later)["fits"].item()


@pytest.mark.req("N-20")
def test_people_are_judged_apart_and_row_order_does_not_matter() -> None:
    rows = releases(("B", QUARTERS[1], 300), ("A", QUARTERS[0], 75), ("A", QUARTERS[1], 75))
    report = check_capacity(rows, standard_rules())
    assert report.windows["fits"].to_list() == [True, True, False]
    assert check_capacity(rows.reverse(), standard_rules()).windows.equals(report.windows)


@pytest.mark.req("N-20")
def test_the_threshold_is_a_parameter_and_customers_may_be_counted() -> None:
    rules = standard_rules()
    assert check_capacity(
        releases(("A", QUARTERS[0], 300)), rules.replace(visits__per_working_day=25)
    ).accepted
    few = pl.DataFrame([("A", QUARTERS[0], 150, 75)], schema=RELEASES, orient="row")
    assert not check_capacity(few, rules).accepted
    assert check_capacity(few, rules.replace(visits__count_by="customer")).accepted


@pytest.mark.req("N-20")
def test_the_yearly_cap_is_the_last_book_that_passes() -> None:
    rules, as_of = standard_rules(), date(2026, 1, 1)
    most, days = held_max(as_of, rules), release_dates(as_of, rules)
    assert days == QUARTERS
    assert most == 343

    def passes(count: int) -> bool:
        sizes = instalment_sizes(count, 4)
        return check_capacity(
            releases(*(("A", d, n) for d, n in zip(days, sizes, strict=True))), rules
        ).accepted

    assert passes(most)
    assert not passes(most + 1)


@pytest.mark.req("S0-23")
def test_later_instalments_wait_for_a_quarter_that_leaves_a_whole_first_window() -> None:
    rules = standard_rules()
    assert release_dates(date(2026, 4, 1), rules)[:2] == (date(2026, 4, 1), date(2026, 7, 1))
    assert release_dates(date(2026, 8, 2), rules)[:2] == (date(2026, 8, 2), date(2026, 10, 1))
    assert release_dates(date(2026, 8, 3), rules) == (
        date(2026, 8, 3),
        date(2027, 1, 1),
        date(2027, 4, 1),
        date(2027, 7, 1),
    )
    assert instalment_sizes(10, 4) == (3, 3, 2, 2)
    assert sum(instalment_sizes(343, 4)) == 343
