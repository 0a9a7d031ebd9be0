"""Motor books, monthly lists, claims and registers against a database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

import motor_books
from motor_books import City, make_city, moment, row, store
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import actions, queries
from tuogu.renewals.actions import RenewalRefused, RenewalUnknown
from tuogu.renewals.models import FiredStep, ListedCase, MonthlyList, MotorPolicy, Naming, TruthMark

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALL = Scope.everything()
STORED, RUN = date(2026, 2, 20), date(2026, 3, 1)
FAR = RUN + timedelta(days=80)


@pytest.fixture
def city() -> City:
    return make_city()


def subject(number: str) -> int:
    return int(MotorPolicy.objects.get(number=number).pk)


def holder(number: str, relation: str = Relation.CUSTODY) -> int | None:
    found = custody.relations_of(subject(number)).get(relation)
    return found.custodian_id if found else None


def roll_to(first: date, last: date) -> None:
    """Every day's round."""
    for offset in range((last - first).days + 1):
        at = moment(first + timedelta(days=offset), 1)
        actions.roll_lists(by=org.machine(), at=at)
        actions.roll_claims(by=org.machine(), at=at)
        actions.roll_registers(by=org.machine(), at=at)


@pytest.mark.req("S3-16", "S3-20")
def test_a_book_opens_custody_with_the_seller_in_post_and_keeps_the_owner(city: City) -> None:
    book = [
        row("P1", FAR),
        row("P2", FAR, agent_number="LEFT"),
        row("P3", FAR, agent_number=None),
        row("P4", FAR, agent_number="X9"),
    ]
    done = store(*book, day=STORED)
    assert done == {
        "motor_new": 4, "motor_updated": 0, "motor_same": 0, "motor_stale": 0, "motor_renewed": 0, "motor_buffer": 3,
    }  # fmt: skip
    assert (holder("P1"), holder("P1", Relation.OWNERSHIP)) == (city.ids["A1"], city.ids["A1"])
    assert (holder("P2"), holder("P2", Relation.OWNERSHIP)) == (org.buffer_group(), city.ids["LEFT"])
    assert {holder("P3"), holder("P4")} == {org.buffer_group()}
    assert holder("P3", Relation.OWNERSHIP) is None
    assert store(*book, day=STORED)["motor_same"] == 4
    stored = list(MotorPolicy.objects.order_by("pk").values_list("plate_sealed", "stored_at"))
    store(*book, day=STORED)
    assert list(MotorPolicy.objects.order_by("pk").values_list("plate_sealed", "stored_at")) == stored
    plate, frame = queries.vehicles([subject("P1")], clear=True)[subject("P1")]
    assert (plate, frame) == (row("P1", FAR)["plate_number"], row("P1", FAR)["frame_number"])
    assert queries.vehicles([subject("P1")])[subject("P1")][0] == f"{plate[:2]}***{plate[-2:]}"


@pytest.mark.req("S3-20")
def test_newer_data_win_older_are_stale_and_every_change_has_its_line(city: City) -> None:
    store(row("P1", FAR), day=STORED)
    assert store(row("P1", FAR, channel="代理"), day=STORED)["motor_stale"] == 1
    assert store(row("P1", FAR, channel="代理"), day=STORED - timedelta(days=9))["motor_stale"] == 1
    done = store(row("P1", FAR, channel="代理", plate_number="浙B99999"), day=STORED + timedelta(days=1))
    assert done["motor_updated"] == 1
    assert [(c.field, c.before, c.after, c.why) for c in queries.changes(subject("P1"))] == [
        ("channel", "直销", "代理", "import"), ("plate_number", "", "", "import"),
    ]  # fmt: skip
    assert queries.vehicles([subject("P1")], clear=True)[subject("P1")][0] == "浙B99999"
    store(row("P1", FAR, channel="代理", plate_number="浙B99999"), day=STORED + timedelta(days=5))
    assert (
        store(row("P1", FAR), day=STORED + timedelta(days=4))["motor_stale"] == 1
    )  # said again, it is of the later day


@pytest.mark.req("S3-16", "S3-20")
def test_a_renewal_ends_the_policy_before_with_its_proof_and_the_owner_stays(city: City) -> None:
    car = {"frame_number": "LSVAA4182E2184847", "holder_number": "C1"}
    store(
        row("OLD", FAR, **car),
        row("SOLD", FAR, frame_number="LSVAA4182E2184848", holder_number="C2"),
        day=STORED,
    )
    last = FAR + timedelta(days=365)
    done = store(
        row("NEW", last, **car, agent_number="B1", plate_number="浙B77777"),
        row("NAMED", last, agent_number="B1", previous_number="SOLD", holder_number="C9"),
        day=STORED + timedelta(days=60),
    )  # fmt: skip
    assert done["motor_renewed"] == 2
    assert (holder("NEW"), holder("NEW", Relation.OWNERSHIP)) == (
        city.ids["B1"],
        city.ids["A1"],
    )  # responsible B, owner A
    assert holder("OLD") is None
    old = queries.motor_policy(ALL, subject("OLD"))
    assert old is not None
    assert old.outcome == "renewed"
    assert ("plate_number", "renewed") in [(c.field, c.why) for c in queries.changes(subject("NEW"))]
    again = store(
        row("NEW", last, **car, agent_number="B1", plate_number="浙B77777"), day=STORED + timedelta(days=60)
    )
    assert again["motor_renewed"] == 0


