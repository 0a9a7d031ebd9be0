"""What a person has to do: the open tasks of what the person holds now, in an order of going.

In: a custodian, a day. Out: rows. Never: a task of what somebody else holds, a task stored with a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tuogu.books import queries as books
from tuogu.core.calling import TO_VISIT, visit_order
from tuogu.core.timeline.obligations import Obligation
from tuogu.ledger import queries as ledger
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules
from tuogu.work import duties, elsewhere, evidence
from tuogu.work.ending import judged, open_tasks, open_tasks_held
from tuogu.work.models import Record

VIEWS = ("today", "late", "week", "all")
ORDERS = ("due", "near", "attitude")
Point = tuple[float, float]  # longitude, latitude, in the datum of the imported positions


@dataclass(frozen=True)
class TaskRow:
    """One open task. policy_number: '' = about the customer as a whole. done: days with a record that counts."""

    id: int
    customer_number: str
    policy_number: str
    subject_id: int
    obligation: str
    title: str
    reason: str
    opens_date: date
    due_date: date
    needed: int
    done: int
    days_late: int
    attitude: str
    community_code: str
    community: str


def tasks_of(
    person: int, on: date, *, view: str = "today", order: str = "due", start: Point | None = None
) -> list[TaskRow]:
    """What is open for what a custodian (person or pool) holds, on a day (S4-24: the own list only).

    `today`: due by then; `late`: past their day; `week`: due within `work.warn_days`; `all`: whatever has opened. `near`: by
    the way from `start` (or from place to place, where there are no positions).
    """
    last = {
        "today": on,
        "late": on - timedelta(days=1),
        "week": on + timedelta(days=int(rules.applicable(on)["work.warn_days"]) - 1),
        "all": date.max,
    }[view]
    tasks = open_tasks_held(person, due_by=last).filter(pl.col("opens_date") <= on)
    return ordered(_rows(tasks, on), on, order=order, start=start)


def tasks_of_customer(number: str, on: date) -> list[TaskRow]:
    """Everything open for one customer, the earliest due first, whoever holds it."""
    subjects = {*books.subjects_of_holder(number), *(row["pk"] for row in ledger.customer_subjects(number))}
    return ordered(_rows(open_tasks(subjects), on), on)


def ordered(
    rows: Iterable[TaskRow], on: date, *, order: str = "due", start: Point | None = None
) -> list[TaskRow]:
    """Rows in an order: by due day; by attitude within the week (S4-22); by nearness."""
    found = sorted(rows, key=lambda row: (row.due_date, row.customer_number, row.id))
    if order == "due":
        return found
    away = _metres({row.community_code for row in found}, start)
    if order == "near":
        far = max(away.values(), default=0) + 1
        return sorted(
            found, key=lambda row: (away.get(row.community_code, far), row.community_code, row.due_date)
        )
    frame = pl.DataFrame(
        [(str(row.id), row.due_date, row.attitude or None, away.get(row.community_code)) for row in found],
        schema=TO_VISIT, orient="row",
    )  # fmt: skip
    place = {key: i for i, key in enumerate(visit_order(frame, on, rules.applicable(on))["key"])}
    return sorted(found, key=lambda row: place[str(row.id)])


def _metres(codes: Iterable[str], start: Point | None) -> dict[str, int]:
    """How far each community lies from the start, where both have a position."""
    placed, _datum = books.placed_communities() if start else ({}, "")
    known = sorted(set(codes) & placed.keys())
    if start is None or not known:
        return {}
    plane = regions.Plane.around([start, *(placed[code] for code in known)])
    (x0, y0), *points = plane.metres([start, *(placed[code] for code in known)])
    return {
        code: round(((x - x0) ** 2 + (y - y0) ** 2) ** 0.5)
        for code, (x, y) in zip(known, points, strict=True)
    }


def _rows(tasks: pl.DataFrame, on: date) -> list[TaskRow]:
    if tasks.is_empty():
        return []
    lines = {row["subject_id"]: row for row in books.care_lines(tasks["subject_id"]).iter_rows(named=True)}
    others = elsewhere.lines_of(set(tasks["subject_id"]) - lines.keys())
    # customers whose development is held
    missing = sorted(set(tasks["subject_id"]) - lines.keys() - others.keys())
    numbers = {number: subject for subject, number in ledger.numbers_of(missing).items()}
    places = books.community_of_customers([*numbers, *(customer for _number, customer in others.values())])
    for subject, (policy, customer) in others.items():
        code, name = places.get(customer, (None, None))
        lines[subject] = {
            "policy_number": policy, "customer_number": customer, "community_code": code, "community": name,
        }  # fmt: skip
    for number, subject in numbers.items():
        code, name = places.get(number, (None, None))
        lines[subject] = {
            "policy_number": None, "customer_number": number, "community_code": code, "community": name,
        }  # fmt: skip
    tasks = tasks.filter(pl.col("subject_id").is_in(sorted(lines)))
    customers = {line["customer_number"] for line in lines.values()}
    named = pl.DataFrame(
        [(subject, line["customer_number"]) for subject, line in lines.items()],
        schema={"subject_id": pl.Int64, "customer_number": pl.String}, orient="row",
    )  # fmt: skip
    done = _done(tasks, named, on)
    known, moods = duties.by_label(duties.versions()), attitudes_of(customers)
    return [
        _row(row, lines[row["subject_id"]], done, moods, known, on) for row in tasks.iter_rows(named=True)
    ]


def _done(tasks: pl.DataFrame, named: pl.DataFrame, on: date) -> dict[int, int]:
    if tasks.is_empty():
        return {}
    first: date = tasks["opens_date"].min()  # type: ignore[assignment]  # a column of days
    proof = evidence.evidence(named["customer_number"].to_list(), first)
    return dict(judged(tasks, named, proof, on).select("task", "done").iter_rows())


def attitudes_of(customers: Iterable[str]) -> dict[str, str]:
    """The class that the newest record with one gives to each customer."""
    wanted = sorted(set(customers))
    found: dict[str, str] = {}
    for first in range(0, len(wanted), 10_000):  # below the parameter limits of both databases
        rows = Record.objects.filter(
            customer_number__in=wanted[first : first + 10_000], corrected_by__isnull=True
        ).exclude(attitude="")
        found |= dict(rows.order_by("happened_at", "pk").values_list("customer_number", "attitude"))
    return found


def _row(
    task: Mapping[str, object], line: Mapping[str, str | None], done: Mapping[int, int], moods: Mapping[str, str],
    known: dict[str, dict[str, Obligation]], on: date,
) -> TaskRow:  # fmt: skip
    number, obligation, label = line["customer_number"] or "", str(task["obligation"]), str(task["rulebook"])
    duty = known.get(label, {}).get(obligation)
    whole = duty is not None and duty.per == "customer"
    due = task["due_date"]
    assert isinstance(due, date)
    return TaskRow(
        id=int(str(task["task"])), customer_number=number, policy_number="" if whole else line["policy_number"] or "",
        subject_id=int(str(task["subject_id"])), obligation=obligation, title=duties.title(obligation, label, known, on),
        reason=str(task["reason"]), opens_date=task["opens_date"], due_date=due,  # type: ignore[arg-type]  # a day
        needed=int(str(task["needed"])), done=done.get(int(str(task["task"])), 0), days_late=max((on - due).days, 0),
        attitude=moods.get(number, ""), community_code=line["community_code"] or "", community=line["community"] or "",
    )  # fmt: skip
