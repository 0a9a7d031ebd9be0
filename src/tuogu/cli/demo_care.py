"""What the demo's people have done for customers: calls, visits, an appointment, a plan of the week; and what waits.

In: the month that `demo_month` lives through. Out: tasks of the day and some from before that nobody met (so that there is
something late and brought before a supervisor), records through the same door as the phone's, a record that arrived after
its customer had passed to somebody else. Never: a record about a customer whom its author does not serve.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from tuogu.books import queries as books
from tuogu.cases import actions as cases
from tuogu.cases.kinds import Kind as Matter
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.transfers import actions as transfers
from tuogu.transfers import queries as asked
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.failures import Moved
from tuogu.work.kinds import Kind, Outcome, Reason, Service
from tuogu.work.said import CARD, Said

if TYPE_CHECKING:
    from tuogu.cli.demo_month import Month

EVERYTHING = Scope.everything()
_BEFORE = timedelta(days=6)  # tasks that were due then are late by now, and past two steps of escalation
_CARD = ("讲解保单责任，核对联系方式", "客气，愿意再谈", "问分红，已说明查询办法")  # S1-28: its three items


def care(month: Month) -> None:
    """Everything, in the order in which it happens."""
    machine = org.machine()
    actions.roll(by=machine, at=month.at - _BEFORE)
    _moved_meanwhile(month)
    actions.roll(by=machine, at=month.at)
    _records(month)
    _week_plan(month)
    _waived(month)
    _cases(month)
    actions.tick(by=machine, at=month.at)


def _records(month: Month) -> None:
    """A call, a visit with its card, nobody at home, a refusal: the four things that happen."""
    person, at = month.who("account_manager"), month.at
    customers = _customers_of(person, month)
    call = Said("", "", Kind.CALL, Outcome.REACHED, Reason.DUE, at, services=(Service.VERIFY, Service.REMIND))
    visit = replace(
        call, kind=Kind.VISIT, outcome=Outcome.MET, reason=Reason.EXPLANATION, attitude="warm",
        services=(Service.EXPLAIN, Service.TIDY_UP), card=dict(zip(CARD, _CARD, strict=True)),
    )  # fmt: skip
    away = replace(
        call, kind=Kind.VISIT, outcome=Outcome.NOT_HOME, services=(), next_at=at + timedelta(days=1), next_kind=Kind.VISIT
    )  # fmt: skip
    refused = replace(call, outcome=Outcome.REFUSED, services=(), attitude="cold", collection_method="bank")
    for customer, said in zip(customers, (call, visit, away, refused), strict=False):
        actions.record(_of(said, customer), by=person, at=at)


def _of(said: Said, customer: str) -> Said:
    """The record about this customer, with a key such as a phone makes up."""
    return replace(said, client_key=f"demo-{customer}-{said.kind}-{said.outcome}", customer=customer)


def _customers_of(person: int, month: Month) -> list[str]:
    frame = books.held_by_person(person, month.today).frame
    return frame["holder_number"].unique().sort().to_list()


def _cases(month: Month) -> None:
    """What the rounds open by themselves, and two that the account manager begins: papers, a difficult one."""
    person = month.who("account_manager")
    cases.roll(by=org.machine(), at=month.at)
    cases.tick(by=org.machine(), at=month.at)
    held = books.held_by_person(person, month.today).frame["number"].sort().to_list()
    for policy, (kind, topic) in zip(
        held, ((Matter.PAPERS, "contact"), (Matter.DIFFICULT, "")), strict=False
    ):
        cases.open_case(kind, policy, topic=topic, by=person, at=month.at)


def _week_plan(month: Month) -> None:
    """Of the account manager only: the others' are missing, as a supervisor sees."""
    person = month.who("account_manager")
    monday = month.today + timedelta(days=7 - month.today.weekday())
    lines = [
        actions.PlanLine(monday + timedelta(days=n % 5), customer, Kind.VISIT, Reason.EXPLANATION)
        for n, customer in enumerate(_customers_of(person, month)[:10])
    ]
    actions.file_week_plan(person, monday, lines, by=person, at=month.at)


def _waived(month: Month) -> None:
    lead = month.who("team_lead")
    late = work.late_rows(org.scope_of(lead, month.today), month.today, size=200).rows
    for row in [row for row in late if row.person != lead][:1]:
        actions.waive(row.id, reason="客户已另约下月面谈", by=lead, at=month.at)


def _moved_meanwhile(month: Month) -> None:
    """A customer passes to the lead's team by two people; what was recorded yesterday arrives afterwards."""
    clerk, lead = month.who("resource_clerk"), month.who("team_lead")
    found, receiver = _held_before_today(month), _in_team(month, lead)
    if found is None or receiver is None:
        return
    person, customer = found
    subjects = books.policies_of_customers(
        EVERYTHING, books.CustomerFilter(numbers=(customer,)), as_of=month.today
    )
    request = transfers.ask(
        subjects.values("pk"), confirmed=asked.selection(subjects.values("pk")).digest, receiver=receiver,
        reason="客户搬到这一片", source="", institution_codes=books.managing_institutions(subjects), by=clerk, at=month.at,
    )  # fmt: skip
    transfers.agree(request, by=lead, at=month.at)
    yesterday = Said(
        "", "", Kind.CALL, Outcome.REACHED, Reason.DUE, month.at - timedelta(days=1), offline=True
    )
    try:
        actions.record(_of(yesterday, customer), by=person, at=month.at)
    except Moved:
        return  # as it should be: the record waits for a person
    raise AssertionError("the record of a former custodian did not become a conflict")


def _in_team(month: Month, lead: int) -> int | None:
    """A colleague of the lead's own team."""
    team = org.people(org.scope_of(lead, month.today), month.today)["custodian_id"].sort()
    return next((one for one in team if one != lead), None)


def _held_before_today(month: Month) -> tuple[int, str] | None:
    """Somebody without a post who held a customer before today, and that customer."""
    held = ledger.held_counts(month.free["custodian_id"].to_list())
    for person in sorted(held, key=lambda one: (-held[one], one)):
        frame = books.held_by_person(person, month.today).frame
        old = frame.filter(pl.col("since_date") < month.today)
        if len(old):
            return person, str(old["holder_number"].sort()[0])
    return None
