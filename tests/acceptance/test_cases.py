"""Cases run as their tables say: difficult, hard, dispatched, lapsed, papers, hand-over, service with its card."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from case_world import CaseWorld, customer, make_world
from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from tuogu.cases import queries as cases
from tuogu.cases.actions import CaseRefused, open_case, replace_card
from tuogu.cases.deadlines import papers_due
from tuogu.cases.models import Case, CaseStep, ServiceCard
from tuogu.cases.opening import with_state
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()


@pytest.fixture
def world(cast: Cast) -> CaseWorld:
    return make_world(cast)


@pytest.mark.req("S4-04", "S1-31")
def test_a_difficult_case_needs_six_dated_methods_and_two_people_and_goes_to_the_buffer_group(
    world: CaseWorld,
) -> None:
    case = world.open("difficult")
    world.search(case, 5)
    world.take(case, "attempt", method="phone")  # the same method again is no sixth
    with pytest.raises(CaseRefused, match="还缺 1 种：经单位或亲友联系"):
        world.text(case, "report", report="多次联系未果")
    world.take(case, "attempt", method="relations")
    world.text(case, "report", report="多次联系未果")
    assert world.holder() == world.manager, "custody stays until quality has agreed"
    quality = world.person(Role.INSPECTOR)
    with pytest.raises(CaseRefused, match="由品质管理岗办理"):
        world.take(case, "confirm")
    assert world.take(case, "confirm", by=quality).batch is not None
    assert world.holder() == org.buffer_group()
    assert world.state(case) == "confirmed"
    assert ledger.verify().ok
    entry = ledger.told(list(ledger.entries().order_by("-pk")[:1]))[0]
    assert (entry.by, entry.approved_by, entry.rule) == (world.manager, quality, "S1-31")


@pytest.mark.req("S1-31")
@pytest.mark.parametrize(("days", "late"), [(1, False), (0, True), (-1, True)])
def test_a_report_on_the_due_day_or_after_it_is_flagged(world: CaseWorld, days: int, late: bool) -> None:
    opened = [world.open("difficult", place) for place in range(len(world.policies))]
    dues = dict(Case.objects.filter(pk__in=opened).values_list("pk", "due_date"))
    case = next(case for case in opened if dues[case] > world.cast.today)  # one that can still be in time
    due = dues[case]
    world.search(case, 6)
    at = world.cast.now + (due - world.cast.today) - timedelta(days=days)
    world.take(case, "report", at=at, texts={"report": "联系不上"})
    assert CaseStep.objects.get(case_id=case, name="report").facts["late"] is late


@pytest.mark.req("S1-31")
def test_what_moved_since_the_report_is_not_moved_by_its_confirmation(world: CaseWorld) -> None:
    from pool_world import hand_over

    case = world.open("difficult")
    world.search(case)
    world.text(case, "report", report="联系不上")
    hand_over(world.cast, world.policies[:1], world.cast.other, key="elsewhere")
    with pytest.raises(CaseRefused, match="责任人已变动"):
        world.take(case, "confirm", by=world.person(Role.INSPECTOR))
    assert world.holder() == world.cast.other
    world.take(case, "return", by=world.person(Role.INSPECTOR), texts={"reason": "责任人已变动"})
    assert world.state(case) == "searching"


@pytest.mark.req("S4-10")
def test_a_hard_case_goes_to_the_branch_and_after_its_confirmation_to_a_specialist(world: CaseWorld) -> None:
    case = world.open("hard")
    world.text(case, "report", feedback="电话停机，地址查无此人")
    assert world.holder() == world.manager
    world.take(case, "confirm", by=world.person(Role.BRANCH_MANAGER), receiver=world.cast.other)
    assert world.holder() == world.cast.other
    assert world.state(case) == "specialist"


@pytest.mark.req("S4-10")
def test_a_dispatched_piece_changes_custody_only_when_the_branch_approves(world: CaseWorld) -> None:
    case = world.open("dispatched", other=world.cast.other)
    for step, given, by in (
        ("accept", {}, world.cast.other),
        ("serve", {"texts": {"service_record": "上门送达回单"}}, world.cast.other),
        ("propose", {"texts": {"good_result": "客户满意，愿由其服务"}}, world.manager),
    ):
        world.take(case, step, by=by, **given)
        assert world.holder() == world.manager
    with pytest.raises(CaseRefused, match="由分公司办理"):
        world.take(case, "approve")
    world.take(case, "approve", by=world.person(Role.BRANCH_MANAGER))
    assert world.holder() == world.cast.other


@pytest.mark.req("S4-10")
def test_a_dispatched_piece_that_is_refused_stays(world: CaseWorld) -> None:
    case = world.open("dispatched", other=world.cast.other)
    world.take(case, "accept", by=world.cast.other)
    world.text(case, "serve", by=world.cast.other, service_record="一次服务")
    world.text(case, "propose", good_result="客户满意")
    world.text(case, "refuse", by=world.person(Role.BRANCH_MANAGER), reason="片区不符")
    assert (world.holder(), world.state(case)) == (world.manager, "kept")


@pytest.mark.req("S1-30", "S4-20")
def test_a_case_of_a_lapse_is_opened_for_a_lapsed_policy_only(cast: Cast) -> None:
    lapsed = {"state": "lapsed", "lapse_date": cast.today - timedelta(days=1)}
    world = make_world(cast, 1, **lapsed)
    import_rows(cast, policy_rows(1, agent=GONE, first=50))
    hand_over(cast, ["P00000050"], world.manager, key="in-force")
    with pytest.raises(CaseRefused, match=r"在册状态是“有效”.*没有写入任何数据"):
        open_case("lapsed", "P00000050", by=world.manager, at=cast.now)
    assert not Case.objects.exists()
    assert world.state(world.open("lapsed")) == "listed"


@pytest.mark.req("S1-30", "S4-20")
def test_a_reinstatement_counts_only_when_quality_has_approved_the_form(cast: Cast) -> None:
    world = make_world(cast, state="lapsed", lapse_date=cast.today - timedelta(days=40))
    assert world.roll() == 6, "one case for each lapsed orphan in hand"
    assert world.roll() == 0
    case = Case.objects.filter(policy_number=world.policies[0]).values_list("pk", flat=True)[0]
    world.take(case, "receive", signed=True)
    with pytest.raises(CaseRefused, match="还缺：面访记录"):
        world.take(case, "visit")
    missed = world.visit(key="m", outcome="no_show")
    with pytest.raises(CaseRefused, match="只有当面见到客户的才算"):
        world.take(case, "visit", record=missed)
    world.take(case, "visit", record=world.visit())
    again = world.visit(key="w", day=cast.today - timedelta(days=1))
    world.take(case, "revisit", record=again)
    world.text(case, "notice", loss_notice="保障中断，现金价值减少")
    third = world.visit(key="x", day=cast.today - timedelta(days=2))
    world.take(
        case, "file_reinstated", record=third, texts={"form": "已上门复效", "payment": "银行转账回单 881"}
    )
    assert cases.reinstated(date.min, date.max).is_empty(), "not counted before quality has approved"
    assert "本月已审核的复效 0 件" in cast.client(Role.INSPECTOR).get("/cases/quality/").content.decode()
    world.take(case, "approve", by=world.person(Role.INSPECTOR))
    counted = cases.reinstated(date.min, date.max)
    assert counted.select("policy_number", "by").rows() == [(world.policies[0], world.manager)]
    desk = cast.client(Role.INSPECTOR).get("/cases/quality/").content.decode()
    assert "本月已审核的复效 1 件" in desk
    days = CaseStep.objects.filter(case_id=case).values_list("name", "day")
    assert {name for name, _ in days} >= {
        "receive",
        "visit",
        "revisit",
        "notice",
        "file_reinstated",
        "approve",
    }


@pytest.mark.req("S4-35", "S4-23", "S4-41")
def test_papers_are_complete_before_they_are_handed_in_and_delivered_with_proof(world: CaseWorld) -> None:
    case = world.open("papers", topic="death_beneficiary")
    wanted = ["holder_id", "insured_id", "mandate", "policy", "change_form"]
    for paper in wanted[:-1]:
        world.take(case, "add", paper=paper)
    with pytest.raises(CaseRefused, match="还缺：清单所列的全部资料"):
        world.take(case, "complete")
    with pytest.raises(CaseRefused, match="不能“提交柜面”"):
        world.text(case, "submit", receipt="G-1")
    with pytest.raises(CaseRefused, match="清单里没有这一项"):
        world.take(case, "add", paper="holder_id")
    world.take(case, "add", paper=wanted[-1])
    world.take(case, "complete")
    due = cases.case_record(EVERYTHING, 0, case, world.cast.today).row.due_date
    assert due == papers_due(world.cast.today, rules.applicable(world.cast.today))
    assert cases.papers_overdue(EVERYTHING, 0, due) == []
    assert [row.id for row in cases.papers_overdue(EVERYTHING, 0, due + timedelta(days=1))] == [case]
    world.text(case, "submit", receipt="G-1")
    assert CaseStep.objects.get(case_id=case, name="submit").facts["late"] is False
    world.text(case, "decide", by=world.person(Role.RENEWAL_ADMINISTRATOR), outcome="已变更")
    world.text(case, "tell", told="电话告知本人")
    with pytest.raises(CaseRefused, match="还缺：送达凭据"):
        world.take(case, "deliver")
    world.text(case, "deliver", delivery="客户签收批单")
    assert world.state(case) == "delivered"


@pytest.mark.req("S4-23")
@pytest.mark.parametrize(
    ("complete", "calendar", "working"),
    [
        (date(2026, 3, 11), date(2026, 3, 13), date(2026, 3, 13)),  # Wednesday
        (date(2026, 3, 12), date(2026, 3, 16), date(2026, 3, 16)),  # Thursday: Saturday moves to Monday
        (date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 17)),  # Friday: Sunday moves to Monday
        (
            date(2026, 2, 13),
            date(2026, 2, 24),
            date(2026, 2, 24),
        ),  # Friday before the Spring Festival, Saturday at work
    ],
)
def test_the_second_day_over_a_weekend_and_over_the_spring_festival(
    complete: date, calendar: date, working: date
) -> None:
    from branch import RULEBOOK

    assert papers_due(complete, RULEBOOK) == calendar
    counted = RULEBOOK.replace(service__papers_days_count="working")
    assert papers_due(complete, counted) == working


@pytest.mark.req("S1-23", "S1-28", "S1-34")
def test_service_begins_with_the_receipt_and_goes_on_by_its_table(world: CaseWorld) -> None:
    from tuogu.cases.actions import acknowledge

    world.tick()
    receipt = cases.receipts_waiting(world.manager, world.cast.today)[0]
    with pytest.raises(CaseRefused, match="请先签收"):
        acknowledge(receipt.id, "bound", by=world.manager, at=world.cast.now)
    acknowledge(receipt.id, "signed", by=world.manager, at=world.cast.now)
    acknowledge(receipt.id, "carded", by=world.manager, at=world.cast.now)
    rows = with_state(Case.objects.filter(kind="service"))
    assert {row.state for row in rows} == {"carded"}
    case = rows[0].pk
    with pytest.raises(CaseRefused, match="不能“客户回访”"):
        world.take(case, "return_visit", record=1)
    world.take(case, "query")
    with pytest.raises(CaseRefused, match="还缺：客户确认的资料"):
        world.take(case, "confirm")
    world.text(case, "confirm", answers="地址、电话核对无误")
    world.take(case, "complete")
    place = world.policies.index("P" + rows[0].customer_number[1:].rjust(8, "0"))
    world.take(case, "return_visit", record=world.visit(place))
    assert world.take(case, "maintain").state == "maintained"


@pytest.mark.req("S1-28")
def test_a_card_number_is_never_used_again(world: CaseWorld) -> None:
    from tuogu.cases import cards

    number = customer(world.policies[0])
    first = cards.build(number, by=world.manager, at=world.cast.now)
    with pytest.raises(CaseRefused, match="已有服务卡"):
        cards.build(number, by=world.manager, at=world.cast.now)
    second = replace_card(number, reason="客户遗失旧卡", by=world.manager, at=world.cast.now)
    assert second.number > first.number
    assert cases.card_of(number) == second
    for write in (
        lambda: ServiceCard.objects.filter(pk=first.number).delete(),
        lambda: ServiceCard.objects.filter(pk=second.number).update(customer_number="C9"),
        lambda: ServiceCard.objects.create(
            number=first.number, customer_number="C9", by_id=world.manager, at=world.cast.now
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


@pytest.mark.req("S4-34")
def test_a_hand_over_is_signed_by_both_and_its_open_tasks_have_moved(world: CaseWorld) -> None:
    from pool_world import hand_over
    from tuogu.work import actions as work
    from tuogu.work import queries as tasks

    work.roll(by=org.machine(), at=world.cast.now)
    before = {task.id for task in tasks.tasks_of(world.manager, world.cast.today, view="all")}
    assert before
    hand_over(world.cast, world.policies, world.cast.other, key="second")
    assert {task.id for task in tasks.tasks_of(world.cast.other, world.cast.today, view="all")} >= before
    world.tick()
    row = Case.objects.get(kind="hand_over")
    assert (row.former_id, row.other_id) == (world.manager, world.cast.other)
    found = cases.case_record(EVERYTHING, 0, row.pk, world.cast.today)
    assert [policy for policy, _customer in found.lines] == world.policies
    with pytest.raises(CaseRefused, match="还缺：逐项核对的交接清单"):
        world.take(row.pk, "old_signs", checked=found.items[:-1], signed=True)
    with pytest.raises(CaseRefused, match="由原任办理"):
        world.take(row.pk, "old_signs", by=world.cast.other, checked=found.items, signed=True)
    world.take(row.pk, "old_signs", checked=found.items, signed=True)
    done = world.take(row.pk, "new_signs", by=world.cast.other, signed=True)
    assert done.state == world.state(row.pk) == "done"
    marks = CaseStep.objects.filter(case=row, name__in=["old_signs", "new_signs"]).values_list(
        "facts", flat=True
    )
    assert len({facts["digest"] for facts in marks}) == 1, "both signed the same list"
    assert world.tick() == 0


@pytest.mark.req("P-14")
def test_the_income_share_of_each_orphan_assignment_is_filed_once_with_the_rule_of_its_day(
    world: CaseWorld,
) -> None:
    from pool_world import ruled
    from tuogu.cases.models import IncomeShare

    world.tick()
    world.tick()
    entries = list(ledger.entries().filter(kind="release").values_list("pk", flat=True))
    assert cases.shares_of(entries) == dict.fromkeys(entries, 10_000)
    ruled(world.cast, cases__income_share_bp={"combination": 5000, "non_pure": 6000, "pure": 7000})
    assert set(cases.shares_of(entries).values()) == {10_000}, "what is filed stays"
    with pytest.raises(DatabaseError), transaction.atomic():
        IncomeShare.objects.update(share_bp=1)


@pytest.mark.req("S1-23")
def test_the_database_itself_refuses_a_jump_a_gap_and_a_fork(world: CaseWorld) -> None:
    case = world.open("difficult")
    common = {"case_id": case, "by_id": world.manager, "at": world.cast.now, "day": world.cast.today}
    for seq, name, source, target in (
        (2, "confirm", "searching", "confirmed"),  # a jump
        (2, "confirm", "reported", "confirmed"),  # from where it is not
        (3, "attempt", "searching", "searching"),  # a gap
        (1, "attempt", "searching", "searching"),  # a second beginning
        (2, "open", "", "searching"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            CaseStep.objects.create(seq=seq, name=name, source=source, target=target, **common)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_casestep SET target = 'confirmed'")
    assert world.state(case) == "searching"


def test_one_case_of_a_kind_runs_at_a_time(world: CaseWorld) -> None:
    world.open("hard")
    with pytest.raises(CaseRefused, match="已有同类个案在办"):
        world.open("hard")
    first = Case.objects.get(kind="hard").pk
    world.take(first, "reach", method="phone")
    assert world.open("hard") != first


def test_who_has_no_part_opens_and_moves_nothing(world: CaseWorld) -> None:
    with pytest.raises(CaseRefused, match="由责任人立案"):
        world.open("papers", topic="contact", by=world.cast.other)
    case = world.open("papers", topic="contact")
    with pytest.raises(CaseRefused, match="由责任人办理"):
        world.take(case, "add", paper="policy", by=world.cast.other)


@pytest.mark.req("S1-34")
def test_receipts_become_facts_of_the_inspection(world: CaseWorld) -> None:
    from tuogu.cases.actions import acknowledge
    from tuogu.core.inspection.handling import receipt_penalties

    world.tick()
    receipt = cases.receipts_waiting(world.manager, world.cast.today)[0]
    for act in ("signed", "bound", "carded", "visited", "feedback"):  # no register
        acknowledge(receipt.id, act, by=world.manager, at=world.cast.now)
    facts = cases.receipts_for_inspection(world.cast.today, world.cast.today)
    wrong = receipt_penalties(facts, world.cast.today, rules.applicable(world.cast.today))
    assert sorted(wrong["effect"]) == ["no_persistency", "no_piece_allowance"]
    assert set(wrong["detail"]) == {"签收不规范：缺缮制保单资料册"}


@pytest.mark.req("S1-34")
def test_a_refusal_is_ruled_on_by_the_supervisor(world: CaseWorld) -> None:
    from tuogu.cases.actions import acknowledge

    world.tick()
    receipt = cases.receipts_waiting(world.manager, world.cast.today)[0]
    acknowledge(receipt.id, "refused", reason="片区太远", by=world.manager, at=world.cast.now)
    with pytest.raises(CaseRefused, match="由主管认定"):
        acknowledge(receipt.id, "with_cause", reason="路程过远", by=world.manager, at=world.cast.now)
    lead = world.person(Role.TEAM_LEAD)
    acknowledge(receipt.id, "without_cause", reason="在服务区内", by=lead, at=world.cast.now)
    facts = cases.receipts_for_inspection(world.cast.today, world.cast.today)
    assert facts.select("refused_date", "with_cause").rows() == [(world.cast.today, False)]
