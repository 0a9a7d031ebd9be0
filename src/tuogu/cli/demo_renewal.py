"""Motor renewal in the demo: a book, lists that went out, claims, contacts, second rounds, the lapsed, a sample.

In: the people of the demo, a synthetic motor book. Out: acts of the room, each by the person whose work it is; most desks
keep something open. Never: an act that the room would not let that person do; a real car.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from tuogu.cli import demo_motor_past
from tuogu.core.draw import SALT_BYTES, commitment
from tuogu.org import queries as org
from tuogu.plans import actions as draws
from tuogu.privacy import actions as privacy
from tuogu.renewals import actions, queries
from tuogu.work import actions as work
from tuogu.work.kinds import Kind, Outcome, Purpose, Reason
from tuogu.work.said import Said

if TYPE_CHECKING:
    from datetime import date

    from tuogu.cli.demo_month import Month

# days ago: dealt and locked by now; within the open round of the city; today's, within the claim of the branches
_LISTED_BEFORE = (38, 7, 0)
_LISTED_MAX = 1_000  # of a list in the demo
_EARLIER = timedelta(minutes=5)
_CONFIRMED = 60  # cases that the branches confirmed in time
_OF_MANAGER = 12  # one policy in so many was sold by the account manager, so that the phone has work
_KEY = b"tuogu demo lots!"


def renew(month: Month, book: pl.DataFrame, described: date) -> None:
    """Everything, in the order in which it happens. `book`: MOTOR rows as of a day, `demo_motor_past.shaped`."""
    machine, keeper = org.machine(), month.who("renewal_administrator")
    before = month.at - _EARLIER  # what people do follows what the clock did
    privacy.register_party(
        "sms_gateway", name="短信平台", purpose="续保提醒短信", ground="contract", assessed_date=month.today,
        assessment_ref="评估2026-02", until_date=month.days(365), by=month.who("privacy_officer"), at=month.at,
    )  # fmt: skip
    sold = _sold(book, demo_motor_past.over(book, described), month)
    past = demo_motor_past.over(sold, described)
    demo_motor_past.listed(month, past)
    actions.import_motor(sold, data_date=described, by=month.who("resource_clerk"), at=before)
    demo_motor_past.ended(month, past, keeper)
    demo_motor_past.learned(month)
    for days in _LISTED_BEFORE:
        actions.run_list(month.days(-days), by=machine, at=month.at - timedelta(days=days))
    _confirmed(month)
    actions.roll(by=machine, at=before)
    _contacts(month)
    _endings(month, keeper)
    _second_round(month)
    _called_out(month, keeper)
    _sampled(month, keeper, described)
    _kept_to(month, keeper, described)
    actions.tick(by=machine, at=month.at)


def _sold(book: pl.DataFrame, past: pl.DataFrame, month: Month) -> pl.DataFrame:
    """The account manager has sold some of what is not over; nobody at a desk has sold any, so that all may judge."""
    number = month.people["account_manager"].staff_number
    staff = org.people(month.scope, month.today).filter(staff_number=number)
    place = staff["institution_code"][0]
    own = pl.int_range(pl.len()) % _OF_MANAGER == 0
    own &= ~pl.col("frame_number").is_in(past["frame_number"].implode())
    desks = [person.staff_number for person in month.people.values()]
    sellers = pl.when(~pl.col("agent_number").is_in(desks)).then("agent_number")
    return book.with_columns(
        agent_number=pl.when(own).then(pl.lit(number)).otherwise(sellers),
        institution_code=pl.when(own).then(pl.lit(place)).otherwise("institution_code"),
    )


def _confirmed(month: Month) -> None:
    """Branches confirm whom they have; those whom nobody confirmed are open to the city now."""
    _todays, open_now, *_older = queries.lists(month.scope)
    rows = queries.list_cases(month.scope, open_now.id, size=_LISTED_MAX, waiting=True)
    done = 0
    for row in rows:
        subject, person = row.subject, row.responsible
        if person is None or person not in queries.people_of(row.institution_code, month.at):
            continue
        actions.confirm(
            subject, person, scope=month.scope, by=month.who("branch_manager"),
            at=month.at - timedelta(days=_LISTED_BEFORE[1] - 2),
        )  # fmt: skip
        done += 1
        if done == _CONFIRMED:
            return


def _contacts(month: Month) -> None:
    """The account manager has talked with some customers: will renew, undecided, will not; and took note of an urging."""
    person = month.who("account_manager")
    own = queries.own_pipeline(person, month.today).sort("expiry_date", "subject_id")
    said = ("will", "undecided", "wont")
    rows = own.unique("holder_number", maintain_order=True).head(len(said))
    for (subject, customer), intention in zip(
        rows.select("subject_id", "holder_number").iter_rows(), said, strict=False
    ):
        talk = Said(
            f"demo-renewal-{subject}", customer, Kind.CALL, Outcome.REACHED, Reason.DUE, month.at, purpose=Purpose.RENEWAL
        )  # fmt: skip
        record = work.record(talk, by=person, at=month.at).record_id
        actions.state_intention(subject, intention, record=record, by=person, at=month.at)
    for fired in queries.urgings(person)["fired"].to_list()[:1]:
        actions.acknowledge(fired, what="已约客户明天办理", by=person, at=month.at)
    for subject in own["subject_id"].to_list()[-1:]:
        actions.ask_support(subject, "leader", why="车队大客户要求到店签约", by=person, at=month.at)


def _endings(month: Month, keeper: int) -> None:
    """Insured elsewhere, scrapped, renewed as customers say, each with its proof; of the lapsed some data proved true, some
    not."""
    lapsed = queries.lapsed_register(month.scope, month.today, true=None)
    lately = lapsed.filter(pl.col("expiry_date") > month.today - demo_motor_past.OVER)
    rows = lately.unique("holder_number", maintain_order=True).head(6)
    subjects, holders = rows["subject_id"].to_list(), rows["holder_number"].to_list()
    for subject, outcome, proof in zip(
        subjects[:2], ("elsewhere", "scrapped"), ("客户出示的外公司保单照片", "报废回收证明"), strict=False
    ):
        actions.end_case(subject, outcome, proof=proof, by=keeper, at=month.at)
    own = queries.own_pipeline(month.who("account_manager"), month.today)
    for place, subject in enumerate(own.sort("expiry_date", "subject_id")["subject_id"].to_list()[-3:-1], 1):
        actions.end_case(  # said by the customer; the new policy is not in the books yet
            subject, "renewed", proof="客户出示的电子保单", successor_number=f"NB2026{place:06d}", by=keeper, at=month.at
        )  # fmt: skip
    for holder, true in zip(holders[2:], (True, True, False, False), strict=False):
        actions.mark_truth(
            holder, true=true, found_by="return_visit", note="电话回访", by=keeper, at=month.at
        )


def _second_round(month: Month) -> None:
    """The leader's final word: one can, two cannot; one of these was claimed by a colleague, the other waits."""
    leader = month.who("branch_manager")
    waiting = queries.finals_waiting(month.scope, month.today)
    for row, can in zip(waiting, (True, False, False), strict=False):
        why = "客户已答应续保" if can else "联系不上客户"
        actions.confirm_final(row.subject_id, can_renew=can, why=why, by=leader, at=month.at)
    for second in queries.second_waiting(month.scope, month.at)[:1]:
        near = queries.second_people(second.subject_id, second.round, second.institution_code)
        people = sorted(near & queries.people_of(second.institution_code, month.at))
        if people:
            actions.claim_second(second.subject_id, people[0], by=leader, at=month.at)


