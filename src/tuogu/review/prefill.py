"""What the records of a day say for its log (S1-32): so that nobody writes down twice what was filed at the door.

In: a person, a day. Out: figures by name; suggested texts in Chinese. Never: a customer's name (numbers stand for them), a
figure that no record gives.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from tuogu.core.custody import business_date
from tuogu.core.inspection.days import next_working
from tuogu.work import queries as work
from tuogu.work.kinds import Kind, Outcome, Purpose, Service

FIGURES = {
    "calls": "电话",
    "visits": "面访",
    "met": "已见面",
    "messages": "短信、微信、信函",
    "collection": "收费服务",
    "development": "业务拓展",
    "planned": "计划",
    "done": "计划已完成",
}
_MESSAGES = {Kind.SMS, Kind.WECHAT, Kind.LETTER, Kind.CARD}
_COLLECTION = {Service.REMIND, Service.PAY_METHOD, Service.TRANSFER}
_REACHED = {Outcome.MET, Outcome.REACHED, Outcome.SENT}
_NUMBERS_SHOWN = 8  # customers named in a suggestion
_DAY = timedelta(days=1)


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


def suggested(person: int, day: date) -> dict[str, str]:
    """A text for each part that the records and the week's plan know something about."""
    rows, n = work.day_of(person, day), figures_of(person, day)
    told = {
        "work": _work(rows, n),
        "collection": _numbers("收费服务", [row.customer_number for row in rows if _collects(row)]),
        "development": _numbers(
            "业务拓展", [row.customer_number for row in rows if row.purpose == Purpose.CAMPAIGN]
        ),
        "achievement": f"计划 {n['planned']} 项，完成 {n['done']} 项。" if n["planned"] else "",
        "next_plan": _next_plan(person, day, rows),
    }
    return {part: text for part, text in told.items() if text}


def _work(rows: list[work.RecordRow], n: dict[str, int]) -> str:
    if not rows:
        return ""
    said = f"电话 {n['calls']} 次，面访 {n['visits']} 次（已见面 {n['met']} 次），短信、微信、信函 {n['messages']} 次。"
    return said + _numbers("客户", [row.customer_number for row in rows])


def _next_plan(person: int, day: date, rows: list[work.RecordRow]) -> str:
    """The week's plan of the next working day, appointments made for it, and what is due by then."""
    tomorrow = next_working(day + _DAY)
    planned = [line.customer for line in _planned(person, tomorrow)]
    met = [row.customer_number for row in rows if row.next_at and business_date(row.next_at) == tomorrow]
    due = len(work.tasks_of(person, tomorrow))
    parts = [
        _numbers("拜访", planned),
        _numbers("已约", met),
        f"到期服务 {due} 项。" if due else "",
    ]
    return "".join(part for part in parts if part)


def _planned(person: int, day: date) -> list[work.PlanLine]:
    week = work.week_plan(person, day - timedelta(days=day.weekday()))
    return [line for line in week.lines if line.day == day] if week else []


def _collects(row: work.RecordRow) -> bool:
    return bool(_COLLECTION & set(row.services))


def _numbers(word: str, numbers: list[str]) -> str:
    """'收费服务 3 位：K001、K002、K003。'"""
    once = list(dict.fromkeys(numbers))
    if not once:
        return ""
    more = "等" if len(once) > _NUMBERS_SHOWN else ""
    return f"{word} {len(once)} 位：{'、'.join(once[:_NUMBERS_SHOWN])}{more}。"