@pytest.mark.req("S3-16")
def test_the_right_for_life_is_void_once_the_data_are_proven_untrue(city: City) -> None:
    store(row("OLD", FAR, holder_number="C1"), day=STORED)
    TruthMark.objects.create(
        customer_number="C1", true=False, found_by="sample", by_id=city.machine, at=moment(STORED)
    )
    store(
        row("NEW", FAR + timedelta(days=365), holder_number="C1", agent_number="B1", previous_number="OLD"),
        day=STORED + timedelta(days=60),
    )  # fmt: skip
    assert holder("NEW", Relation.OWNERSHIP) == city.ids["B1"]


@pytest.mark.req("S3-16")
def test_another_holder_of_the_same_car_renews_nothing(city: City) -> None:
    frame = "LSVAA4182E2184847"
    store(row("OLD", FAR, frame_number=frame), day=STORED)
    done = store(row("NEW", FAR + timedelta(days=365), frame_number=frame), day=STORED + timedelta(days=60))
    assert done["motor_renewed"] == 0
    assert holder("OLD") == city.ids["A1"]


@pytest.mark.req("S3-03", "S3-04", "S3-06")
def test_nobody_is_left_without_a_responsible_person_after_the_open_round(city: City) -> None:
    store(
        row("SELLER", FAR), row("GONE", FAR, agent_number="LEFT"), row("CITY", FAR, agent_number=None),
        row("EMPTY", FAR, agent_number=None, institution_code="D3"), row("NEXT", FAR + timedelta(days=31)), day=STORED,
    )  # fmt: skip
    roll_to(STORED, date(2026, 3, 6))
    assert set(ListedCase.objects.values_list("subject__number", flat=True)) == {
        "SELLER",
        "GONE",
        "CITY",
        "EMPTY",
    }
    assert not FiredStep.objects.filter(step="claim_late").exists()  # the fifth day is the branch's own
    assert [(w.institution_code, w.waiting, w.unknown) for w in queries.waiting_by_branch(ALL)] == [
        ("D1", 3, 2), ("D3", 1, 1),
    ]  # fmt: skip
    actions.confirm(
        subject("GONE"),
        city.ids["A2"],
        scope=ALL,
        note="原业务员交接",
        by=city.ids["A1"],
        at=moment(date(2026, 3, 6)),
    )
    early = actions.claim(["CITY"], by=city.ids["B1"], at=moment(date(2026, 3, 6)))
    assert [one.done for one in early] == [False]
    roll_to(date(2026, 3, 7), date(2026, 3, 7))
    late = FiredStep.objects.filter(step="claim_late").values_list("subject__number", "due_date")
    assert set(late) == {(number, date(2026, 3, 7)) for number in ("SELLER", "CITY", "EMPTY")}
    opened = FiredStep.objects.filter(step="city_open").values_list("subject__number", flat=True)
    assert set(opened) == {"CITY", "EMPTY"}  # a person in post has the other
    assert [row_.number for row_ in queries.open_to_city(date(2026, 3, 7))] == ["CITY", "EMPTY"]
    assert actions.claim(["CITY", "SELLER", "NEXT"], by=city.ids["B1"], at=moment(date(2026, 3, 8)))[0].done
    roll_to(date(2026, 3, 8), date(2026, 3, 11))
    assert holder("EMPTY") == org.buffer_group()
    roll_to(date(2026, 3, 12), date(2026, 3, 12))
    people = set(city.ids.values())
    assert {holder(n) in people for n in ("SELLER", "GONE", "CITY", "EMPTY")} == {True}
    notes = {n.subject.number: n.note for n in Naming.objects.select_related("subject")}
    assert set(notes) == {"SELLER", "GONE", "CITY", "EMPTY"}
    assert "现责任人不变" in notes["SELLER"]
    assert "全辖可接收 4 人" in notes["EMPTY"]
    before = Naming.objects.count(), FiredStep.objects.count()
    roll_to(date(2026, 3, 12), date(2026, 3, 13))
    assert (Naming.objects.count(), FiredStep.objects.count()) == before


