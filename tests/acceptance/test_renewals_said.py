"""What people say of a renewal and what the books prove: a typed renewal waits for its policy, an intention for its contact,
an owner follows a corrected seller; a substitute does a colleague's renewals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from branch import RULEBOOK
from cast import Cast, staff_number
from motor_world import EVERYTHING, SELLER, MotorWorld, Renewals, make_motor
from tuogu import bulk
from tuogu.ledger.kinds import Relation
from tuogu.org import actions as org_acts
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.renewals import actions, clocked, queries
from tuogu.renewals.failures import RenewalRefused
from tuogu.renewals.models import Ended
from tuogu.renewals.taking_back import MotorRows
from tuogu.reports import actions as reports
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EXPIRY = 20
CLERK = staff_number(Role.RESOURCE_CLERK)


@pytest.fixture
def world(cast: Cast) -> MotorWorld:
    return make_motor(cast)


@pytest.fixture
def today(cast: Cast) -> Renewals:
    return Renewals(make_motor(cast).cast)


def text(answer: Any) -> str:
    assert answer.status_code < 400, answer.status_code
    return str(answer.content.decode())


def successor(world: MotorWorld, number: str, **more: Any) -> dict[str, int]:
    """Import the policy that renews V1, under a number."""
    start = more.pop("start_date", world.today + timedelta(days=1))
    row = {
        "policy_number": number, "holder_number": "C000000", "start_date": start,
        "expiry_date": start + timedelta(days=364),
    }  # fmt: skip
    return world.import_motor(row | more)


def stands(world: MotorWorld, number: str) -> list[str]:
    """The outcomes of a case, the newest last; withdrawn ones in brackets."""
    rows = Ended.objects.filter(subject=world.subject(number)).order_by("seq")
    return [f"({row.outcome})" if row.withdrawn else row.outcome for row in rows]


def counted(world: MotorWorld) -> list[str]:
    """Policies that the figures count as renewed."""
    first = world.today.replace(day=1) - timedelta(days=40)
    found = queries.ends(first, first + timedelta(days=200)).filter(outcome="renewed")
    numbers = {world.subject(row.number): row.number for row in queries.motor_page(EVERYTHING)}
    return sorted(numbers[subject] for subject in found["subject_id"])


@pytest.mark.req("S3-17", "S3-23", "S3-16")
def test_a_typed_renewal_counts_once_its_policy_is_imported(world: MotorWorld) -> None:
    """Urged no more, and no figure counts it; the import proves it, without a named predecessor, and hands the owner on."""
    v1, v2 = world.book(EXPIRY, {}, {})
    world.roll()
    for number, new in ((v1, "W1"), (v2, "W2")):
        said = actions.end_case(
            world.subject(number), "renewed", proof="客户出示电子保单", successor_number=new, by=world.manager, at=world.at
        )  # fmt: skip
        assert said == "said"
    assert world.holder(v1) == world.manager, "somebody stays responsible until it is seen"
    world.run_to(EXPIRY + 3)
    assert set(world.fired(v1)) <= {"listed", "sms", "own_contact"}, (
        "nobody urges a customer who says it is done"
    )
    assert counted(world) == []
    waiting = queries.typed_waiting(EVERYTHING, world.today)
    assert [(one.policy_number, one.successor_number, one.days, one.late) for one in waiting] == [
        (v1, "W1", EXPIRY + 3, True), (v2, "W2", EXPIRY + 3, True),
    ]  # fmt: skip
    assert successor(world, "W1", agent_number=CLERK)["motor_renewed"] == 1
    assert (stands(world, v1), counted(world), world.holder(v1)) == (["said", "renewed"], [v1], None)
    assert world.holder("W1", Relation.OWNERSHIP) == world.manager, "for life: whoever sold the first"
    assert world.holder("W1") == world.person(Role.RESOURCE_CLERK)
    assert [one.policy_number for one in queries.typed_waiting(EVERYTHING, world.today)] == [v2]


@pytest.mark.req("S3-17")
def test_a_number_that_does_not_fit_proves_nothing(world: MotorWorld) -> None:
    """Another holder's policy, another car: the statement waits, and the list says so. One's own is counted at once."""
    v1, v2, v3 = world.book(EXPIRY, {}, {"frame_number": "LSVAA4182E2100001"}, {})
    successor(world, "W1", holder_number="C000005")
    successor(world, "W2", holder_number="C000001", frame_number="LSVAA4182E2100002")
    successor(world, "W3", holder_number="C000002", agent_number=CLERK)
    assert world.holder("W3", Relation.OWNERSHIP) == world.person(Role.RESOURCE_CLERK)
    world.day = 1
    told: dict[str, Any] = {"proof": "新保单", "by": world.manager, "at": world.at}
    done = [
        actions.end_case(world.subject(number), "renewed", successor_number=new, **told)
        for number, new in ((v1, "W1"), (v2, "W2"), (v3, "W3"))
    ]
    assert done == ["said", "said", "renewed"]
    assert counted(world) == [v3]
    assert world.holder("W3", Relation.OWNERSHIP) == world.manager, "it renews what the other had sold"
    waiting = queries.typed_waiting(EVERYTHING, world.today)
    assert [(one.policy_number, one.stored) for one in waiting] == [(v1, True), (v2, True)]
    actions.withdraw_end(world.subject(v1), reason="填错了", by=world.leader, at=world.at)
    with pytest.raises(
        RenewalRefused, match="请选择结果"
    ):  # a person says renewed; how it is kept is not said
        actions.end_case(world.subject(v1), "said", successor_number="W1", **told)
    assert world.holder(v1) == world.manager


@pytest.mark.req("S3-17")
def test_a_word_that_the_import_missed_is_found_by_the_day_s_round(world: MotorWorld) -> None:
    """Said and imported in the same moment, neither sees the other."""
    (v1,) = world.book(EXPIRY, {})
    successor(world, "W1")
    Ended.objects.create(
        subject_id=world.subject(v1), seq=1, outcome="said", successor_number="W1", proof="电子保单",
        ended_date=world.today, by_id=world.manager, at=world.at,
    )  # fmt: skip
    world.day = 1
    world.roll()
    assert (stands(world, v1), counted(world), world.holder(v1)) == (["said", "renewed"], [v1], None)


@pytest.mark.req("S3-17", "P-13")
def test_what_people_said_stands_again_when_the_import_is_taken_back(world: MotorWorld) -> None:
    (v1,) = world.book(EXPIRY, {})
    actions.end_case(
        world.subject(v1), "renewed", proof="新保单", successor_number="W1", by=world.manager, at=world.at
    )
    world.day = 1
    successor(world, "W1")
    assert (counted(world), world.holder(v1)) == ([v1], None)
    MotorRows().remove([world.subject("W1")], by=world.city, at=world.at)
    assert stands(world, v1) == ["said", "renewed", "(renewed)", "said"]
    assert (counted(world), world.holder(v1)) == ([], world.manager)
    assert [one.successor_number for one in queries.typed_waiting(EVERYTHING, world.today)] == ["W1"]


@pytest.mark.req("S3-17")
def test_the_house_may_let_a_typed_renewal_count(world: MotorWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    (v1,) = world.book(EXPIRY, {})
    monkeypatch.setattr(rules, "applicable", lambda _on: RULEBOOK.replace(**{"renewal.typed_counts": True}))
    actions.end_case(
        world.subject(v1), "renewed", proof="新保单", successor_number="W1", by=world.manager, at=world.at
    )
    assert (stands(world, v1), counted(world), world.holder(v1)) == (["renewed"], [v1], None)


@pytest.mark.req("S3-17")
def test_the_list_of_what_nobody_has_seen(today: Renewals) -> None:
    """The person types it on the phone; branch and city see it with its age until it is proved or withdrawn."""
    (v1,) = today.stock(20)
    subject = today.subject(v1)
    told = {"outcome": "renewed", "proof": "电子保单", "successor": "W1", "back": "phone"}
    said = text(
        today.cast.client(Role.ACCOUNT_MANAGER).post(f"/renewals/cases/{subject}/end/", told, follow=True)
    )
    assert "新保单导入后才计入续保率" in said
    lead = today.cast.client(Role.TEAM_LEAD)
    page = text(lead.get("/renewals/typed/"))
    assert f'href="/renewals/cases/{subject}/"' in page
    assert ">W1<" in page
    assert "新保单未到 1 件" in text(lead.get("/renewals/branch/"))
    assert "声明已续保，新保单未到" in text(lead.get(f"/renewals/cases/{subject}/"))
    assert f">{v1}<" not in text(lead.get("/renewals/?as=table"))
    assert "已撤回" in text(
        lead.post(f"/renewals/cases/{subject}/withdraw/", {"reason": "没有续保"}, follow=True)
    )
    assert f">{v1}<" in text(lead.get("/renewals/?as=table"))
    assert "没有待见新保单的声明" in text(lead.get("/renewals/typed/"))


@pytest.mark.req("S3-23")
def test_an_order_takes_the_frozen_rate_and_marks_another_one(today: Renewals) -> None:
    """One of two cars of the month before was renewed. Without a frozen month, or against it, a rate has its reason."""
    before = (today.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    expiry = before + timedelta(days=9)
    rows = [
        {"policy_number": f"V{n}", "holder_number": f"C00000{n - 1}", "expiry_date": expiry} for n in (1, 2)
    ]
    today.import_motor(*rows, data_date=before)
    successor(today, "W1", start_date=expiry + timedelta(days=1), previous_number="V1")
    city, month = today.cast.client(Role.RENEWAL_ADMINISTRATOR), f"{before:%Y-%m}"
    url = "/renewals/improvements/order/"

    def ordered(**form: str) -> str:
        return text(city.post(url, {"institution": "T1", "month": month, **form}, follow=True))

    assert "没有冻结的续保率" in ordered()
    reports.freeze_month(before, by=org.machine(), at=today.at + timedelta(hours=1))
    assert "更正续保率须写明理由" in ordered(rate="61.5")
    page = ordered()
    (order,) = queries.improvements(EVERYTHING, today.today)
    assert (order.rate_bp, order.measured_bp, order.reason) == (5_000, 5_000, "")
    assert "更正理由" in page
    corrected = {"institution": "D", "month": month, "rate": "61.5", "reason": "含已出单未入库的"}
    told = text(city.post(url, corrected, follow=True))
    assert "含已出单未入库的" in told
    assert "61.5" in told


@pytest.mark.req("S3-08")
def test_an_intention_waits_for_a_contact_of_this_case(world: MotorWorld) -> None:
    """A talk before the case was listed is none of it."""
    (v1,) = world.book(120, {})
    before = world.talk("C000000")
    world.day = 60
    world.roll()
    with pytest.raises(RenewalRefused, match="请先登记联系"):
        actions.state_intention(world.subject(v1), "will", record=before, by=world.manager, at=world.at)
    now = world.talk("C000000")
    with pytest.raises(RenewalRefused, match="续保联系"):
        actions.state_intention(world.subject(v1), "will", record=before, by=world.manager, at=world.at)
    actions.state_intention(world.subject(v1), "will", record=now, by=world.manager, at=world.at)
    row = queries.one_pipeline(world.subject(v1), world.today).row(0, named=True)
    assert (row["intention"], row["own_contacts"]) == ("will", 1)


@pytest.mark.req("S3-16", "S3-20")
def test_the_owner_follows_a_corrected_seller(world: MotorWorld) -> None:
    """The file of the next day names another seller: the policy and what renewed it are that one's; an inherited right and a
    void one stay."""
    v1, v2 = world.book(EXPIRY, {}, {})
    clerk, expiry = world.person(Role.RESOURCE_CLERK), world.today + timedelta(days=EXPIRY)
    successor(world, "W1", start_date=expiry + timedelta(days=1), previous_number=v1)
    actions.mark_truth("C000001", true=False, found_by="sample", by=world.city, at=world.at)
    assert world.holder("W1", Relation.OWNERSHIP) == world.manager
    world.day = 1
    again = {"holder_number": "C000000", "expiry_date": expiry, "agent_number": CLERK}
    world.import_motor(
        {"policy_number": v1, **again}, {"policy_number": v2, **again, "holder_number": "C000001"}
    )
    assert world.holder(v1, Relation.OWNERSHIP) == clerk
    assert world.holder("W1", Relation.OWNERSHIP) == clerk
    assert world.holder(v2, Relation.OWNERSHIP) == org.buffer_group(), (
        "a right that was void is not handed out again"
    )
    world.day = 2
    successor(
        world,
        "W1",
        start_date=expiry + timedelta(days=1),
        previous_number=v1,
        agent_number=staff_number(Role.TEAM_LEAD),
    )
    assert world.holder("W1", Relation.OWNERSHIP) == clerk, "who renews it does not take the right"


@pytest.mark.req("S3-16")
def test_a_seller_who_has_left_is_shown_beside_the_owner(today: Renewals) -> None:
    """Nobody was known to have sold it, and nobody owned it: a later file names somebody; a person decides."""
    (v1,) = today.stock(40, agent_number=None)
    row = {
        "policy_number": v1, "holder_number": "C000000", "plate_number": "浙B00000", "agent_number": SELLER,
        "expiry_date": today.today + timedelta(days=40),
    }  # fmt: skip
    today.import_motor(row, data_date=today.today + timedelta(days=1))
    page = text(today.cast.client(Role.TEAM_LEAD).get(f"/renewals/cases/{today.subject(v1)}/"))
    assert "资料更正后的业务员是" in page
    assert SELLER in page


@pytest.mark.req("P-05", "S3-08", "S3-12", "S3-17")
def test_a_substitute_does_a_colleague_s_renewals(today: Renewals) -> None:
    """Sees the list, records the contact, answers the urging, reports a risk and the end; the case stays the colleague's."""
    colleague = today.leader
    v1, v2 = today.stock(8, 9, agent_number=staff_number(Role.TEAM_LEAD))
    subject = today.subject(v1)
    for number in (v1, v2):
        actions.confirm(today.subject(number), colleague, scope=EVERYTHING, by=today.leader, at=today.at)
        today.settle(number, "urge")
    phone = today.cast.client(Role.ACCOUNT_MANAGER)
    tap = {"kind": "call", "intention": "will", "client_key": "s-1"}
    assert phone.get(f"/m/renewals/{subject}/").status_code == 404
    org_acts.set_substitute(
        colleague, today.manager, from_date=today.today, until_date=today.today + timedelta(days=7), reason="休假",
        by=org.machine(), at=today.at,
    )  # fmt: skip
    theirs = text(phone.get("/m/renewals/", {"of": staff_number(Role.TEAM_LEAD)}))
    assert f'href="/m/renewals/{subject}/"' in theirs
    assert "负责，你代管" in text(phone.get(f"/m/renewals/{subject}/"))
    assert "已登记联系和续保意向" in text(phone.post(f"/m/renewals/{subject}/", tap, follow=True))
    row = queries.one_pipeline(subject, today.today).row(0, named=True)
    assert (row["intention"], row["own_contacts"], row["custodian_id"]) == ("will", 1, colleague)
    noted = {"what": "代为联系", "back": "phone"}
    assert "代为联系" in text(phone.post(f"/renewals/cases/{subject}/acknowledge/", noted, follow=True))
    risk = {"why": "客户比价", "back": "phone"}
    assert "已列入提交总公司的名单" in text(phone.post(f"/renewals/cases/{subject}/risk/", risk, follow=True))
    help_ = {"asked_of": "leader", "why": "要优惠", "back": "phone"}
    assert "已上报" in text(phone.post(f"/renewals/cases/{subject}/support/", help_, follow=True))
    told = {"outcome": "elsewhere", "proof": "他司保单", "back": "phone"}
    assert "已登记结果和凭证" in text(phone.post(f"/renewals/cases/{subject}/end/", told, follow=True))
    assert today.holder(v1) == colleague


