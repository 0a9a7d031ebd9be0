"""Cases of leavers: which contracts, which clocks, once and for good (L-01, N-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from cast import Cast
from listed_world import GONE, MANAGER, import_rows, policy_rows
from notices_world import leaves, opened, with_policies
from tuogu.books import actions as books
from tuogu.books import queries as books_queries
from tuogu.books.models import ImportRun
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.ledger.models import Batch
from tuogu.notices import actions
from tuogu.notices.models import Departure, DepartureChange, LeaveRead, NoticeCase, Proof, Waiver
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
START = date(2026, 1, 1)


@pytest.mark.req("L-01")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"end_date": date(2026, 12, 31), "inception_date": START}, True),  # exactly one year, to midnight
        ({"end_date": date(2027, 1, 1), "inception_date": START}, True),
        ({"end_date": date(2026, 12, 30), "inception_date": START}, False),
        ({"end_date": None}, True),
        ({"inception_date": None, "end_date": date(2026, 12, 30)}, True),  # not written down: the safe side
        ({"product_type": None}, True),
        ({"state": "matured"}, False),
        ({"state": "surrendered"}, False),
        ({"state": "lapsed", "lapse_date": date(2026, 6, 1)}, True),
        ({"product_type": "accident"}, True),
        ({"product_type": "health", "end_date": date(2026, 6, 1), "inception_date": START}, False),
    ],
)
def test_which_contracts_are_told_of(cast: Cast, change: dict, told: bool):
    with_policies(cast, 2, changes={0: change})
    opened(cast)
    numbers = set(NoticeCase.objects.values_list("policy_number", flat=True))
    assert numbers == ({"P00000000", "P00000001"} if told else {"P00000001"})
    assert sum(Departure.objects.get().counts.values()) == (0 if told else 1)


def test_property_insurance_is_left_out_and_counted(cast: Cast):
    with_policies(cast, 2, changes={0: {"product_type": "motor"}})
    opened(cast)
    assert Departure.objects.get().counts == {"property": 1}
    assert NoticeCase.objects.count() == 1


def test_a_long_rider_makes_the_contract_one_to_tell_of(cast: Cast):
    short = {"end_date": date(2026, 6, 1), "inception_date": START}
    rows = policy_rows(1, agent=cast.numbers[cast.people[Role.ACCOUNT_MANAGER]])
    main = rows[0] | short
    rider = main | {
        "policy_number": "R1", "main_policy_number": main["policy_number"], "kind": "rider", "end_date": None,
    }  # fmt: skip
    import_rows(cast, [main, rider])
    assert len(opened(cast)) == 1


@pytest.mark.req("N-07")
def test_what_is_killed_between_the_leave_and_the_cases_is_made_up_for_by_the_tick(cast: Cast):
    with_policies(cast, 3)
    leaves(cast, cast.today)
    assert NoticeCase.objects.count() == 0  # killed here: the leave stands, no case
    assert actions.tick(by=org.machine(), at=cast.now) == 3
    assert actions.tick(by=org.machine(), at=cast.now) == 0
    assert (NoticeCase.objects.count(), LeaveRead.objects.count(), Departure.objects.count()) == (3, 1, 1)


def test_a_failure_inside_leaves_nothing_half(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    with_policies(cast, 2)
    leaves(cast, cast.today)

    class Killed(Exception):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr("tuogu.notices.opening.LeaveRead.objects.create", kill)
    with pytest.raises(Killed):
        actions.open_cases(by=org.machine(), at=cast.now)
    monkeypatch.undo()
    assert NoticeCase.objects.count() == Departure.objects.count() == 0
    assert actions.open_cases(by=org.machine(), at=cast.now).cases == 2


@pytest.mark.req("L-01")
def test_both_clocks_stand_side_by_side_and_the_law_runs_from_the_formalities(cast: Cast):
    with_policies(cast, 2)
    day = cast.today - timedelta(days=12)
    opened(cast, day)
    case = NoticeCase.objects.first()
    assert case.internal_due_date == case.statutory_due_date == case.due_date == day + timedelta(days=30)
    person = cast.people[Role.ACCOUNT_MANAGER]
    actions.set_formalities(person, day + timedelta(days=10), by=org.machine(), at=cast.now)
    case.refresh_from_db()
    assert case.statutory_due_date == day + timedelta(days=40)
    assert case.internal_due_date == case.due_date == day + timedelta(days=30)  # the earlier one rules
    actions.set_formalities(person, day + timedelta(days=10), by=org.machine(), at=cast.now)
    assert DepartureChange.objects.count() == 1
    with pytest.raises(actions.NoticeRefused):
        actions.set_formalities(person, cast.today + timedelta(days=1), by=org.machine(), at=cast.now)


def test_a_leave_corrected_to_an_earlier_day_moves_the_clock_and_opens_no_second_case(cast: Cast):
    with_policies(cast, 3)
    opened(cast, cast.today)
    earlier = cast.today - timedelta(days=5)
    books.leave(cast.people[Role.ACCOUNT_MANAGER], leave_date=earlier, recorded_at=cast.now, by=org.machine())
    actions.open_cases(by=org.machine(), at=cast.now)
    assert NoticeCase.objects.count() == 3
    # the policies were opened yesterday: the ledger has slices to post only from then on
    assert Departure.objects.get().leave_date < cast.today
    assert set(NoticeCase.objects.values_list("due_date", flat=True)) == {
        Departure.objects.get().leave_date + timedelta(days=30)
    }


@pytest.mark.req("L-01")
def test_what_the_leaver_had_sold_is_told_of_though_somebody_else_serves_it(cast: Cast):
    with_policies(cast, 3)
    manager, clerk = cast.people[Role.ACCOUNT_MANAGER], cast.people[Role.RESOURCE_CLERK]
    held = custody.holdings(Scope.everything(), relation=Relation.CUSTODY, custodian_id=manager)
    first = held.row(0, named=True)
    ledger.transfer(
        first["subject_id"], cast.other, expected_head=first["head"], key="t1", effective_date=cast.today, by=clerk,
        approved_by=cast.people[Role.TEAM_LEAD], recorded_at=cast.now, rule="test", reason_code="test",
    )  # fmt: skip
    opened(cast)
    assert sorted(NoticeCase.objects.values_list("why", flat=True)) == ["served", "served", "sold"]


def test_somebody_who_left_before_the_import_is_told_of_while_the_clock_still_runs(cast: Cast):
    left = cast.today - timedelta(days=9)
    import_rows(cast, policy_rows(1, agent="8001"), leaver="8001", gone=left)
    long_ago = cast.today - timedelta(days=31)
    import_rows(cast, policy_rows(1, agent="8002", first=1), leaver="8002", gone=long_ago)
    actions.open_cases(by=org.machine(), at=cast.now)
    assert list(NoticeCase.objects.values_list("policy_number", "why")) == [("P00000000", "sold")]


def test_facts_cannot_be_changed_behind_the_room(cast: Cast):
    with_policies(cast, 1)
    ids = opened(cast)
    actions.prove(ids, kind="phone_call", on_date=cast.today, script="LZ-1", by=org.machine(), at=cast.now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proof.objects.update(counts=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proof.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeCase.objects.update(proved_date=None)


def test_the_switch_of_sold_contracts(cast: Cast):
    from territory_books import standard_rules
    from tuogu.notices.opening import _affected

    with_policies(cast, 2)
    person = leaves(cast, cast.today)
    book = standard_rules().replace(notices__also_sold=False)
    assert _affected(person, None, book)[0].height == 2, "with the buffer group: nobody has taken over"
    entrusted = custody.holdings(Scope.everything(), kind="policy")
    ledger.claim(
        int(entrusted["subject_id"][0]), cast.other, by=cast.other, recorded_at=cast.now, rule="P-09"
    )
    assert _affected(person, None, book)[0].height == 1
    assert _affected(person, None, standard_rules())[0].height == 2


@pytest.mark.req("L-01", "N-07")
def test_a_leaver_who_comes_with_a_file_has_a_leave_batch_and_cases_however_late_the_file(cast: Cast):
    earlier = replace(cast, now=cast.now - timedelta(days=60), today=cast.today - timedelta(days=60))
    import_rows(earlier, policy_rows(1, agent=MANAGER), leaver="9998")
    left = cast.today - timedelta(days=45)
    import_rows(cast, policy_rows(3, agent=GONE, first=10), gone=left)
    person = int(org.staff_ids([GONE])["custodian_id"][0])
    batch = Batch.objects.get(kind="leave", leaver_id=person)
    assert (batch.effective_date, batch.approved_by) == (left, None)
    assert actions.tick(by=org.machine(), at=cast.now) == 3
    assert Departure.objects.get().person_id == person
    assert LeaveRead.objects.get().batch_id == batch.pk
    assert actions.tick(by=org.machine(), at=cast.now) == 0


@pytest.mark.req("L-01")
def test_somebody_known_as_gone_from_the_first_file_on_has_a_batch_too(cast: Cast):
    left = cast.today - timedelta(days=10)
    import_rows(cast, policy_rows(2, agent=GONE), gone=left)
    person = int(org.staff_ids([GONE])["custodian_id"][0])
    assert Batch.objects.get(kind="leave").leaver_id == person
    assert actions.open_cases(by=org.machine(), at=cast.now).cases == 2


@pytest.mark.req("L-01")
def test_formalities_of_a_leave_of_long_ago_open_its_cases(cast: Cast):
    import_rows(cast, policy_rows(2, agent=GONE), gone=cast.today - timedelta(days=200))
    assert actions.open_cases(by=org.machine(), at=cast.now).cases == 0  # the house told them before we came
    person = int(org.staff_ids([GONE])["custodian_id"][0])
    day = cast.today - timedelta(days=3)
    actions.set_formalities(person, day, by=org.machine(), at=cast.now)
    assert set(NoticeCase.objects.values_list("statutory_due_date", flat=True)) == {day + timedelta(days=30)}
    assert NoticeCase.objects.count() == 2
    with pytest.raises(actions.NoticeRefused):
        actions.set_formalities(cast.people[Role.ACCOUNT_MANAGER], day, by=org.machine(), at=cast.now)


def test_a_leave_that_moved_nothing_has_its_batch_once(cast: Cast):
    person = leaves(cast, cast.today)
    leaves(cast, cast.today)
    batch = Batch.objects.get(kind="leave")
    assert (batch.leaver_id, batch.posted) == (person, 0)


@pytest.mark.req("P-13", "L-01")
def test_a_reverted_import_takes_its_leave_back_with_pieces_posts_and_open_cases(cast: Cast):
    with_policies(cast, 3)
    person, clerk = cast.people[Role.ACCOUNT_MANAGER], cast.people[Role.RESOURCE_CLERK]
    before = ImportRun.objects.get().pk
    import_rows(cast, policy_rows(1, agent=GONE, first=20), days_ago=0, leaver=MANAGER, gone=cast.today)
    run = ImportRun.objects.exclude(pk=before).get()
    assert run.counts["moved_by_leaving"] == 3
    assert actions.open_cases(by=clerk, at=cast.now).cases == 3
    assert not org.may_receive(person, cast.today)
    seen = books_queries.preview_revert(run.pk)
    assert (seen.leaves, seen.returned) == (1, 3)
    done = books.revert_import(
        run.pk, reason="名单填错", by=clerk, approved_by=cast.people[Role.BRANCH_MANAGER], at=cast.now
    )
    assert (done.counts["leaves"], done.counts["returned"]) == (1, 3)
    assert org.may_receive(person, cast.today)
    assert org.roles_of(person, cast.today) == {Role.ACCOUNT_MANAGER}
    assert custody.held_counts([person]) == {person: 3}
    assert org.left_dates([person]) == {}
    actions.open_cases(by=org.machine(), at=cast.now)
    assert set(NoticeCase.objects.filter(departure__person=person).values_list("state", flat=True)) == {
        "waived"
    }
    waiver = Waiver.objects.first()
    assert (waiver.asked_by_id, waiver.decided_by_id) == (clerk, cast.people[Role.BRANCH_MANAGER])
    actions.open_cases(by=org.machine(), at=cast.now)
    assert Waiver.objects.count() == 3
    leaves(cast, cast.today)  # and leaves after all, on the very day
    actions.open_cases(by=org.machine(), at=cast.now)
    assert set(NoticeCase.objects.filter(departure__person=person).values_list("state", flat=True)) == {
        "waiting"
    }