@pytest.mark.req("S3-05")
def test_a_register_is_locked_on_the_fifteenth_and_amended_afterwards(city: City) -> None:
    store(row("P1", FAR), row("P2", FAR, agent_number=None), day=STORED)
    roll_to(RUN, RUN)
    with pytest.raises(RenewalRefused):
        actions.file_register("D1", RUN, scope=ALL, by=city.ids["A1"], at=moment(RUN))  # two wait
    actions.confirm(
        subject("P2"), city.ids["A2"], scope=ALL, note="查到原渠道", by=city.ids["A1"], at=moment(RUN)
    )
    roll_to(date(2026, 3, 2), date(2026, 3, 14))
    assert queries.registers(ALL) == []
    roll_to(date(2026, 3, 15), date(2026, 3, 15))
    (head,) = queries.registers(ALL)
    record = queries.register(ALL, head.id)
    assert (head.locked_date, head.lines, head.amendments, record.sound) == (date(2026, 3, 15), 2, 0, True)
    assert {(line.number, line.person, line.source_found) for line in record.lines} == {
        ("P1", city.ids["A1"], ""), ("P2", city.ids["A2"], "查到原渠道"),
    }  # fmt: skip
    with pytest.raises(RenewalRefused):  # a change says why
        actions.confirm(
            subject("P2"), city.ids["A1"], scope=ALL, by=city.ids["A1"], at=moment(date(2026, 3, 16))
        )
    actions.confirm(
        subject("P2"),
        city.ids["A1"],
        scope=ALL,
        note="A2 请假",
        by=city.ids["A1"],
        at=moment(date(2026, 3, 16)),
    )
    changed = queries.register(ALL, head.id)
    amended = {line.number: [(a.person, a.reason) for a in line.amended] for line in changed.lines}
    assert amended == {"P1": [], "P2": [(city.ids["A1"], "A2 请假")]}
    assert (changed.head.digest, changed.sound) == (head.digest, True)
    with pytest.raises(RenewalUnknown):
        queries.register(Scope(institution_codes=frozenset({"D2"})), head.id)


@pytest.mark.req("S3-05", "S3-03")
def test_a_list_sent_after_the_fifteenth_leaves_its_days_for_filing(city: City) -> None:
    """A-25: a second book comes on the 22nd. The register that is locked stays; that of a branch which got its first list
    now is open for the claim period, and can be filed meanwhile."""
    late = date(2026, 3, 22)
    store(row("P1", FAR), day=STORED)
    roll_to(RUN, date(2026, 3, 21))
    store(
        row("P2", FAR), row("Q1", FAR, institution_code="D2", agent_number="B1"),
        row("R1", FAR, institution_code="D3", agent_number="B1"), day=late,
    )  # fmt: skip
    actions.run_list(late, by=city.machine, at=moment(late, 1))
    roll_to(late, date(2026, 3, 26))
    assert [(one.institution_code, one.locked_date) for one in queries.registers(ALL)] == [
        ("D1", date(2026, 3, 15))
    ]
    actions.confirm(subject("Q1"), city.ids["B1"], scope=ALL, by=city.ids["B1"], at=moment(date(2026, 3, 26)))
    actions.file_register("D2", RUN, scope=ALL, by=city.ids["B1"], at=moment(date(2026, 3, 26)))
    roll_to(date(2026, 3, 27), date(2026, 3, 27))
    locked = {one.institution_code: (one.locked_date, one.by) for one in queries.registers(ALL)}
    assert locked == {
        "D1": (date(2026, 3, 15), city.machine), "D2": (date(2026, 3, 26), city.ids["B1"]),
        "D3": (date(2026, 3, 27), city.machine),
    }  # fmt: skip


@pytest.mark.req("S3-04")
def test_a_branch_names_its_own_people_for_its_own_policies(city: City) -> None:
    store(row("P1", FAR, agent_number=None), day=STORED)
    roll_to(RUN, RUN)
    at, own = moment(RUN), Scope(institution_codes=frozenset({"D1"}))
    with pytest.raises(RenewalUnknown):
        actions.confirm(
            subject("P1"),
            city.ids["B1"],
            scope=Scope(institution_codes=frozenset({"D2"})),
            by=city.ids["B2"],
            at=at,
        )
    for outsider in ("B1", "LEFT"):
        with pytest.raises(RenewalRefused):
            actions.confirm(subject("P1"), city.ids[outsider], scope=own, by=city.ids["A1"], at=at)
    assert not Naming.objects.exists()
    actions.confirm(subject("P1"), city.ids["A1"], scope=own, by=city.ids["A1"], at=at)
    assert holder("P1") == city.ids["A1"]


