"""What the demo has lived through before a visitor comes: whatever the day, a campaign month and a motor year are over."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu import synth
from tuogu.cli import demo_campaign, demo_motor_past
from tuogu.core.campaign.follow_up import last_day, months
from tuogu.core.chance.limits import ChanceLimits
from tuogu.data.codebook import load

YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]


@pytest.mark.req("S2-13")
@pytest.mark.parametrize("today", YEAR[::5] + [day for day in YEAR if day.day <= 4])
def test_the_campaign_s_first_month_can_be_frozen_whatever_the_day(today: date):
    begun, rulebook = demo_campaign.first_day(today), standard_rules()
    until = today - timedelta(days=int(rulebook["campaigns.freeze_after_days"]) - 1)
    assert months(begun, until, rulebook) == [begun.replace(day=1)]
    assert last_day(begun) - begun >= timedelta(days=7), "a week of selling before the month ends"
    assert today - begun <= timedelta(days=50)
    assert demo_campaign.drafted_at(today).date() < begun


@pytest.mark.req("P-07")
def test_the_motor_book_is_dense_where_it_is_over_and_thin_where_it_runs():
    described = date(2026, 10, 31)
    city = synth.make_city("330200", 1_500, 7, load(["330200"]), data_date=described)
    whole = synth.motor_book(city, demo_motor_past.BOOK).rows
    book = demo_motor_past.shaped(whole, described)
    over = demo_motor_past.over(book, described)
    assert over["expiry_date"].max() <= described - demo_motor_past.OVER
    assert over.height == demo_motor_past.over(whole, described).height, "no car of the past is left out"
    assert over.height > 1_500
    running = book.filter(~pl.col("frame_number").is_in(over["frame_number"].implode()))
    assert 700 < running.height < 1_500
    assert book["policy_number"].is_unique().all()
    share = _renewed_by_channel(book, over)
    assert share["直销"] - share["网销"] > 0.2, "there is something to learn"
    assert book.equals(demo_motor_past.shaped(whole, described))


@pytest.mark.req("P-07")
@pytest.mark.parametrize(
    "described", [date(2026, 1, 31), date(2026, 2, 28), date(2026, 6, 30), date(2026, 10, 31)]
)
def test_there_is_enough_to_learn_from_whatever_the_month(described: date):
    """By hand: the lists on the first of each month, the newest three of them held out."""
    limits = ChanceLimits.of(standard_rules())
    city = synth.make_city("330200", 1_500, 7, load(["330200"]), data_date=described)
    book = demo_motor_past.shaped(synth.motor_book(city, demo_motor_past.BOOK).rows, described)
    ends = demo_motor_past.over(book, described)["expiry_date"].to_list()
    listed = [_first_on_or_after(day - timedelta(days=90)) for day in ends]
    held_out = sorted(set(listed))[-limits.held_out_months]
    settled = [day + timedelta(days=limits.settle_days) for day in ends]
    learned = sum(day < held_out <= described for day in settled)
    assert learned >= limits.rows_min


def _first_on_or_after(day: date) -> date:
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _renewed_by_channel(book: pl.DataFrame, over: pl.DataFrame) -> dict[str, float]:
    later = book.join(over, on="policy_number", how="anti")["frame_number"].implode()
    told = over.group_by("channel").agg(share=pl.col("frame_number").is_in(later).mean())
    return dict(told.iter_rows())