@pytest.mark.req("S3-08", "S3-21")
def test_one_case_reads_what_is_said_of_it_alone(world: MotorWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The book grows over years; a page that asks for one case reads one intention and one mark."""
    numbers = world.book(EXPIRY, {}, {}, {})
    world.roll()
    for place, number in enumerate(numbers):
        record = world.talk(f"C{place:06d}")
        actions.state_intention(world.subject(number), "will", record=record, by=world.manager, at=world.at)
        actions.mark_truth(f"C{place:06d}", true=True, found_by="contact", by=world.city, at=world.at)
    read: dict[str, int] = {}
    fetch = bulk.fetch

    def noted(cursor: Any, schema: Any, sql: str, params: Any = None) -> Any:
        found = fetch(cursor, schema, sql, params)
        read.update(dict.fromkeys(schema, found.height))
        return found

    monkeypatch.setattr(clocked, "fetch", noted)
    (row,) = clocked.cases(world.today, subjects=[world.subject(numbers[1])]).to_dicts()
    assert (row["intention"], row["data_true"]) == ("will", True)
    assert (read["intention"], read["judged"]) == (1, 1)
    assert clocked.cases(world.today)["intention"].to_list() == ["will"] * 3


@pytest.mark.req("S3-08")
def test_what_was_said_last_counts_not_what_was_told_last(world: MotorWorld) -> None:
    """A phone without network tells of the morning's talk when the afternoon's is long filed."""
    (v1,) = world.book(60, {})
    world.roll()
    late = world.talk("C000000")
    early = world.talk("C000000", happened_at=world.at - timedelta(hours=5))
    for record, intention in ((late, "wont"), (early, "will")):
        actions.state_intention(world.subject(v1), intention, record=record, by=world.manager, at=world.at)
    assert queries.one_pipeline(world.subject(v1), world.today)["intention"].to_list() == ["wont"]
    assert [row.intention for row in queries.story(world.subject(v1), world.today).stated] == ["wont", "will"]
