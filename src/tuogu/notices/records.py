"""One case with everything that happened to it; one leaver with everything that is under way; the board.

In: a scope and an id. Out: plain values, None for what is out of scope or unknown. Never: a text of a message in clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from tuogu.notices.listing import OPEN, CaseRow, red, row_of, within
from tuogu.notices.models import (
    ContactLink,
    Departure,
    DepartureChange,
    Message,
    MessageCase,
    MessageEvent,
    NoticeCase,
    Proof,
    Waiver,
)
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Line:
    """One line of a case's history. `what`: event | proof | waiver | opened; `code` is of this room's words."""

    at: datetime
    what: str
    kind: str
    detail: str
    by: int
    message: int | None = None


@dataclass(frozen=True)
class MessageRow:
    """One message of the outbox."""

    id: int
    channel: str
    state: str
    trouble: str
    holder_number: str
    leaver: int
    cases: int
    attempts: int
    template_version: str
    digest: str
    tracking_number: str
    prepared_by: int
    prepared_at: datetime
    next_at: datetime


@dataclass(frozen=True)
class CaseRecord:
    """A case, its clocks, messages, proofs and history."""

    row: CaseRow
    formalities_date: date | None
    clock_days: int
    messages: list[MessageRow]
    proofs: list[Proof]
    waiver: Waiver | None  # the newest, whatever became of it
    lines: list[Line]
    siblings: list[CaseRow]


@dataclass(frozen=True)
class LeaverRow:
    """One departure with its cases by state. `left_out`: contracts that need no notice, by reason."""

    departure: int
    person: int
    cause: str
    leave_date: date
    formalities_date: date | None
    due_date: date | None
    cases: int
    waiting: int
    prepared: int
    sent: int
    told: int
    red: int
    left_out: dict[str, int]


def case_record(scope: Scope, case_id: int, today: date) -> CaseRecord | None:
    """Everything of one case."""
    case = within(scope).select_related("departure").filter(pk=case_id).first()
    if case is None:
        return None
    messages = messages_of(MessageCase.objects.filter(case=case).values("message_id"))
    proofs = list(Proof.objects.filter(case=case).order_by("-at", "-pk"))
    waivers = list(Waiver.objects.filter(case=case).order_by("-pk"))
    siblings = within(scope).select_related("departure").filter(
        departure=case.departure, holder_number=case.holder_number
    )  # fmt: skip
    return CaseRecord(
        row_of(case, today), case.departure.formalities_date, case.departure.clock_days, messages, proofs,
        waivers[0] if waivers else None, _lines(case, proofs, waivers),
        [row_of(one, today) for one in siblings.exclude(pk=case.pk).order_by("pk")[:50]],
    )  # fmt: skip


def _lines(case: NoticeCase, proofs: list[Proof], waivers: list[Waiver]) -> list[Line]:
    """The history, newest first."""
    events = MessageEvent.objects.filter(message__links__case=case).select_related("message").order_by("pk")
    changes = DepartureChange.objects.filter(departure=case.departure).order_by("pk")
    lines = [Line(case.opened_at, "opened", case.why, "", case.departure.opened_by_id)]
    lines += [Line(c.at, "clock", c.what, str(c.after_date), c.by_id) for c in changes]
    lines += [Line(e.at, "event", e.kind, e.message.channel, e.by_id, e.message_id) for e in events]
    lines += [Line(p.at, "proof", p.kind, p.outcome, p.by_id, p.message_id) for p in reversed(proofs)]
    for waiver in reversed(waivers):
        lines.append(Line(waiver.asked_at, "waiver", "asked", waiver.reason, waiver.asked_by_id))
        if waiver.decided_at and waiver.decided_by_id:
            lines.append(Line(waiver.decided_at, "waiver", waiver.state, "", waiver.decided_by_id))
    return sorted(lines, key=lambda line: line.at)[::-1]  # of one moment, what came last stands first


def messages_of(ids: QuerySet[Any] | list[int]) -> list[MessageRow]:
    """Messages by id, newest first."""
    return _rows(Message.objects.filter(pk__in=ids))


def message_page(
    scope: Scope, *, state: str = "", channel: str = "", first: int = 1, size: int = 40
) -> tuple[list[MessageRow], int]:
    """The outbox within scope, newest first, by row number; and how many there are."""
    rows = outbox(scope)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(channel=channel) if channel else rows
    return _rows(rows, first - 1, first - 1 + size), rows.count()


def outbox(scope: Scope) -> QuerySet[Message]:
    """Messages of cases within scope."""
    if scope.all_rows:
        return Message.objects.all()
    return Message.objects.filter(
        pk__in=MessageCase.objects.filter(case__in=within(scope)).values("message_id")
    )


def outbox_counts(scope: Scope) -> dict[tuple[str, str], int]:
    """(channel, state) → how many."""
    rows = outbox(scope).values("channel", "state").annotate(n=Count("pk")).order_by("channel", "state")
    return {(row["channel"], row["state"]): row["n"] for row in rows}


def _rows(rows: QuerySet[Message], start: int = 0, end: int = 500) -> list[MessageRow]:
    found = rows.select_related("departure").annotate(cases=Count("links")).order_by("-pk")[start:end]
    return [
        MessageRow(
            int(m.pk), m.channel, m.state, m.trouble, m.holder_number, m.departure.person_id, m.cases, m.attempts,
            m.template_version, m.body_digest, m.tracking_number, m.prepared_by_id, m.prepared_at, m.next_at,
        )
        for m in found
    ]  # fmt: skip


def message_within(scope: Scope, message: int) -> bool:
    """Whether the scope shows a case that this message tells of."""
    return outbox(scope).filter(pk=message).exists()


def letter_ids(scope: Scope, state: str = "queued", limit: int = 500) -> list[int]:
    """Letters in one state, the oldest first."""
    rows = outbox(scope).filter(channel="letter", state=state).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def leavers(scope: Scope, today: date, *, person: int | None = None) -> list[LeaverRow]:
    """Departures with a case within scope, those with the nearest open day first."""
    rows = within(scope) if person is None else within(scope).filter(departure__person_id=person)
    counted = rows.values("departure_id").annotate(
        n=Count("pk"),
        waiting=Count("pk", filter=Q(state="waiting")),
        prepared=Count("pk", filter=Q(state="prepared")),
        sent=Count("pk", filter=Q(state="sent")),
        told=Count("pk", filter=Q(state__in=("proved", "waived"))),
        red=Count("pk", filter=red(today)),
        due=Max("due_date"),
    )
    sums = {row["departure_id"]: row for row in counted.order_by("departure_id")}
    departures = Departure.objects.filter(pk__in=sums)
    found = [
        LeaverRow(
            int(d.pk), d.person_id, d.cause, d.leave_date, d.formalities_date, sums[d.pk]["due"], sums[d.pk]["n"],
            sums[d.pk]["waiting"], sums[d.pk]["prepared"], sums[d.pk]["sent"], sums[d.pk]["told"], sums[d.pk]["red"],
            d.counts,
        )
        for d in departures
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row.cases == row.told, row.due_date or date.max, row.person))


def departure_of(scope: Scope, person: int) -> Departure | None:
    """The newest departure of a person whom the scope shows."""
    visible = org.custodians_within(scope)
    if (
        visible is not None
        and person not in visible
        and not within(scope).filter(departure__person_id=person).exists()
    ):
        return None
    return Departure.objects.filter(person_id=person).order_by("-leave_date").first()


@dataclass(frozen=True)
class OfCustomer:
    """What a customer's page shows of this room."""

    open: int
    red: int
    told: int
    next_due: date | None
    contact: int | None  # with whom of the staff the customer is connected in WeCom
    contact_state: str


