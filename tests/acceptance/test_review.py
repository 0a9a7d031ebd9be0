"""Logs, inspection and the penalty ledger in the database: computed from facts, told, appealed, reversed, read by plans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from review_world import EVERYTHING, FULL, World, make_world
from tuogu.cases import actions as cases_actions
from tuogu.cases import queries as cases
from tuogu.cli import app
from tuogu.core.lots.check import first_fault
from tuogu.core.lots.record import from_bytes
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans
from tuogu.privacy.copying import everything_about
from tuogu.privacy.erasing import erase_elsewhere
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
WHY = "有依据的理由"


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


@pytest.fixture
def all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lot draws everybody."""
    changed = rules.applicable(date.max).replace(inspection__random_share_bp=10_000)
    monkeypatch.setattr(rules, "applicable", lambda _day: changed)


def fact(world: World, key: str, month: date, person: int | None = None) -> tuple[int, str] | None:
    """(value, source) that counts."""
    number = world.cast.numbers[person or world.owner]
    rows = plans.facts_of(EVERYTHING, month, month).filter(
        (pl.col("key") == key) & (pl.col("subject") == number)
    )
    return rows.select("value", "source_ref").row(0) if rows.height else None


def told_of(lines: list[review.PenaltyLine]) -> list[tuple[str, str, int, int]]:
    return sorted((line.req, line.effect, line.person, line.points) for line in lines)


# ---- the log


@pytest.mark.req("S1-32")
def test_a_log_without_the_next_days_plan_fails_and_one_with_it_passes(world):
    world.log(next_plan="")
    assert review.log_of(world.owner, world.day).lacking == ("明日工作计划",)
    world.mark(20)
    first = world.day
    world.next_day()
    world.log()
    world.mark(20)
    days = review.person_days(world.owner, first, world.day)
    assert days.select("log_date", "passed", "why").rows() == [
        (world.day, True, None), (first, False, "缺明日工作计划"),
    ]  # fmt: skip


@pytest.mark.req("S1-32")
def test_a_log_is_the_persons_own_of_today_or_the_working_day_before_until_it_is_marked(world):
    def refused(*args: Any, **more: Any) -> str:
        with pytest.raises(actions.ReviewRefused) as refusal:
            actions.file_log(*args, **more)
        return str(refusal.value)

    own, at, day = world.owner, world.at, world.day
    assert "本人" in refused(own, day, FULL, by=world.supervisor, at=at)
    assert "以后" in refused(own, day + timedelta(days=1), FULL, by=own, at=at)
    assert "空" in refused(own, day, {"work": "  "}, by=own, at=at)
    first = world.log()
    assert world.log() == first  # the same again writes nothing
    assert world.log(work="改过") != first
    assert review.log_of(own, day).number == 2
    world.next_day()
    assert actions.file_log(own, day, FULL, by=own, at=world.at)  # the working day before
    world.mark(18, day)
    assert "批阅" in refused(own, day, FULL, by=own, at=world.at)
    world.next_day()
    assert "前 1 个工作日" in refused(own, day, FULL, by=own, at=world.at)


@pytest.mark.req("L-07", "S1-32")
def test_what_a_log_says_of_a_customer_is_in_the_copy_and_goes_with_the_person(world):
    import_rows(world.cast, policy_rows(2, agent=GONE, first=1))
    one, two = "C000001", "C000002"
    logs = [
        world.log(
            work=f"面访 {one}（张三），想退保\n电话五次",
            collection=f"{two}王五已提醒",
            development="C9999999 不详",
        ),
        world.log(work=f"面访 {one}（张三），想退保\n电话六次", achievement=f"{one} 一项"),
    ]
    world.mark(18)
    actions.report_log(
        world.owner,
        world.day,
        "falsified",
        evidence=f"{one} 说没有见过面\n照片是旧的",
        by=world.supervisor,
        at=world.at,
    )
    copy = everything_about(one)["工作日志"]
    assert copy["内容"].to_list() == [
        f"面访 {one}（张三），想退保", f"面访 {one}（张三），想退保", f"{one} 一项",
    ]  # fmt: skip
    assert everything_about(two)["工作日志"]["内容"].to_list() == [f"{two}王五已提醒"]
    before = review.log_of(world.owner, world.day)
    assert erase_elsewhere([one], by=org.machine(), at=world.at) >= 3
    assert everything_about(one)["工作日志"].is_empty()
    assert everything_about(two)["工作日志"].height == 1
    said = review.log_of(world.owner, world.day)
    assert said.texts["work"] == "电话六次"
    assert "achievement" not in said.texts
    assert said.texts["next_plan"] == FULL["next_plan"]
    assert (said.id, said.filed_at, said.lacking, said.figures) == (
        logs[1], before.filed_at, before.lacking, before.figures,
    )  # fmt: skip
    assert said.reports[0].evidence == "照片是旧的"
    assert erase_elsewhere([one], by=org.machine(), at=world.at) == 0


