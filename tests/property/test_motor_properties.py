"""The clock of motor renewal says what its slow twin says, of any case on any day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motor_cases import BOOK, fired, holidays, motor_cases, motor_limits
from tuogu.core.motor import clock
from tuogu.core.reference import motor_clock

HOLIDAYS = holidays()
FROM = date(2025, 11, 1)
LIMITS = {
    BOOK: motor_limits(),
    "2027": motor_limits(
        sms_before_days=75, important_premium_fen=500_000, lapsed_list_every_months=2, fleet_vehicles=5
    ),
}
days = st.integers(0, 400).map(lambda n: FROM + timedelta(days=n))
cases = st.fixed_dictionaries({
    "expiry_date": days, "premium_fen": st.sampled_from([499_999, 500_000]), "important": st.booleans(),
    "fleet_vehicles": st.sampled_from([0, 4, 5]), "claim_due_date": st.none() | days, "named": st.booleans(),
    "intention": st.sampled_from([None, "will", "undecided", "wont"]), "opted_out": st.booleans(),
    "data_true": st.sampled_from([None, True, False]), "rulebook": st.sampled_from(sorted(LIMITS)),
    "outcome": st.sampled_from([None, None, "renewed", "elsewhere", "scrapped"]),
})  # fmt: skip


@pytest.mark.req("S3-09", "S3-10", "S3-11", "S3-12", "S3-13", "S3-17", "S3-18")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(cases, min_size=1, max_size=6), days,
    st.sets(st.tuples(st.integers(1, 6), st.sampled_from(clock.ORDER), st.integers(1, 3)), max_size=6),
)  # fmt: skip
def test_whole_columns_agree_with_the_twin(
    rows: list[dict[str, object]], day: date, done: set[tuple[int, str, int]]
) -> None:
    for row in rows:
        row["ended"] = row["outcome"] is not None
    frame = motor_cases(*rows)
    found = clock.due(frame, fired(*done), LIMITS, HOLIDAYS, day)
    slow = motor_clock.due(frame.to_dicts(), sorted(done), LIMITS, HOLIDAYS.to_dicts(), day)
    assert sorted(found.iter_rows()) == slow