def _called_out(month: Month, keeper: int) -> None:
    """What is likely to be lost goes to head office; one result came back."""
    person = month.who("account_manager")
    own = queries.own_pipeline(person, month.today).filter(pl.col("expiry_date") >= month.today)
    *some, last = own.sort("expiry_date", "subject_id")["subject_id"].to_list()[2:6]
    for subject in some:
        actions.report_risk(subject, why="客户比价后倾向外公司", by=person, at=month.at)
    listed = actions.make_call_out(month.scope, by=keeper, at=month.at)
    lines = queries.call_out_lines(listed, month.scope)["line"].to_list()
    actions.file_result(lines[0], "undecided", note="希望优惠", by=month.who("call_centre"), at=month.at)
    actions.report_risk(last, why="客户准备卖车", by=person, at=month.at)  # waits for the next list


def _sampled(month: Month, keeper: int, described: date) -> None:
    """The sample of the month before, drawn by two parties; three customers were called."""
    draw = actions.open_sample(described, key=_KEY, by=keeper, at=month.at)
    parties = [(keeper, b"k" * 32), (month.who("inspector"), b"i" * 32)]
    for person, seed in parties:
        draws.commit_draw(draw, commitment=commitment(seed[:SALT_BYTES], seed), by=person, at=month.at)
    for person, seed in parties:
        draws.reveal_draw(draw, salt=seed[:SALT_BYTES], seed=seed, by=person, at=month.at)
    actions.take_sample(draw, described, by=keeper, at=month.at)
    answers = ((True, True, True, True), (True, False, True, True), (False, False, True, False))
    for row, (true, done, kept, satisfied) in zip(
        queries.sample(described, month.scope), answers, strict=False
    ):
        actions.file_answers(
            row.id, data_true=true, service_done=done, procedure_kept=kept, satisfied=satisfied,
            by=month.who("inspector"), at=month.at,
        )  # fmt: skip


def _kept_to(month: Month, keeper: int, described: date) -> None:
    """A branch with a low rate has said why; the year's policy stands, a change of it waits for the second person."""
    order = actions.order_improvement(
        month.institution,
        described,
        measured_bp=None,
        corrected_bp=5_600,
        reason="该月尚未冻结，按业务系统的数",
        by=keeper,
        at=month.at,
    )
    leader = month.who("branch_manager")
    actions.file_improvement(order, "causes", text="到期前联系偏晚，部分电话失效", by=leader, at=month.at)
    policy = actions.file_policy(month.today.year, "按月续保率排名，季度兑现奖励", by=keeper, at=month.at)
    actions.approve_policy(policy, by=leader, at=month.at)
    actions.file_policy(
        month.today.year, "增加二次分配续回奖励", reason="鼓励接手流失风险业务", by=keeper, at=month.at
    )