# ---- who checks


@pytest.mark.req("S1-18")
def test_the_plan_lists_who_is_due_for_whom(world):
    world.log()
    due = review.plan_of(EVERYTHING, world.day).filter(pl.col("custodian_id") == world.owner)
    numbers = world.cast.numbers
    assert dict(due.select("level", "by").iter_rows()) == {
        "supervisor": numbers[world.supervisor], "head": numbers[world.head],
    }  # fmt: skip
    assert [(one.level, one.person) for one in review.due_for(world.supervisor, world.day)] == [
        ("supervisor", world.owner)
    ]
    world.mark(18)
    assert review.due_for(world.supervisor, world.day) == []
    assert [one.level for one in review.due_for(world.head, world.day)] == ["head"]
    world.by_head(18, noted=False)
    assert review.due_for(world.head, world.day) == []
    world.next_day()
    assert "supervisor" in set(review.plan_of(EVERYTHING, world.day)["level"])  # daily
    head = review.plan_of(EVERYTHING, world.day).filter(
        (pl.col("level") == "head") & (pl.col("custodian_id") == world.owner)
    )
    assert head.is_empty()  # once a week


@pytest.mark.req("S1-18")
def test_nobody_checks_the_own_log_or_one_that_is_anothers_to_check(world):
    world.log()
    world.log(world.supervisor)
    found = actions.Found(found_points=1800)
    for person, by, level in (
        (world.owner, world.owner, "supervisor"),
        (world.owner, world.head, "supervisor"),
        (world.owner, world.supervisor, "head"),
        (world.owner, world.manager, "department"),  # no lot drew anybody
    ):
        with pytest.raises(actions.ReviewRefused):
            actions.inspect(level, person, world.day, found, by=by, at=world.at)
    world.mark(18)
    with pytest.raises(actions.ReviewRefused, match="已经批阅"):
        world.mark(20)
    for points in (-1, 2_001):
        with pytest.raises(actions.ReviewRefused, match="0 至 20"):
            actions.inspect(
                "supervisor",
                world.supervisor,
                world.day,
                actions.Found(found_points=points),
                by=world.head,
                at=world.at,
            )


