"""A month is frozen once and counted again to the same rows, whatever becomes known later (N-16); figures stay in scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from django.db import DatabaseError, transaction

from cast import Cast, make_cast
from listed_world import GONE, import_rows, policy_rows
from motor_world import MotorWorld
from tuogu.core.custody import business_date
from tuogu.core.measures.grounds import NEEDS
from tuogu.core.measures.periods import Period, month_after
from tuogu.ledger import queries as custody
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans.models import EligibilityFact
from tuogu.process_memory import memory
from tuogu.reports import actions, freezing, live, queries
from tuogu.reports.failures import ReportsRefused
from tuogu.reports.models import FrozenInput, FrozenMonth, Snapshot
from tuogu.rules import queries as rules
from tuogu.work import actions as work
from work_world import WorkWorld, make_work

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
EVERYTHING = Scope.everything()


@pytest.fixture
def world() -> Iterator[WorkWorld]:
    """Four orphans in the manager's hands since today, two of them called, one visited."""
    made = make_work(make_cast(), 4)
    made.record("C000000")
    made.record("C000001")
    made.visit("C000002")
    return made


def month_of(world: WorkWorld) -> date:
    return world.cast.today.replace(day=1)


def after(world: WorkWorld, days: int = 2) -> datetime:
    """A moment some days after the month of the cast's day."""
    return world.cast.now + ((month_after(month_of(world), 1) - world.cast.today) + timedelta(days=days))


def freeze(world: WorkWorld) -> actions.Frozen:
    return actions.freeze_month(month_of(world), by=org.machine(), at=after(world))


def whole(rows: pl.DataFrame, measure: str) -> tuple[int, int]:
    """Numerator and denominator of the whole house."""
    row = rows.filter((pl.col("measure") == measure) & (pl.col("dimension") == "") & ~pl.col("ten_years"))
    return row["numerator"][0], row["denominator"][0]


@pytest.mark.req("S4-40")
def test_figures_of_a_month_from_what_the_rooms_recorded(world: WorkWorld):
    told = queries.figures(EVERYTHING, month_of(world), on=world.cast.today)
    sides = {row["measure"]: (row["numerator"], row["denominator"]) for row in told.iter_rows(named=True)}
    assert sides["contact"] == (2, 4)
    assert sides["visit"] == (1, 4)
    assert sides["load"] == (4, 1)
    assert sides["complaint"] == (0, 4)
    assert list(sides) == list(queries.measures(world.cast.today))
    behind = queries.drill(EVERYTHING, month_of(world), "contact", on=world.cast.today)
    assert dict(behind.select("key", "numerator").rows()) == {
        "C000000": 1, "C000001": 1, "C000002": 0, "C000003": 0
    }  # fmt: skip
    assert set(behind["team"]) == {"T1"}
    assert set(behind["person"]) == {world.manager}


@pytest.mark.req("S4-15")
def test_the_customers_of_this_month_are_the_cohort_of_the_third_month_after(world: WorkWorld):
    begun = world.cast.today + timedelta(days=1)
    row = policy_rows(1, agent=world.cast.numbers[world.manager], first=50)[0]
    row |= {
        "holder_number": "C000003",
        "insured_number": "C000003",
        "inception_date": begun,
        "payment_term_years": 10,
    }
    later = replace(world.cast, now=world.later(40), today=world.day(40))
    import_rows(later, [row])
    report = month_after(month_of(world), 3)
    on = Period(report).last
    for ten_years in (False, True):
        told = queries.figures(EVERYTHING, report, "develop_3", ["person"], on=on, ten_years=ten_years)
        assert told.select("person", "numerator", "denominator").rows() == [(world.manager, 1, 4)]
    assert queries.figures(EVERYTHING, month_after(report, 1), "develop_3", on=on)["denominator"][0] == 0


@pytest.mark.req("N-16")
def test_a_month_is_frozen_once_and_only_when_it_is_over(world: WorkWorld):
    month = month_of(world)
    last = world.cast.now + (Period(month).last - world.cast.today)
    with pytest.raises(ReportsRefused, match="没有过完"):
        actions.freeze_month(month, by=org.machine(), at=last)
    assert FrozenMonth.objects.count() == 0
    assert actions.roll(by=org.machine(), at=after(world)) == 1
    assert actions.roll(by=org.machine(), at=after(world, 3)) == 0
    head = queries.frozen_months()[0]
    assert (head.month, head.rows) == (month, Snapshot.objects.count())
    assert freeze(world).again
    for table in (FrozenMonth, Snapshot, FrozenInput):
        with pytest.raises(DatabaseError), transaction.atomic():
            table.objects.all().delete()


