"""The register of requests as people see it: what waits, what is late, what was answered (L-07).

In: a Scope, a filter. Out: rows and steps. Never: a request about a customer outside the scope, the wish of a person to
somebody who only lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from tuogu import vault
from tuogu.books import queries as books
from tuogu.org.scope import Scope
from tuogu.privacy.kinds import OPEN_STATES, RequestState
from tuogu.privacy.models import RequestStep, SubjectRequest

VIEWS = ("open", "overdue", "answered", "all")
_OPEN = [str(state) for state in OPEN_STATES]


@dataclass(frozen=True)
class StepRow:
    """One step."""

    number: int
    state: str
    outcome: str
    note: str
    by: int
    at: datetime


@dataclass(frozen=True)
class RequestRow:
    """One request. `wish` and `steps` are there when one request is opened."""

    id: int
    number: str
    kind: str
    state: str
    asked_date: date
    due_date: date
    identity_check: str
    outcome: str
    answered_at: datetime | None
    wish: str = ""
    copied: bool = False  # its copy was made
    copy_waits: bool = False  # and can be fetched
    steps: list[StepRow] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether nothing is left to do."""
        return self.state == RequestState.ANSWERED

    @property
    def proposer(self) -> int | None:
        """Who asked for the deletion that waits for a second person."""
        return next((s.by for s in reversed(self.steps) if s.state == RequestState.PROPOSED), None)


@dataclass(frozen=True)
class RequestPage:
    """Rows by due day, and how many there are of each view."""

    rows: list[RequestRow]
    after: str | None


def request_page(scope: Scope, view: str, today: date, *, after: str = "", size: int = 50) -> RequestPage:
    """One page: what is open by due day, what is answered by id. `after`: where the page before ended."""
    rows = _view(_visible(scope), view, today).order_by("due_date", "id")
    day, _colon, number = after.partition(":")
    if number.isdecimal() and _is_day(day):
        rows = rows.filter(Q(due_date__gt=day) | Q(due_date=day, id__gt=int(number)))
    found = list(rows.defer("wish_sealed")[: size + 1])
    page = found[:size]
    more = f"{page[-1].due_date.isoformat()}:{page[-1].pk}" if len(found) > size else None
    return RequestPage([_row(row) for row in page], more)


def view_counts(scope: Scope, today: date) -> dict[str, int]:
    """How many requests each view holds."""
    visible = _visible(scope)
    return {view: _view(visible, view, today).count() for view in VIEWS}


def open_requests(scope: Scope, today: date) -> tuple[int, int]:
    """(open, overdue): what the desk must know in the morning."""
    counts = _visible(scope).filter(state__in=_OPEN).aggregate(
        open=Count("pk"), overdue=Count("pk", filter=Q(due_date__lt=today))
    )  # fmt: skip
    return counts["open"], counts["overdue"]


def proposed_erasures(scope: Scope, *, decider: int) -> int:
    """Deletions that somebody else than `decider` proposed."""
    own = RequestStep.objects.filter(
        request=OuterRef("pk"), state=RequestState.PROPOSED, by=decider,
        number=Subquery(_newest_step().values("number")[:1]),
    )  # fmt: skip
    waiting = SubjectRequest.objects.filter(~Exists(own), state=RequestState.PROPOSED)
    ids = list(waiting.values_list("pk", flat=True))
    return _visible(scope).filter(pk__in=ids).count() if ids else 0  # mostly none: then one query is enough


def _newest_step() -> QuerySet[RequestStep]:
    return RequestStep.objects.filter(request=OuterRef("request")).order_by("-number")


def request_record(scope: Scope, request_id: int) -> RequestRow | None:
    """One request with its steps and the person's words; None outside the scope."""
    found = _visible(scope).filter(pk=request_id).select_related("copy").first()
    return None if found is None else _whole(found)


def requests_of(number: str) -> list[RequestRow]:
    """The requests of one customer, newest first."""
    rows = SubjectRequest.objects.filter(customer_number=number).defer("wish_sealed").order_by("-id")
    return [_row(row) for row in rows]


def _visible(scope: Scope) -> QuerySet[SubjectRequest]:
    numbers = books.numbers_within(scope)
    rows = SubjectRequest.objects.all()
    return rows if numbers is None else rows.filter(customer_number__in=numbers)


def _view(rows: QuerySet[SubjectRequest], view: str, today: date) -> QuerySet[SubjectRequest]:
    if view == "overdue":
        return rows.filter(state__in=_OPEN, due_date__lt=today)
    if view == "answered":
        return rows.filter(state=RequestState.ANSWERED)
    return rows if view == "all" else rows.filter(state__in=_OPEN)


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _row(row: SubjectRequest) -> RequestRow:
    return RequestRow(
        row.pk, row.customer_number, row.kind, row.state, row.asked_date, row.due_date, row.identity_check, row.outcome,
        row.answered_at,
    )  # fmt: skip


def _whole(row: SubjectRequest) -> RequestRow:
    copy = getattr(row, "copy", None)
    return RequestRow(
        row.pk, row.customer_number, row.kind, row.state, row.asked_date, row.due_date, row.identity_check, row.outcome,
        row.answered_at, vault.open_text(row.wish_sealed) or "", copy is not None,
        copy is not None and copy.content_sealed is not None, _steps(row),
    )  # fmt: skip


def _steps(row: SubjectRequest) -> list[StepRow]:
    steps = RequestStep.objects.filter(request=row).order_by("number")
    return [StepRow(one.number, one.state, one.outcome, one.note, one.by_id, one.at) for one in steps]
