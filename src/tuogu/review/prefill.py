"""What the records of a day say for its log (S1-32): so that nobody writes down twice what was filed at the door.

In: a person, a day, how customers may be called. Out: figures by name; suggested texts in Chinese, each customer as the
caller shows them and by number (that is how the log is found again for the customer, L-07). Never: a name opened here, a
figure that no record gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_noop

from tuogu.core.custody import business_date
from tuogu.core.inspection.days import next_working
from tuogu.work import queries as work
from tuogu.work.kinds import Kind, Outcome, Purpose, Service

FIGURES = {
    "calls": gettext_noop("电话"),
    "visits": gettext_noop("面访"),
    "met": gettext_noop("已见面"),
    "messages": gettext_noop("短信、微信、信函"),
    "collection": gettext_noop("收费服务"),
    "development": gettext_noop("业务拓展"),
    "planned": gettext_noop("计划"),
    "done": gettext_noop("计划已完成"),
}
_MESSAGES = {Kind.SMS, Kind.WECHAT, Kind.LETTER, Kind.CARD}
_COLLECTION = {Service.REMIND, Service.PAY_METHOD, Service.TRANSFER}
_REACHED = {Outcome.MET, Outcome.REACHED, Outcome.SENT}
_NUMBERS_SHOWN = 8  # customers named in a suggestion
_DAY = timedelta(days=1)
Called = Callable[[Iterable[str]], Mapping[str, str]]  # numbers of customers → what to call them, masked


@dataclass(frozen=True)
class _Said:
    """How customers are named in a text. `names`: by number; who has none is named by the number alone."""

    names: Mapping[str, str]

    def of(self, word: str, numbers: list[str]) -> str:
        """'收费服务 2 位：张*（K001）、李*（K002）。'"""
        once = list(dict.fromkeys(numbers))
        if not once:
            return ""
        shown = "、".join(self._one(number) for number in once[:_NUMBERS_SHOWN])
        more = "等" if len(once) > _NUMBERS_SHOWN else ""
        return f"{word} {len(once)} 位：{shown}{more}。"

    def _one(self, number: str) -> str:
        name = self.names.get(number)
        return f"{name}（{number}）" if name else number


def figures_of(person: int, day: date) -> dict[str, int]:
    """FIGURES of the day."""
    rows, planned = work.day_of(person, day), _planned(person, day)
    kinds = Counter(row.kind for row in rows)
    reached = {row.customer_number for row in rows if row.outcome in _REACHED}
    return {
        "calls": kinds[Kind.CALL],
        "visits": kinds[Kind.VISIT],
        "met": sum(row.outcome == Outcome.MET for row in rows),
        "messages": sum(kinds[kind] for kind in _MESSAGES),
        "collection": sum(_collects(row) for row in rows),
        "development": sum(row.purpose == Purpose.CAMPAIGN for row in rows),
        "planned": len(planned),
        "done": sum(line.customer in reached for line in planned),
    }


def suggested(person: int, day: date, *, called: Called) -> dict[str, str]:
    """A text for each part that the records and the week's plan know something about. `called` is asked once."""
    rows, n, tomorrow = work.day_of(person, day), figures_of(person, day), next_working(day + _DAY)
    planned = [line.customer for line in _planned(person, tomorrow)]
    said = _Said(called([row.customer_number for row in rows] + planned))
    told = {
        "work": _work(rows, n, said),
        "collection": said.of("收费服务", [row.customer_number for row in rows if _collects(row)]),
        "development": said.of(
            "业务拓展", [row.customer_number for row in rows if row.purpose == Purpose.CAMPAIGN]
        ),
        "achievement": f"计划 {n['planned']} 项，完成 {n['done']} 项。" if n["planned"] else "",
        "next_plan": _next_plan(planned, rows, len(work.tasks_of(person, tomorrow)), tomorrow, said),
    }
    return {part: text for part, text in told.items() if text}


def _work(rows: list[work.RecordRow], n: dict[str, int], said: _Said) -> str:
    if not rows:
        return ""
    sums = f"电话 {n['calls']} 次，面访 {n['visits']} 次（已见面 {n['met']} 次），短信、微信、信函 {n['messages']} 次。"
    return sums + said.of("客户", [row.customer_number for row in rows])


def _next_plan(planned: list[str], rows: list[work.RecordRow], due: int, tomorrow: date, said: _Said) -> str:
    """The week's plan of the next working day, appointments made for it, and what is due by then."""
    met = [row.customer_number for row in rows if row.next_at and business_date(row.next_at) == tomorrow]
    parts = [
        said.of("拜访", planned),
        said.of("已约", met),
        f"到期服务 {due} 项。" if due else "",
    ]
    return "".join(part for part in parts if part)


def _planned(person: int, day: date) -> list[work.PlanLine]:
    week = work.week_plan(person, day - timedelta(days=day.weekday()))
    return [line for line in week.lines if line.day == day] if week else []


def _collects(row: work.RecordRow) -> bool:
    return bool(_COLLECTION & set(row.services))