@pytest.mark.req("N-16")
def test_what_is_learnt_later_changes_no_frozen_figure_and_stands_beside_it(
    world: WorkWorld, monkeypatch: pytest.MonkeyPatch
):
    month, wrong = month_of(world), world.record("C000003")
    frozen = freeze(world)
    before = freezing.stored_rows(month)
    assert whole(before, "contact") == (3, 4)
    learn_later(world, wrong.record_id)

    monkeypatch.setattr(rules, "chosen", None)  # a later release may not know the version any more
    assert freezing.recompute(month).equals(before)
    assert freezing.result_digest(freezing.recompute(month)) == frozen.digest
    again = queries.recount(EVERYTHING, month, on=after(world, 60).date())
    assert again.same
    assert whole_later(again.later, "contact") == (3, 4, 2, 4)
    teams = again.later.filter((pl.col("measure") == "contact") & (pl.col("dimension") == "team"))
    assert set(teams["value"]) == {"T1", "T2"}  # the manager has gone to the other team since
    completeness = again.later.filter((pl.col("measure") == "completeness") & (pl.col("dimension") == ""))
    assert completeness.height == 1  # a phone was taken away
    assert freezing.stored_rows(month).equals(before)


def learn_later(world: WorkWorld, record: int) -> None:
    """A record is corrected, a file changes policies and a customer, the manager changes the team, a complaint is filed."""
    late = after(world, 50)
    said = world.said("C000003", outcome="no_answer", next_at=late + timedelta(days=3), next_kind="call")
    corrected = replace(said, client_key="corrected", happened_at=late - timedelta(minutes=5))
    work.correct(record, corrected, reason="号码错了", by=world.manager, at=late)
    later = replace(world.cast, now=late, today=business_date(late))
    rows = [
        row | {"state": "lapsed", "source": "moved_in", "lapse_date": later.today}
        for row in policy_rows(4, agent=GONE)
    ]
    customers = [{"customer_number": row["holder_number"], "phone": None, "id_number": None} for row in rows]
    import_rows(later, rows, customers)
    import branch as tiny

    number = world.cast.numbers[world.manager]
    moved = tiny.people(
        {"staff_number": number, "name": "经理甲", "team_code": "T2", "institution_code": "B"}
    )
    org_actions.sync_people(moved, by=org.machine(), at=late)
    EligibilityFact.objects.create(
        custodian_id=world.manager, month=month_of(world), key="valid_complaints", number=1, value=2, source_ref="后补",
        filed_by_id=org.machine(), filed_at=late,
    )  # fmt: skip


def whole_later(later: pl.DataFrame, measure: str) -> tuple[int, ...]:
    row = later.filter((pl.col("measure") == measure) & (pl.col("dimension") == "") & ~pl.col("ten_years"))
    return row.select("numerator", "denominator", "numerator_now", "denominator_now").row(0)


@pytest.mark.req("N-16")
def test_a_kept_table_that_was_tampered_with_is_not_counted_from(
    world: WorkWorld, monkeypatch: pytest.MonkeyPatch
):
    freeze(world)
    monkeypatch.setattr(
        freezing, "from_parquet", lambda name, content, digest: from_parquet(name, content + b"x", digest)
    )
    with pytest.raises(ReportsRefused, match="与存档摘要不符"):
        freezing.recompute(month_of(world))


from_parquet = freezing.from_parquet


@pytest.mark.req("S4-14")
def test_a_leads_figures_are_those_of_the_own_people(world: WorkWorld):
    cast: Cast = world.cast
    import_rows(cast, policy_rows(3, agent=GONE, first=20))
    world.give([f"P{n:08d}" for n in range(20, 23)], cast.other, key="to-other")
    lead = org.scope_of(cast.people[Role.TEAM_LEAD], cast.today)
    asked = {"month": month_of(world), "wanted": "contact", "on": cast.today}
    every = queries.figures(EVERYTHING, by=["person"], **asked)
    assert dict(every.select("person", "denominator").rows()) == {world.manager: 4, cast.other: 3}
    theirs = every.filter(pl.col("person").is_in(sorted(org.custodians_within(lead) or ())))
    assert queries.figures(lead, by=["person"], **asked).equals(theirs)
    assert queries.figures(lead, **asked)["denominator"][0] == 4
    assert set(queries.drill(lead, month_of(world), "contact", on=cast.today)["person"]) == {world.manager}
    own = org.scope_of(cast.other, cast.today)
    assert queries.figures(own, **asked)["denominator"][0] == 3
    freeze(world)
    assert set(queries.frozen(lead, month_of(world), measure="contact")["dimension"]) == {"person", "team"}
    assert queries.frozen(EVERYTHING, month_of(world), measure="contact", dimension="")[
        "shown"
    ].to_list() == ["28.57%"]


