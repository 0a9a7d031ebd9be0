"""Cases in lists: filters, keyset pages, totals, the red list.

In: a scope and a filter. Out: plain rows. Never: a case of a policy out of scope, a customer's name, more queries for more
rows.

Views: open (nobody told yet), warned (from the rulebook's day on), red (due without proof, or nobody reachable), told, all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from tuogu.books import queries as books
from tuogu.core.rulebook import Rulebook
from tuogu.notices.clock import warned_until
from tuogu.notices.models import NoticeCase, Waiver
from tuogu.notices.preparing import case_code, case_of
from tuogu.org import queries as org
from tuogu.org.scope import Scope

OPEN = ("waiting", "prepared", "sent")
VIEWS = ("open", "warned", "red", "told", "all")


@dataclass(frozen=True)
class CaseFilter:
    """What is asked for. `find`: a policy number, customer number or case code; `picked`: ids."""

    view: str = "open"
    state: str = ""
    trouble: str = ""
    leaver: int | None = None
    institution: str = ""
    find: str = ""
    picked: tuple[int, ...] | None = None


@dataclass(frozen=True)
class CaseRow:
    """One case. `late`: proved after its day; `red`: on the red list today."""

    id: int
    code: str
    policy_number: str
    holder_number: str
    institution_code: str | None
    leaver: int
    leave_date: date
    why: str
    state: str
    trouble: str
    internal_due_date: date
    statutory_due_date: date
    due_date: date
    proved_date: date | None
    red: bool
    late: bool


@dataclass(frozen=True)
class CasePage:
    """Rows by the day they fall due, and the marks to go on from; None = that is the end."""

    rows: list[CaseRow]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class RedLine:
    """The red list of one institution: how many, how old the oldest, why."""

    institution_code: str | None
    cases: int
    oldest_due: date
    unreachable: int


def within(scope: Scope) -> QuerySet[NoticeCase]:
    """The cases whose policy the scope shows."""
    subjects = books.visible_subjects(scope)
    return (
        NoticeCase.objects.all() if subjects is None else NoticeCase.objects.filter(subject_id__in=subjects)
    )


def red(today: date) -> Q:
    """On the red list: without proof on the day it falls due or later, or nobody can be reached. Both clocks' one rule."""
    return Q(state__in=OPEN) & (Q(due_date__lte=today) | Q(trouble="no_contact"))


def chosen(scope: Scope, wanted: CaseFilter, today: date, rulebook: Rulebook) -> QuerySet[NoticeCase]:
    """The cases that a filter means."""
    rows = within(scope).filter(_view(wanted.view, today, rulebook))
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.trouble:
        rows = rows.filter(trouble=wanted.trouble)
    if wanted.leaver is not None:
        rows = rows.filter(departure__person_id=wanted.leaver)
    if wanted.institution:
        rows = rows.filter(
            institution_code__in=org.institutions_below(wanted.institution) | {wanted.institution}
        )
    if wanted.find:
        rows = rows.filter(_named(wanted.find))
    return rows if wanted.picked is None else rows.filter(pk__in=wanted.picked)


def _view(view: str, today: date, rulebook: Rulebook) -> Q:
    if view == "red":
        return red(today)
    if view == "warned":
        return Q(state__in=OPEN, due_date__lte=warned_until(today, rulebook)) & ~red(today)
    return {"open": Q(state__in=OPEN), "told": Q(state__in=("proved", "waived"))}.get(view, Q())


def _named(find: str) -> Q:
    return Q(policy_number=find) | Q(holder_number=find) | Q(pk=case_of(find) or 0)


def case_page(
    scope: Scope,
    wanted: CaseFilter,
    today: date,
    rulebook: Rulebook,
    *,
    size: int,
    after: str = "",
    before: str = "",
) -> CasePage:
    """One page of cases, the nearest day first."""
    rows = chosen(scope, wanted, today, rulebook).select_related("departure")
    mark = _mark(before or after)
    backwards = bool(before) and mark is not None
    if mark is not None:
        day, pk = mark
        beyond = (
            Q(due_date__lt=day) | Q(due_date=day, pk__lt=pk)
            if backwards
            else Q(due_date__gt=day) | Q(due_date=day, pk__gt=pk)
        )
        rows = rows.filter(beyond)
    order = ("-due_date", "-pk") if backwards else ("due_date", "pk")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_before = more if backwards else mark is not None
    has_after = bool(found) if backwards else more
    return CasePage(
        [row_of(case, today) for case in found],
        f"{found[0].due_date}~{found[0].pk}" if found and has_before else None,
        f"{found[-1].due_date}~{found[-1].pk}" if found and has_after else None,
    )


def _mark(text: str) -> tuple[date, int] | None:
    day, _, pk = text.partition("~")
    try:
        return date.fromisoformat(day), int(pk[:12])
    except ValueError:
        return None


def row_of(case: NoticeCase, today: date) -> CaseRow:
    """A case as lists show it; its departure has been read with it."""
    red_now = case.state in OPEN and (case.due_date <= today or case.trouble == "no_contact")
    return CaseRow(
        int(case.pk), case_code(case.pk), case.policy_number, case.holder_number, case.institution_code,
        case.departure.person_id, case.departure.leave_date, case.why, case.state, case.trouble,
        case.internal_due_date, case.statutory_due_date, case.due_date, case.proved_date, red_now,
        case.proved_date is not None and case.proved_date > case.due_date,
    )  # fmt: skip


def case_ids(scope: Scope, wanted: CaseFilter, today: date, rulebook: Rulebook) -> list[int]:
    """Ids of everything that a filter means: what a bulk act takes."""
    return list(chosen(scope, wanted, today, rulebook).values_list("pk", flat=True))


def case_totals(scope: Scope, wanted: CaseFilter, today: date, rulebook: Rulebook) -> dict[str, int]:
    """cases, holders of a filter."""
    found = chosen(scope, wanted, today, rulebook).aggregate(
        cases=Count("pk"), holders=Count("holder_number", distinct=True)
    )
    return {name: int(count) for name, count in found.items()}


def view_counts(
    scope: Scope, today: date, rulebook: Rulebook, *, decider: int | None = None
) -> dict[str, int]:
    """How many cases each view holds, and under `asked` how many wait for `decider` to close them without proof: one
    query."""
    counts = {view: Count("pk", filter=_view(view, today, rulebook)) for view in VIEWS if view != "all"}
    if decider is None:
        return within(scope).aggregate(**counts, all=Count("pk"))
    waits = Exists(Waiver.objects.filter(case=OuterRef("pk"), state="asked").exclude(asked_by=decider))
    asked = Count("pk", filter=Q(waits=True))
    return within(scope).annotate(waits=waits).aggregate(**counts, all=Count("pk"), asked=asked)


def red_lines(scope: Scope, today: date) -> list[RedLine]:
    """The red list by institution, the oldest first."""
    rows = within(scope).filter(red(today)).values("institution_code")
    found = rows.annotate(
        n=Count("pk"), oldest=Min("due_date"), nowhere=Count("pk", filter=Q(trouble="no_contact"))
    )
    return [
        RedLine(row["institution_code"], row["n"], row["oldest"], row["nowhere"])
        for row in found.order_by("oldest", "institution_code")
    ]


def waivers_asked(scope: Scope) -> list[Waiver]:
    """Wishes to close a case without proof that wait for a second person, the oldest first."""
    rows = Waiver.objects.filter(state="asked", case__in=within(scope)).select_related("case__departure")
    return list(rows.order_by("asked_at", "pk")[:200])
