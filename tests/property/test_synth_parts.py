"""Parts of the synthetic city for any numbers: quotas, premiums, ID numbers, days, forms of values."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuogu.core.identity import resident_id
from tuogu.core.intake import standardise
from tuogu.core.intake_tables import RawWorkbook, plain_sheet
from tuogu.core.standardise_words import words_of
from tuogu.synth import forms
from tuogu.synth.calendar import add_months, day_of, full_years
from tuogu.synth.forms import Cell
from tuogu.synth.identities import ID_CHECKS, ID_WEIGHTS, id_numbers, id_serials
from tuogu.synth.premiums import SMALLEST_FEN, share_out
from tuogu.synth.sizes import CITY, COUNTY, REFERENCE, Group, largest_remainder, size_city

seeds = st.integers(0, 2**32 - 1)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any), st.integers(0, 10**7))
def test_largest_remainder_gives_all_and_stays_within_one(weights: list[int], total: int) -> None:
    parts = largest_remainder(weights, total)
    assert sum(parts) == total
    for weight, part in zip(weights, parts, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1 + 1e-6


@given(st.integers(60, 20_000_000))
def test_sizes_add_up(customers: int) -> None:
    sizes = size_city(customers)
    assert sum(sizes.members.values()) == customers
    for key, members in sizes.members.items():
        assert abs(members - customers * REFERENCE[key] / 26_000) < 1
    orphans = sizes.members[Group.ORPHAN, CITY] + sizes.members[Group.ORPHAN, COUNTY]
    assert sizes.planned <= 0.75 * orphans
    assert sizes.planned <= 295 * sizes.managers
    without = size_city(customers, has_counties=False)
    assert sum(without.members.values()) == customers
    assert without.members[Group.ORPHAN, COUNTY] == 0


@given(seeds, st.integers(1, 300), st.integers(0, 10**9))
def test_premiums_add_up_to_the_fen(seed: int, n: int, extra_fen: int) -> None:
    weights = np.random.default_rng(seed).lognormal(0, 1, n)
    total = n * SMALLEST_FEN + extra_fen
    parts = share_out(weights, total)
    assert int(parts.sum()) == total
    assert int(parts.min()) >= SMALLEST_FEN
    assert int((parts % 100 != 0).sum()) <= 1


def test_premiums_refuse_a_total_that_is_too_small() -> None:
    with pytest.raises(ValueError, match="cannot give"):
        share_out(np.ones(3), 3 * SMALLEST_FEN - 1)


@given(seeds)
@settings(max_examples=25)
def test_id_numbers_are_valid_and_different(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 400
    regions = rng.choice([330203, 330282, 110101], n)
    days = rng.integers(-15_000, -14_990, n)  # few days, so that numbers crowd
    male = rng.random(n) < 0.5
    numbers = id_numbers(regions, days, id_serials(regions, days, male, rng))
    read = resident_id(pl.col("n"))
    seen = pl.DataFrame({"n": numbers, "d": pl.Series(days).cast(pl.Int32).cast(pl.Date)}).select(
        good=read.shape_ok & read.check_ok & (read.birth_date == pl.col("d")), sex=read.sex
    )
    assert seen["good"].all()
    assert ((seen["sex"] == "M").to_numpy() == male).all()
    assert numbers.n_unique() == n


@given(st.dates(date(1930, 1, 1), date(2060, 12, 31)), st.integers(-600, 600))
def test_months_later_is_the_same_day_or_the_months_end(day: date, months: int) -> None:
    found = date(1970, 1, 1) + timedelta(days=int(add_months(np.array([day_of(day)]), months)[0]))
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1


@given(st.dates(date(1950, 1, 1), date(2026, 10, 31)))
def test_full_years_is_what_a_birthday_says(day: date) -> None:
    today = date(2026, 10, 31)
    had_birthday = (today.month, today.day) >= (day.month, day.day)
    if (day.month, day.day) != (2, 29):
        assert full_years(np.array([day_of(day)]), day_of(today))[0] == today.year - day.year - (
            not had_birthday
        )


def as_excel_shows(cell: Cell) -> str:
    """What a reader hands on: dates as ISO text, whole numbers without a point."""
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


SOUND = {  # the other cells of a row, all that intake asks for
    "policies": {
        "premium_mode": "期交",
        "payments_per_year": "年交",
        "premium_fen": "100",
        "inception_date": "2011-03-05",
        "state": "有效",
        "holder_number": "1",
    },
    "customers": {"name": "王伟"},
}
KEY = {"policies": "policy_number", "customers": "customer_number"}


def meanings(kind: str, column: str, form: forms.Form, text: str) -> tuple[set[object], int]:
    """What intake makes of 200 ways to write `text`, and how many different ways there were."""
    rng = Random(text)
    cells = [as_excel_shows(form(text, rng)) for _ in range(200)]
    sound = {c: [v] * len(cells) for c, v in SOUND[kind].items()}
    keys = {KEY[kind]: [f"K{i}" for i in range(len(cells))]}
    frame = pl.DataFrame(sound | keys | {column: cells})
    intake = standardise(RawWorkbook({kind: plain_sheet(kind, frame)}), date(2026, 10, 31))
    accepted: pl.DataFrame = getattr(intake.books, kind)
    assert len(accepted) == len(cells)
    return set(accepted[column]), len(set(cells))


@given(st.dates(date(1930, 1, 1), date(2026, 10, 30)))
@settings(max_examples=8)
def test_every_form_of_a_day_means_that_day(day: date) -> None:
    assert meanings("policies", "inception_date", forms.as_date, day.isoformat())[0] == {day}


@given(st.integers(1, 10**10))
@settings(max_examples=8)
def test_every_form_of_an_amount_means_that_amount(fen: int) -> None:
    text = f"{fen // 100}.{fen % 100:02d}"
    assert meanings("policies", "premium_fen", forms.as_money, text)[0] == {fen}


@pytest.mark.parametrize("number", ["330211000000123", "3302000123", "AB12345678"])
def test_every_form_of_a_number_is_that_number(number: str) -> None:
    found, ways = meanings("policies", "holder_number", forms.as_number, number)
    assert found == {number}
    assert ways >= 3


@pytest.mark.parametrize("phone", ["13812345678", "057487654321"])
def test_every_form_of_a_phone_is_that_phone(phone: str) -> None:
    found, ways = meanings("customers", "phone", forms.as_phone, phone)
    assert found == {phone}
    assert ways >= 2


@pytest.mark.parametrize("number", ["33020319850301123X", "330203200103011230"])
def test_every_form_of_an_id_number_is_that_number(number: str) -> None:
    total = sum(int(d) * w for d, w in zip(number[:17], ID_WEIGHTS, strict=True))
    number = number[:17] + ID_CHECKS[total % 11]
    found, ways = meanings("customers", "id_number", forms.as_id_number, number)
    assert found == {number}
    assert ways >= 3


def test_every_synonym_is_understood() -> None:
    for table in (forms.POLICY_WORDS, forms.CUSTOMER_WORDS):
        for column, words in table.items():
            meanings = words_of(column)
            for word, others in words.items():
                for other in others:
                    assert meanings[other.lower()] == meanings[word], (column, other)
