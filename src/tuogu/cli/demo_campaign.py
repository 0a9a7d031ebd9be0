"""The repurchase campaign of the demo, in operation since last month: filings, first wave, further policies, weekly reports,
a frozen ranking, visits.

In: the draft of its quotas, the people of the demo, the day. Out: acts of the rooms, each at its own moment by the person
whose work it is; some wait for a visitor of the demo. Never: a purchase before the first wave went out; a report of a week
to come.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from tuogu.books import queries as book_reads
from tuogu.campaigns import actions, queries
from tuogu.cli.demo_purchases import PRODUCT, sell, staff
from tuogu.core.campaign.regions import DEPARTMENT
from tuogu.corrections import actions as scripts
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import actions as decisions
from tuogu.plans import queries as plans
from tuogu.work import actions as work
from tuogu.work.kinds import Kind, Outcome, Purpose, Reason, Service
from tuogu.work.said import CARD, Said

if TYPE_CHECKING:
    from tuogu.cli.demo_month import Month

EVERYTHING = Scope.everything()
TITLE = "服务深耕，业绩生根"
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_ENTERED = timedelta(days=2)  # after a month's end its policies are in the books and the ranking is frozen
_LAST_DAYS = timedelta(days=12)  # of that month in which the campaign ran
_BEFORE = timedelta(days=3)  # the first wave: drafted, filed, approved
_VISITED = 12
_CARD = ("检视保单，核对单位", "愿意了解年金", "问红利，已说明查询办法")  # S1-28
WORDS = (  # what managers wrote in their weekly reports: difficulties, plans, what worked
    (
        "本周电话预约顺利，面访后的促成偏慢；单位信息多有变动。",
        "下周集中面访已预约的客户，主推十年期年金。",
        "先检视保单再谈需求，客户更愿意听。",
    ),
    ("客户多数愿意见面，对交费年期有顾虑。", "准备十年期与五年期的对照，逐户说明。", ""),
    (
        "本周会议较多，面访不足。",
        "每人每日至少面访两位客户，周五复盘。",
        "早会演练促成话术十分钟，见效快。",
    ),
)


def first_day(today: date) -> date:
    """When the first wave went out: so long ago that the ranking of that month is frozen by now."""
    return _month_over(today) - timedelta(days=1) - _LAST_DAYS


def _month_over(today: date) -> date:
    """The day after the last month whose ranking can be frozen by now."""
    return (today - _ENTERED).replace(day=1)


def drafted_at(today: date) -> datetime:
    """When its quotas were drafted."""
    return _at(first_day(today) - _BEFORE, 9)


def campaign(month: Month) -> None:
    """Everything, in the order in which it happened."""
    plan = next(head.id for head in plans.plan_heads(EVERYTHING) if head.strategy == "campaign")
    released = _released(month, plan)
    number = actions.open_campaign(
        EVERYTHING, plan, title=TITLE, by=month.who("branch_manager"), at=_at(first_day(month.today), 11)
    )
    actions.tick(by=org.machine(), at=_at(first_day(month.today), 12))
    sell(month, released, first_day(month.today))
    frozen_at = _at(_month_over(month.today) + _ENTERED, 6)
    actions.roll(by=org.machine(), at=frozen_at)
    _scripts(month)
    _visited(month, released)
    _reported(month, number, released)
    actions.roll(by=org.machine(), at=month.at)
    for ranking in queries.rankings(queries.campaign(number, EVERYTHING))[:1]:
        actions.publish(
            EVERYTHING,
            ranking.id,
            remark="落后部门一周内报整改打算",
            by=month.who("branch_manager"),
            at=frozen_at + timedelta(hours=4),
        )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), _SHANGHAI)


def _released(month: Month, plan: int) -> dict[str, list[str]]:
    """Both filings of every department, the second person's approval, the first wave; department → its customers."""
    begun, head = first_day(month.today), plans.plan_head(plan, EVERYTHING)
    placed = plans.table_of(plan, "placements").filter(
        pl.col("receiver").str.starts_with(DEPARTMENT) & (pl.col("instalment") == 1)
    )
    given: dict[str, list[str]] = {}
    for receiver, number in placed.sort("receiver", "number").select("receiver", "number").iter_rows():
        given.setdefault(receiver.removeprefix(DEPARTMENT), []).append(number)
    at = _at(begun - _BEFORE, 15)
    for code in given:
        officer = _officer(month, code)
        decisions.file_person(code, year=head.as_of.year, person=officer, by=officer, at=at)
        decisions.file_rules(
            code, year=head.as_of.year, text="按上月产能分给业务精英，每人在手不超过三十位", by=officer, at=at
        )
    decisions.approve(
        plan, by=month.who("branch_manager"), at=_at(begun - timedelta(days=1), 10), first_release_date=begun,
        note="演示：配额与通知一致",
    )  # fmt: skip
    decisions.release_due(by=month.who("resource_clerk"), at=_at(begun, 10), plan_id=plan)
    return given


