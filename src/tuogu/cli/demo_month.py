"""What the demo's people have begun besides the plan: so that every desk has something on it.

In: the named people, the day. Out: acts of the rooms, each by the person whose work it is, most of them waiting for a
second one. Never: anything about real people, a message sent, a decision that a visitor of the demo would rather take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

import polars as pl

from tuogu.cli.demo_people import DemoPerson
from tuogu.core.rulebook import Rulebook
from tuogu.org.scope import Scope

_NEW_PHONE = "13800001111"  # nobody's: the demo's people are invented
_WORKDAYS = 4
EVERYTHING = Scope.everything()


class Month:
    """The people by post, the day, and what several steps need."""

    def __init__(self, people: Mapping[str, DemoPerson], today: date, at: datetime) -> None:
        from tuogu.org import queries as org
        from tuogu.rules import queries as rules

        self.people, self.today, self.at = people, today, at
        self.rulebook: Rulebook = rules.applicable(today)
        staff = org.people(EVERYTHING, today)
        self.free = staff.filter(~pl.col("custodian_id").is_in([p.custodian for p in people.values()]))
        self.institution = str(self._institution(org.institutions()))
        self.scope = org.scope_of(self.who("branch_manager"), today)

    def who(self, post: str) -> int:
        """The person of a post."""
        return self.people[post].custodian

    def days(self, count: int) -> date:
        return self.today + timedelta(days=count)

    def _institution(self, institutions: pl.DataFrame) -> str:
        own = self.free["institution_code"].drop_nulls().mode().sort()[0]
        parents = dict(institutions.select("institution_code", "parent_code").iter_rows())
        return parents.get(own) or own


def live_through(
    people: Mapping[str, DemoPerson], *, today: date, at: datetime, motor: pl.DataFrame, described: date
) -> None:
    """Take every step; a step of a room that refuses stops the demo, because then the demo is wrong. `motor`: MOTOR rows as
    of the day `described`."""
    from tuogu.cli.demo_renewal import renew

    month = Month(people, today, at)
    for step in STEPS:
        step(month)
    renew(month, motor, described)


def _a_leaver_and_the_notices(month: Month) -> None:
    from tuogu.books import actions as books
    from tuogu.ledger import queries as ledger
    from tuogu.notices import actions as notices
    from tuogu.notices import queries as cases

    held = ledger.held_counts(month.free.filter(pl.col("series") == "marketing")["custodian_id"].to_list())
    leaver = max(held, key=lambda person: (held[person], -person))
    books.leave(leaver, leave_date=month.days(-12), recorded_at=month.at, by=month.who("resource_clerk"))
    notices.open_cases(by=month.who("resource_clerk"), at=month.at)
    open_ones = cases.case_ids(EVERYTHING, cases.CaseFilter(view="open"), month.today, month.rulebook)
    notices.prepare(open_ones[:3], channel="letter", by=month.who("resource_clerk"), at=month.at)


def _return_visits_and_amendments(month: Month) -> None:
    from tuogu.corrections import actions
    from tuogu.corrections import queries as corrections

    clerk, call = month.who("resource_clerk"), month.who("call_centre")
    script = actions.write_script(
        "完善客户资料", effective_date=month.today, opening="您好，我是保险公司的服务人员，与您核对联系资料。",
        questions=[
            ("phone", "这个手机号码还在用吗？"), ("employer", "您现在在哪里工作？"),
            ("contact_time", "什么时候联系您方便？"),
        ],
        closing="谢谢您，再见。", by=clerk, at=month.at,
    )  # fmt: skip
    actions.approve_script(script, by=month.who("team_lead"), at=month.at)
    chosen = actions.Selection(institution_code=month.institution, below_bp=10_000)
    programme = actions.make_programme(
        month.scope, chosen, name="月度资料回访", purpose="补全电话和单位", script_id=script,
        first_date=month.today, until_date=month.days(20), by=clerk, at=month.at,
    )  # fmt: skip
    work = corrections.worklist(EVERYTHING, programme, month.rulebook, at=month.at)
    numbers = work["customer_number"].to_list()
    answered = actions.Said("phone", "confirmed", month.at, {"phone": ("new", _NEW_PHONE)})
    actions.record_visit(EVERYTHING, programme, numbers[0], answered, by=call, at=month.at)
    actions.record_visit(
        EVERYTHING, programme, numbers[1], actions.Said("phone", "no_answer", month.at), by=call, at=month.at
    )
    actions.check_truth(by=clerk, at=month.at)
    batch = actions.collect(
        EVERYTHING, month.institution, first_date=month.today, until_date=month.days(1), by=clerk, at=month.at
    )
    actions.freeze(batch, by=clerk, at=month.at)


def _privacy(month: Month) -> None:
    from tuogu.privacy import actions

    clerk, officer = month.who("resource_clerk"), month.who("privacy_officer")
    refused, asking = _customers(month, 2)
    actions.record_consent(
        refused, purpose="marketing", said="refused", source="call", text_version="2026-1", by=clerk, at=month.at
    )  # fmt: skip
    request = actions.receive(asking, kind="copy", by=officer, at=month.at)
    actions.check_identity(request, how="document", by=officer, at=month.at)
    actions.register_party(
        "printer", name="信函打印商", purpose="打印并寄送离职告知信", ground="duty",
        assessed_date=month.today, assessment_ref="评估2026-01", by=officer, at=month.at,
    )  # fmt: skip


def _customers(month: Month, count: int) -> list[str]:
    from tuogu.books import queries as books

    page = books.customer_page(EVERYTHING, books.CustomerFilter(), as_of=month.today, size=count)
    return [row.number for row in page.rows[:count]]


def _rules_and_places(month: Month) -> None:
    from tuogu.rules import actions as rules

    clerk = month.who("resource_clerk")
    draft = rules.begin(
        version=f"{month.today.year + 1}.1", effective_date=month.days(40), source="分公司〔2026〕3号",
        reason="收紧明文查看次数", by=clerk, at=month.at,
    )  # fmt: skip
    rules.change(draft, key="masking.reveals_per_day", value=15, note="试行一季", by=clerk)
    rules.submit(draft, by=clerk)


def _people(month: Month) -> None:
    from tuogu.org import actions as org

    lead = month.who("team_lead")
    org.record_absence(
        month.who("account_manager"), "leave", from_date=month.days(1), until_date=month.days(1 + _WORKDAYS),
        by=lead, at=month.at,
    )  # fmt: skip


def _rounds_and_filings(month: Month) -> None:
    from tuogu.plans import actions, rounds

    clerk = month.who("resource_clerk")
    actions.open_round(
        f"{month.today:%Y年%m月}分配", month=month.today.replace(day=1), institution_code=month.institution,
        coordinating="分配协调小组", steps=rounds.template(month.today, month.today.replace(day=1)), by=clerk, at=month.at,
    )  # fmt: skip


def _lists_and_exports(month: Month) -> None:
    from tuogu.lists import actions as lists

    clerk = month.who("resource_clerk")
    view = lists.save_view("policies", "待识别的孤儿单", "view=manual", by=clerk, at=month.at)
    lists.share_view(view, by=clerk, at=month.at)


def _care(month: Month) -> None:
    from tuogu.cli.demo_care import care

    care(month)


def _campaign(month: Month) -> None:
    from tuogu.cli.demo_campaign import campaign

    campaign(month)


STEPS: tuple[Callable[[Month], None], ...] = (
    _a_leaver_and_the_notices, _return_visits_and_amendments, _privacy, _rules_and_places, _people, _rounds_and_filings,
    _lists_and_exports, _care, _campaign,
)  # fmt: skip
