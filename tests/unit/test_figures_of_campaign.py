"""Use of customers given out and enrichment of their records, as gathered, against a count by hand (S2-20)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign_world import DEPARTMENTS, EVERYTHING, World, running
from tuogu.campaigns.models import Completeness
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.reports import queries as reports
from tuogu.work.models import Record

pytestmark = [pytest.mark.req("S2-20"), pytest.mark.database, pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The first wave is out and what was known of its customers is written down; ten days have passed."""
    made = running(monkeypatch)
    made.go_to(made.day + timedelta(days=10))
    return made


def contact(world: World, customer: str, *, kind: str, outcome: str, days: int) -> None:
    """A record of somebody's work, so many days after the release."""
    manager = world.cast.people[Role.ACCOUNT_MANAGER]
    at = world.at - timedelta(days=10 - days)
    Record.objects.create(
        client_key=f"{customer}-{kind}-{days}", customer_number=customer, kind=kind, purpose="campaign", outcome=outcome,
        reason="review", happened_at=at, happened_date=at.date(), recorded_at=at, person_id=manager, by_id=manager,
    )  # fmt: skip


def seen_again(world: World, customer: str, more: int, days: int) -> None:
    """What was known of a customer after a visit: so many fields more than at the release."""
    first = Completeness.objects.get(customer_number=customer, number=1)
    at = world.at - timedelta(days=10 - days)
    Completeness.objects.create(
        campaign=first.campaign, department_code=first.department_code, customer_number=customer, kind="visit",
        number=2, wave=first.wave, known=first.known + more, wanted=first.wanted, missing=[], seen_date=at.date(),
        taken_at=at,
    )  # fmt: skip


def told(world: World, measure: str, scope: Scope = EVERYTHING) -> dict[str, tuple[int, int]]:
    """Department → both sides."""
    rows = reports.figures(scope, world.day.replace(day=1), measure, ["department"], on=world.day)
    return {code: (n, d) for code, n, d in rows.select("department", "numerator", "denominator").rows()}


def given(world: World, department: str) -> list[str]:
    """Customers of the first wave of a department, as they were written down."""
    rows = Completeness.objects.filter(department_code=department, kind="release", wave=1)
    return sorted(rows.values_list("customer_number", flat=True))


def test_utilisation_counts_whom_the_department_spoke_to_after_the_release(world: World) -> None:
    ours, theirs = given(world, "D"), given(world, "D2")
    assert len(theirs) >= 3
    contact(world, ours[0], kind="call", outcome="reached", days=3)
    contact(world, ours[0], kind="visit", outcome="met", days=4)  # the same customer counts once
    contact(world, theirs[0], kind="call", outcome="no_answer", days=3)  # nobody was reached
    contact(world, theirs[1], kind="sms", outcome="sent", days=3)  # a message is no use yet
    contact(world, theirs[2], kind="call", outcome="reached", days=-5)  # before it was given out
    assert told(world, "utilisation") == {"D": (1, len(ours)), "D2": (0, len(theirs))}
    contact(world, theirs[2], kind="visit", outcome="met", days=6)
    assert told(world, "utilisation") == {"D": (1, len(ours)), "D2": (1, len(theirs))}
    assert told(world, "utilisation", Scope(institution_codes=frozenset(["D2"]))) == {"D2": (1, len(theirs))}


def test_enrichment_is_what_was_filled_in_since_the_release(world: World) -> None:
    ours, theirs = given(world, "D"), given(world, "D2")
    wanted = dict(Completeness.objects.filter(number=1).values_list("customer_number", "wanted"))
    whole = {"D": sum(wanted[one] for one in ours), "D2": sum(wanted[one] for one in theirs)}
    assert set(DEPARTMENTS) == set(whole)
    assert told(world, "enrichment") == {code: (0, fields) for code, fields in whole.items()}
    seen_again(world, ours[0], 2, days=4)
    seen_again(world, theirs[0], 3, days=5)
    seen_again(world, theirs[1], -1, days=5)  # a phone that was wrong was taken out
    assert told(world, "enrichment") == {"D": (2, whole["D"]), "D2": (2, whole["D2"])}
    early = reports.figures(EVERYTHING, world.day, "enrichment", [], on=world.day - timedelta(days=6))
    assert early["numerator"].to_list() == [2]  # on that day only the first visit had been