def _officer(month: Month, department: str) -> int:
    """Who answers for a department's campaign: its own manager of the demo, else the first of its supervisors."""
    own = staff(month, department).sort("supervisor", "staff_number", descending=[True, False])
    ids = own["custodian_id"].to_list()
    manager = month.who("department_manager")
    return manager if manager in ids else int(ids[0])


def _scripts(month: Month) -> None:
    """One that everybody uses, one that a second person has still to approve."""
    begun, clerk, lead = first_day(month.today), month.who("resource_clerk"), month.who("team_lead")
    contact = scripts.write_script(
        "年金接触", effective_date=begun, opening="您好，我是您保单的服务人员，想约您做一次保单检视。",
        questions=[("need", "您最看重养老、教育还是健康？")], closing="好的，我周三上午到您单位，请多指教。",
        use="campaign_contact", by=clerk, at=_at(begun, 13),
    )  # fmt: skip
    scripts.approve_script(contact, by=lead, at=_at(begun, 14))
    for purpose, times in (("rehearsal", 3), ("contact", 8)):
        person = month.who("account_manager")
        actions.use_script(
            contact,
            person=person,
            used_date=month.today,
            purpose=purpose,
            times=times,
            by=person,
            at=month.at,
        )
    scripts.write_script(
        "年金促成", effective_date=month.today, opening="上次的检视您看过了，还有什么不明白的吗？",
        questions=[("close", "今天就把手续办好，好吗？")], closing="谢谢您的信任。", use="campaign_closing", by=clerk,
        at=month.at,
    )  # fmt: skip


def _visited(month: Month, released: dict[str, list[str]]) -> None:
    """Whoever holds a released customer's policies has been at the door of some of them."""
    customers = [number for numbers in released.values() for number in numbers[::7]]
    people = {p.custodian for p in month.people.values()} | set(month.free["custodian_id"])
    held = _holders(month, customers)
    served = [(customer, held.get(customer)) for customer in customers if held.get(customer) in people]
    for customer, person in served[:_VISITED]:
        said = Said(
            f"demo-campaign-{customer}", customer, Kind.VISIT, Outcome.MET, Reason.EXPLANATION, month.at,
            purpose=Purpose.CAMPAIGN, attitude="warm", services=(Service.EXPLAIN, Service.VERIFY),
            card=dict(zip(CARD, _CARD, strict=True)),
        )  # fmt: skip
        work.record(said, by=person or 0, at=month.at)


def _reported(month: Month, number: int, released: dict[str, list[str]]) -> None:
    """Every department's weeks, the last department's newest one missing; one names a policy that the books do not know.
    The branch has audited all but the newest week."""
    row = queries.campaign(number, EVERYTHING)
    over = [line for line in queries.due_lines(row, month.today) if line.week.last < month.today]
    newest, codes = max(line.week.first for line in over), sorted({line.department for line in over})
    for line in sorted(over, key=lambda one: (one.week.first, one.department)):
        last, place = line.week.first == newest, codes.index(line.department)
        if last and line.department == codes[-1]:
            continue
        analysis, following, practice = WORDS[(place + line.week.number) % len(WORDS)]
        unknown = actions.Line("HD20260001", released[line.department][-1], PRODUCT.name, 500_000, 10)
        actions.file_report(
            EVERYTHING, number, line.department, line.week.first, reported={},
            texts={"analysis": analysis, "next_plan": following, "practice": practice},
            added=[unknown] if (line.week.number, place) == (2, 1) else [],
            by=_officer(month, line.department), at=min(_at(line.week.last + timedelta(days=1), 9), month.at),
        )  # fmt: skip
    for report in queries.report_lines(row, EVERYTHING, waiting=True):
        if report.first < newest:
            other = next(
                p for p in map(month.who, ("branch_manager", "resource_clerk")) if p != report.filed_by
            )
            beside = queries.compared(report.id, EVERYTHING, month.today)
            remark = "" if beside.agreed else "有一件保单账内没有，请补交投保资料后更正"
            actions.audit_report(EVERYTHING, report.id, remark=remark, by=other, at=month.at)


def _holders(month: Month, customers: list[str]) -> dict[str, int | None]:
    """Customer → who holds one of its policies now."""
    wanted = book_reads.CustomerFilter(numbers=tuple(customers))
    found = book_reads.policies_of_customers(EVERYTHING, wanted, as_of=month.today)
    pairs = list(found.values_list("holder_number", "pk"))
    held = ledger.holders_of(subject for _customer, subject in pairs)
    return {customer: held[subject].custodian_id for customer, subject in pairs if subject in held}