def of_customer(scope: Scope, number: str, today: date) -> OfCustomer:
    """Cases and WeCom contact of one customer: two queries."""
    found = within(scope).filter(holder_number=number).aggregate(
        open=Count("pk", filter=Q(state__in=OPEN)),
        red=Count("pk", filter=red(today)),
        told=Count("pk", filter=Q(state__in=("proved", "waived"))),
        due=Max("due_date", filter=Q(state__in=OPEN)),
    )  # fmt: skip
    link = ContactLink.objects.filter(customer_number=number).values_list("person_id", "state").first()
    return OfCustomer(
        found["open"],
        found["red"],
        found["told"],
        found["due"],
        link[0] if link else None,
        link[1] if link else "",
    )


def days_left(scope: Scope, today: date) -> list[tuple[str, int]]:
    """How many open cases fall due in how many days: (band, cases), the most pressing first."""
    bands = (("late", None, -1), ("week", 0, 7), ("ten", 8, 10), ("later", 11, None))
    counts = {}
    for name, first, last in bands:
        wanted = Q(state__in=OPEN)
        if first is not None:
            wanted &= Q(due_date__gte=date.fromordinal(today.toordinal() + first))
        if last is not None:
            wanted &= Q(due_date__lte=date.fromordinal(today.toordinal() + last))
        counts[name] = Count("pk", filter=wanted)
    found = within(scope).aggregate(**counts)
    return [(name, found[name]) for name, _, _ in bands]