@pytest.mark.req("S1-18", "N-05")
def test_the_random_sample_is_drawn_by_two_parties_and_a_stranger_can_draw_it_again(world, tmp_path):
    world.log()
    assert review.departments_due(EVERYTHING, world.day) == ["D"]
    lot = world.drawn()
    assert review.departments_due(EVERYTHING, world.day) == []
    line = review.lot_of(EVERYTHING, lot)
    drawn = review.drawn_people(lot)
    assert line.settled
    assert len(drawn) == line.count == -(-line.listed // 10)  # a tenth, rounded up
    public = from_bytes(review.lot_record(lot).encode())
    assert first_fault(public) is None
    for person in drawn:
        assert world.cast.numbers[person[1]] not in review.lot_record(lot).replace(
            world.cast.numbers[world.manager], ""
        ).replace(world.cast.numbers[world.quality], "")
    file = tmp_path / "lot.json"
    file.write_text(review.lot_record(lot), encoding="utf-8")
    assert CliRunner().invoke(app, ["draw", "verify", str(file)]).exit_code == 0
    file.write_text(review.lot_record(lot).replace('"count": ', '"count": 1'), encoding="utf-8")
    assert CliRunner().invoke(app, ["draw", "verify", str(file)]).exit_code != 0
    with pytest.raises(actions.ReviewRefused, match="已经发起"):
        actions.open_lot("D", key=b"k" * 32, by=world.manager, at=world.at)
    undrawn = next(
        person
        for person in world.cast.people.values()
        if person not in {p for _n, p in drawn} and person != world.manager
    )
    with pytest.raises(actions.ReviewRefused, match="抽中"):
        actions.inspect(
            "department",
            undrawn,
            world.day,
            actions.Found(outcome="absent"),
            by=world.manager,
            at=world.at,
            lot=lot,
        )


# ---- deductions


@pytest.mark.req("S1-19", "S1-20")
@pytest.mark.parametrize(
    ("found", "head", "expected"),
    [
        (13, None, {}),  # 5 points: below the line
        (12, None, {"owner": 600, "supervisor": 600}),  # 6 points, head has not inspected
        (12, True, {"owner": 600, "supervisor": 600}),  # the head noted it
        (12, False, {"owner": 600, "supervisor": 600, "head": 600}),
        (9, False, {"owner": 600, "supervisor": 600, "head": 600}),
        (8, None, {"owner": 2000, "supervisor": 2000}),  # 10 points
        (8, False, {"owner": 2000, "supervisor": 2000, "head": 1000}),
    ],
)
def test_a_difference_costs_owner_supervisor_and_the_head_who_passed_over_it(
    world, all_drawn, found, head, expected
):
    world.log()
    world.mark(18)
    if head is not None:
        world.by_head(18, noted=head)
    world.random_check(found)
    people = {"owner": world.owner, "supervisor": world.supervisor, "head": world.head}
    lines = world.judged()
    assert {line.person: line.points for line in lines} == {
        people[who]: points for who, points in expected.items()
    }
    assert all(line.req == ("S1-20" if found <= 8 else "S1-19") for line in lines)
    assert world.judged() == lines  # again changes nothing
    assert review.recomputed(world.day).is_empty()  # N-14


@pytest.mark.req("S1-21")
def test_three_missing_logs_in_a_row_are_borne_and_the_fourth_bars_for_good(world):
    world.log()
    for n in range(1, 5):
        world.past_check("lost")
        lines = world.judged()
        assert sum(line.effect == "zero" for line in lines) == n
        assert any(line.effect == "bar" for line in lines) == (n == 4)
        world.next_day()
    barred = next(line for line in world.judged() if line.effect == "bar")
    assert barred.until_date is None
    assert barred.person == world.owner
    month = (barred.from_date.replace(day=1) + timedelta(days=32)).replace(day=1)
    actions.file_withheld(by=org.machine(), at=world.at)
    assert fact(world, "withheld", month) is None  # nobody told the person yet
    world.tell_all()
    actions.file_withheld(by=org.machine(), at=world.at)
    assert fact(world, "withheld", month)[0] == 1
    assert actions.file_withheld(by=org.machine(), at=world.at) == 0  # exactly once


@pytest.mark.req("S1-21")
def test_one_good_check_resets_and_a_recheck_in_time_is_one(world, all_drawn):
    world.log()
    for _ in range(3):
        world.past_check("lost")
        world.next_day()
    world.log()
    absent = world.random_check(None, outcome="absent")
    assert sum(line.effect == "zero" for line in world.judged()) == 3  # may still be shown tomorrow
    world.next_day()
    actions.recheck(absent, actions.Found(found_points=1800), by=world.manager, at=world.at)
    with pytest.raises(actions.ReviewRefused, match="已经重查"):
        actions.recheck(absent, actions.Found(found_points=1800), by=world.manager, at=world.at)
    world.next_day()
    world.past_check("lost")
    assert [line.effect for line in world.judged()] == ["zero"] * 4


# ---- falsified logs, receipts


@pytest.mark.req("S1-35")
def test_a_confirmed_falsified_log_costs_100_yuan_once_and_the_next_quarter(world):
    world.log()
    report = actions.report_log(
        world.owner, world.day, "falsified", evidence=WHY, by=world.supervisor, at=world.at
    )
    assert world.judged() == []  # not confirmed
    for by in (world.supervisor, world.owner):
        with pytest.raises(actions.ReviewRefused, match="另一人"):
            actions.end_report(report, confirmed=True, reason=WHY, by=by, at=world.at)
    actions.end_report(report, confirmed=True, reason=WHY, by=world.quality, at=world.at)
    lines = world.judged()
    assert [(line.effect, line.amount_fen) for line in lines if line.amount_fen] == [("pay", 10_000)]
    withhold = next(line for line in lines if line.effect == "withhold")
    quarter = date(
        world.day.year + world.day.month // 10,
        (world.day.month - 1) // 3 * 3 % 12 + 4 if world.day.month < 10 else 1,
        1,
    )
    assert withhold.from_date == quarter
    world.tell_all()
    actions.roll(by=org.machine(), at=world.at)
    later = (withhold.until_date - timedelta(days=1)).replace(day=1)
    assert fact(world, "withheld", quarter)[0] == fact(world, "withheld", later)[0] == 1
    assert fact(world, "withheld", withhold.until_date) is None
    assert fact(world, "withheld", quarter)[1].startswith("处罚台账：S1-35:withhold:")
    pay = next(line for line in lines if line.effect == "pay")
    actions.appeal(pay.id, reason=WHY, by=world.owner, at=world.at)
    assert review.penalty(pay.id, EVERYTHING, viewer=world.owner).line.state == "appealed"


def handed(world: World, *people: int) -> dict[int, int]:
    """Two policies released to each of these people; person → receipt, as the room `cases` makes it."""
    import_rows(world.cast, policy_rows(2 * len(people), agent=GONE, first=1))
    for place, person in enumerate(people):
        hand_over(world.cast, [f"P{2 * place + n:08d}" for n in (1, 2)], person, key=f"to-{person}")
    cases_actions.tick(by=org.machine(), at=world.at)
    return {
        row.person: row.id
        for row in cases.receipt_page(EVERYTHING, world.owner, view="open", today=world.day)
    }


@pytest.mark.req("S1-34", "N-14")
def test_a_late_or_irregular_receipt_costs_allowance_and_points_and_a_causeless_refusal_the_qualification(
    world,
):
    late, hasty, refuser = world.owner, world.head, world.supervisor
    ids = handed(world, late, hasty, refuser)
    given = world.cast.today

    def act(
        person: int, *acts: str, by: int | None = None, reason: str = "", day: date | None = None
    ) -> None:
        for one in acts:
            cases_actions.acknowledge(ids[person], one, by=by or person, at=world.at, reason=reason, day=day)

    act(late, "signed", "bound", "carded", "registered", "visited")  # everything, but no answer
    act(hasty, "signed", "bound", "feedback")
    act(refuser, "refused", reason=WHY)
    found = {(line.effect, line.person): line for line in world.judged()}
    assert set(found) == {("no_piece_allowance", hasty), ("no_persistency", hasty)}
    irregular = found["no_persistency", hasty]
    assert irregular.detail == "签收不规范：缺建卡、缮制保单资料册、回访"
    assert (irregular.req, irregular.source_kind, irregular.source_ref) == (
        "S1-34",
        "receipt",
        str(ids[hasty]),
    )
    assert irregular.until_date > irregular.from_date == world.day.replace(day=1)
    world.at += timedelta(days=7) - (world.day - given)
    assert len(world.judged()) == 2  # the last day
    world.at += timedelta(days=1)
    found = {(line.effect, line.person): line for line in world.judged()}
    assert set(found) - {("no_piece_allowance", hasty), ("no_persistency", hasty)} == {
        ("no_piece_allowance", late), ("no_persistency", late),
    }  # fmt: skip
    assert found["no_persistency", late].fact_date == given + timedelta(days=8)
    act(late, "feedback", day=given)  # an answer counts on the day on which it comes
    assert len(world.judged()) == 4
    act(refuser, "without_cause", by=world.manager, reason=WHY)
    assert [line.person for line in world.judged() if line.effect == "disqualify"] == [refuser]
    assert review.recomputed(world.day).is_empty()
    lost = next(line for line in world.judged() if line.effect == "disqualify")
    seen = review.penalty(lost.id, EVERYTHING, viewer=world.quality)
    assert seen.concerned == {refuser, world.manager}  # who refused and who ruled do not decide an appeal
    page = world.cast.client_of(world.manager).get(f"/review/penalties/{lost.id}/").content.decode()
    for shown in ("S1-34", "取消保险规划师资格", "无故拒绝接受保单", f"/cases/receipts/{ids[refuser]}/"):
        assert shown in page


# ---- the ledger: told, appealed, decided, reversed; months


@pytest.mark.req("N-14", "S1-19", "S1-32")
def test_a_month_is_filed_once_and_corrected_when_an_appeal_succeeds(world, all_drawn):
    world.log()
    world.mark(18)
    world.random_check(12)
    month = world.day.replace(day=1)
    lines = world.judged()
    own = next(line for line in lines if line.person == world.owner)
    while world.day.replace(day=1) == month:
        world.next_day()
    with pytest.raises(actions.ReviewRefused, match="没有告知"):
        actions.close_month(month, "D", by=world.manager, at=world.at)
    assert world.tell_all() == 2
    first = actions.close_month(month, "D", by=world.manager, at=world.at)
    assert first["filed"] > 0
    assert first["corrected"] == 0
    again = actions.close_month(month, "D", by=world.manager, at=world.at)
    assert (again["filed"], again["corrected"]) == (0, 0)
    assert fact(world, "log_deduction", month)[0] == 600
    rate = fact(world, "log_pass_rate", month)
    assert rate is not None
    assert 0 < rate[0] < 10_000
    assert "篇应填" in rate[1]

    actions.appeal(own.id, reason=WHY, by=world.owner, at=world.at)
    for by in (
        world.owner,
        world.supervisor,
        world.manager,
        world.quality,
    ):  # subject, marker, checker, who told
        with pytest.raises(actions.ReviewRefused):
            actions.decide(own.id, "reverse", reason=WHY, by=by, at=world.at)
    branch = world.cast.people[Role.BRANCH_MANAGER]
    actions.decide(own.id, "reverse", reason=WHY, by=branch, at=world.at)
    assert fact(world, "log_deduction", month) == (0, "处罚台账：已撤销")
    assert fact(world, "log_deduction", month, world.supervisor)[0] == 600  # the other stands
    assert review.recomputed(world.day).is_empty()
    assert world.judged()  # and judging again does not bring it back
    assert review.penalty(own.id, EVERYTHING, viewer=branch).line.state == "reversed"


@pytest.mark.req("N-14")
def test_an_appeal_comes_in_time_and_an_unappealed_penalty_becomes_final(world, all_drawn):
    world.log()
    world.mark(18)
    world.random_check(12)
    lines = world.judged()
    own = next(line for line in lines if line.person == world.owner)
    other = next(line for line in lines if line.person == world.supervisor)
    with pytest.raises(actions.ReviewRefused):
        actions.appeal(own.id, reason=WHY, by=world.owner, at=world.at)  # not told yet
    world.tell_all()
    with pytest.raises(actions.ReviewRefused, match="只有本人"):
        actions.appeal(own.id, reason=WHY, by=world.supervisor, at=world.at)
    world.at += timedelta(days=7)
    actions.appeal(other.id, reason=WHY, by=world.supervisor, at=world.at)  # the last day
    world.at += timedelta(days=1)
    with pytest.raises(actions.ReviewRefused, match="届满"):
        actions.appeal(own.id, reason=WHY, by=world.owner, at=world.at)
    assert actions.expire(by=org.machine(), at=world.at) == 1
    states = {line.person: line.state for line in world.judged()}
    assert states == {world.owner: "final", world.supervisor: "appealed"}


@pytest.mark.req("N-14")
def test_a_reversed_missing_log_takes_the_bar_with_it(world):
    world.log()
    for _ in range(4):
        world.past_check("lost")
        world.next_day()
    lines = world.judged()
    world.tell_all()
    zero = next(line for line in lines if line.effect == "zero")
    actions.appeal(zero.id, reason=WHY, by=world.owner, at=world.at)
    actions.decide(zero.id, "reverse", reason=WHY, by=world.cast.people[Role.BRANCH_MANAGER], at=world.at)
    states = {line.effect: line.state for line in world.judged() if line.effect == "bar"}
    assert states == {"bar": "reversed"}
    assert review.recomputed(world.day).is_empty()


@pytest.mark.req("N-14")
def test_recomputing_finds_what_nobody_filed(world, all_drawn):
    world.log()
    world.mark(18)
    world.random_check(8)
    assert review.recomputed(world.day)["kind"].to_list() == ["missing", "missing"]
    world.judged()
    assert review.recomputed(world.day).is_empty()


def test_a_month_with_unmarked_logs_is_closed_only_with_a_word_of_assent(world):
    world.log()
    month = world.day.replace(day=1)
    while world.day.replace(day=1) == month:
        world.next_day()
    with pytest.raises(actions.ReviewRefused, match="没有批阅"):
        actions.close_month(month, "D", by=world.manager, at=world.at)
    actions.close_month(month, "D", by=world.manager, at=world.at, unmarked_fail=True)
    assert fact(world, "log_pass_rate", month)[0] == 0


def test_what_is_out_of_scope_is_not_there(world, all_drawn):
    world.log()
    world.mark(18)
    world.random_check(8)
    line = world.judged()[0]
    elsewhere = Scope(institution_codes=frozenset({"X"}))
    assert review.penalty_page(elsewhere) == []
    assert review.lots(elsewhere) == []
    with pytest.raises(review.ReviewUnknown):
        review.penalty(line.id, elsewhere, viewer=world.cast.stranger)