@pytest.mark.req("S3-03")
def test_missed_runs_are_caught_up_and_the_same_run_twice_changes_nothing(city: City) -> None:
    store(*(row(f"P{i}", RUN + timedelta(days=30 * i)) for i in range(1, 6)), day=STORED)
    at = moment(date(2026, 5, 20))
    assert actions.roll_lists(by=city.machine, at=moment(RUN)) == 3
    assert actions.roll_lists(by=city.machine, at=at) == 2
    assert list(MonthlyList.objects.order_by("run_date").values_list("run_date", flat=True)) == [
        RUN, date(2026, 4, 1), date(2026, 5, 1),
    ]  # fmt: skip
    assert actions.roll_lists(by=city.machine, at=at) == 0
    assert actions.run_list(RUN, by=city.machine, at=at).already
    assert ListedCase.objects.count() == 5
    with pytest.raises(RenewalRefused):
        actions.run_list(date(2026, 5, 21), by=city.machine, at=at)


@pytest.mark.req("S3-07")
def test_a_new_rulebook_changes_only_later_lists(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from branch import RULEBOOK
    from tuogu.rules import queries as rules

    store(row("P1", FAR), row("P2", FAR + timedelta(days=31)), day=STORED)
    roll_to(RUN, RUN)
    quick = RULEBOOK.replace(**{"renewal.claim_days": 2})
    changed = (
        type(quick)(**{**vars(quick), "version": "quick"}) if quick.version == RULEBOOK.version else quick
    )
    monkeypatch.setattr(rules, "applicable", lambda on: changed if on >= date(2026, 3, 3) else RULEBOOK)
    monkeypatch.setattr(rules, "adopted_days", lambda: [date(2026, 3, 3)])
    roll_to(date(2026, 3, 2), date(2026, 4, 1))
    due = dict(ListedCase.objects.values_list("subject__number", "claim_due_date"))
    assert due == {"P1": date(2026, 3, 6), "P2": date(2026, 4, 3)}
    assert FiredStep.objects.get(subject=subject("P1"), step="claim_late").due_date == date(2026, 3, 7)


@pytest.mark.req("S3-06")
def test_who_leaves_is_followed_by_somebody_of_the_branch_the_same_day(city: City) -> None:
    from tuogu.ledger import actions as ledger

    store(row("P1", FAR), day=STORED)
    roll_to(RUN, date(2026, 3, 20))
    ledger.leave(
        city.ids["A1"],
        leave_date=date(2026, 3, 21),
        recorded_at=moment(date(2026, 3, 21)),
        by=city.machine,
        rule="S0-25",
    )
    assert holder("P1") == org.buffer_group()
    roll_to(date(2026, 3, 21), date(2026, 3, 21))
    assert holder("P1") == city.ids["A2"]
    assert holder("P1", Relation.OWNERSHIP) == city.ids["A1"]


def test_pages_go_by_expiry_and_a_scope_hides_the_rest(city: City) -> None:
    rows: list[dict[str, Any]] = [row(f"P{i}", FAR + timedelta(days=i % 3)) for i in range(7)]
    store(*rows, row("Q1", FAR, institution_code="D2", agent_number="B1"), day=STORED)
    own = Scope(institution_codes=frozenset({"D1"}))
    first = queries.motor_page(own, size=4)
    rest = queries.motor_page(own, after=(first[-1].expiry_date, first[-1].subject), size=9)
    assert [r.number for r in first + rest] == ["P0", "P3", "P6", "P1", "P4", "P2", "P5"]
    assert queries.counts(own)["policies"] == 7
    assert queries.motor_policy(own, subject("Q1")) is None
    mine = Scope(custodian_ids=frozenset({city.ids["B1"]}))
    assert [r.number for r in queries.motor_page(mine)] == ["Q1"]
    assert [
        r.number for r in queries.motor_page(own, queries.MotorFilter(plate=rows[2]["plate_number"]))
    ] == ["P2"]
    assert queries.motor_of_customer(own, "CP1")[0].number == "P1"
    assert queries.counts(own)["live"] == 7
    for state in queries.STATES:
        queries.motor_page(own, queries.MotorFilter(state=state))
    assert queries.numbers_outside(own, ["P1", "Q1", "NEW"]) == {"Q1"}


def test_the_auditor_reads_what_happened(city: City) -> None:
    store(row("P1", FAR), day=STORED)
    roll_to(RUN, RUN)
    tables = queries.audit_tables(RUN, RUN)
    assert tables["车险清单明细"]["保单号"].to_list() == ["P1"]
    assert pl.concat([t.select(pl.len()) for t in tables.values()]).sum().item() >= 3


def test_the_room_keeps_no_plate_in_clear(city: City) -> None:
    store(row("P1", FAR, plate_number="浙B12345"), day=STORED)
    stored = MotorPolicy.objects.get()
    assert "浙B12345".encode() not in bytes(stored.plate_sealed) + bytes(stored.plate_hash)
    assert motor_books.motor(row("P1", FAR)).height == 1