@pytest.mark.req("S4-14")
def test_what_is_gathered_for_a_few_people_says_the_same_as_the_whole(
    world: WorkWorld, monkeypatch: pytest.MonkeyPatch
):
    """Customers that passed from one team to the other, wholly and in part; motor policies; a seller in another team."""
    cast = world.cast
    import_rows(cast, policy_rows(6, agent=GONE, first=20))
    later = [f"P{n:08d}" for n in range(20, 26)]
    world.give(later[:4], cast.other, key="to-other")
    world.give(later[3:], world.manager, key="on-to-the-manager")
    sold = policy_rows(2, agent=cast.numbers[cast.other], first=40)
    shared = [
        row | {"holder_number": "C000000", "insured_number": "C000000", "inception_date": cast.today}
        for row in sold
    ]
    import_rows(cast, shared)
    motor = MotorWorld(cast)
    motor.import_motor(*(
        {"policy_number": f"V{n}", "holder_number": f"C{n:06d}", "expiry_date": cast.today} for n in range(3)
    ))  # fmt: skip
    scopes = [
        org.scope_of(who, cast.today) for who in (cast.people[Role.TEAM_LEAD], cast.other, world.manager)
    ]
    wanted = [
        one.key for one in queries.measures(cast.today).values() if "resources" not in NEEDS[one.ground]
    ]
    monkeypatch.setattr(live, "_SHARE", 0)
    for scope in scopes:
        for by in ([], ["person"], ["team"], ["source"], ["street"]):
            asked = {"month": month_of(world), "wanted": wanted, "by": by, "on": cast.today}
            narrow = queries.figures(scope, **asked)
            rows = queries.drill(scope, month_of(world), "contact", on=cast.today)
            with monkeypatch.context() as patched:
                patched.setattr(live, "_SHARE", 1_000)
                memory.clear()
                assert queries.figures(scope, **asked).equals(narrow)
                assert queries.drill(scope, month_of(world), "contact", on=cast.today).equals(rows)
            memory.clear()


@pytest.mark.req("S4-27")
def test_messages_are_paid_by_the_month_and_visits_above_half_wait_for_a_coefficient(world: WorkWorld):
    for customer in ("C000000", "C000001", "C000001", "C000003"):
        world.record(customer, kind="wecom", outcome="sent")
    paid = queries.allowances_of(EVERYTHING, month_of(world), on=world.cast.today)
    rows = {row["kind"]: row for row in paid.rows.iter_rows(named=True)}
    assert (rows["sms"]["numerator"], rows["sms"]["denominator"], rows["sms"]["fen"]) == (3, 4, 4 * 8)
    assert (rows["visit"]["band"], rows["visit"]["fen"]) == (0, 200)
    assert [start for _kind, start in paid.open] == [5000]
    world.visit("C000003")
    with pytest.raises(ReportsRefused, match=r"allowance\.visit_steps"):
        queries.allowances_of(EVERYTHING, month_of(world), on=world.cast.today)


@pytest.mark.req("S4-14")
def test_a_figure_follows_the_event_that_changes_it(world: WorkWorld):
    asked = {"month": month_of(world), "wanted": "contact", "on": world.cast.today}
    assert queries.figures(EVERYTHING, **asked)["numerator"][0] == 2
    world.record("C000003")
    assert queries.figures(EVERYTHING, **asked)["numerator"][0] == 3
    assert custody.version()


def test_unknown_figures_and_dimensions_are_refused(world: WorkWorld):
    for more in ({"wanted": "nonsense"}, {"by": ["planet"]}, {"kind": "decade"}):
        with pytest.raises(ReportsRefused):
            queries.figures(EVERYTHING, month_of(world), on=world.cast.today, **more)  # type: ignore[arg-type]
    with pytest.raises(ReportsRefused, match="没有冻结过"):
        freezing.recompute(month_of(world))
