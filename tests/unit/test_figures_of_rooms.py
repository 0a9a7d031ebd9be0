"""Figures from motor renewal: rates by branch, and orders to branches with a low one (S3-23)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cast import Cast, make_cast
from motor_world import EVERYTHING, START, MotorWorld
from tuogu.core.custody import business_date
from tuogu.core.measures.periods import month_after
from tuogu.org import queries as org
from tuogu.renewals.models import Ended, Improvement
from tuogu.reports import actions, queries
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
MONTH = business_date(START).replace(day=1)


def motor(cast: Cast) -> MotorWorld:
    """Four motor policies whose cover ends this month: two renewed (one of them withdrawn again), one elsewhere."""
    world = MotorWorld(cast)
    world.import_motor(
        *(
            {"policy_number": f"V{n}", "holder_number": f"C{n:06d}", "expiry_date": world.today + timedelta(days=n),
             "premium_fen": 100_000 * (n + 1)}
            for n in range(4)
        )
    )  # fmt: skip
    for number, outcome, seq, withdrawn in (
        ("V0", "renewed", 1, False), ("V1", "renewed", 1, False), ("V1", "renewed", 2, True), ("V2", "elsewhere", 1, False)
    ):  # fmt: skip
        Ended.objects.create(
            subject_id=world.subject(number), seq=seq, outcome=outcome, withdrawn=withdrawn, proof="保单", by_id=world.city,
            ended_date=world.today, at=world.at,
        )  # fmt: skip
    return world


@pytest.mark.req("S3-23")
def test_the_renewal_rate_of_a_branch_by_count_and_by_premium():
    world = motor(make_cast())
    on = world.today + timedelta(days=20)
    told = queries.figures(EVERYTHING, MONTH, ("renewal", "renewal_premium"), ["branch"], on=on)
    assert told.select("measure", "branch", "numerator", "denominator").rows() == [
        ("renewal", "B", 1, 4), ("renewal_premium", "B", 100_000, 1_000_000)
    ]  # fmt: skip
    by_channel = queries.figures(EVERYTHING, MONTH, "renewal", ["source"], on=on)
    assert by_channel["source"].to_list() == ["直销"]


@pytest.mark.req("S3-23")
@pytest.mark.parametrize(("limit", "ordered"), [("", []), (2500, []), (2501, [("B", 2500)])])
def test_a_branch_below_the_limit_is_asked_for_a_correction_when_the_month_is_frozen(
    limit: object, ordered: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
):
    world = motor(make_cast())
    book = rules.applicable(world.today).replace(renewal__improve_below_bp=limit)
    monkeypatch.setattr(rules, "applicable", lambda _day: book)
    at = world.at + (month_after(MONTH, 1) - world.today) + timedelta(days=1)
    assert actions.roll(by=org.machine(), at=at) == 1
    assert list(Improvement.objects.values_list("institution_code", "rate_bp")) == ordered
