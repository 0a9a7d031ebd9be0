"""Reads of return-visit programmes: the list, one, its worklist for a caller, its visits, its summary (S0-06).

In: a scope, ids. Out: plain values and frames of numbers. Never: an answer (those are asked for by `visit_answers`, which
decrypts), a customer outside the scope, a total that is not the number of its rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.amending import CONTACT_TIME, title_of
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Schema
from tuogu.corrections.models import Amendment, Programme, ReturnVisit, Target
from tuogu.corrections.programmes import mean_bp
from tuogu.corrections.script_reads import label_of
from tuogu.corrections.words import AGAIN, REACHED
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.privacy import queries as privacy

WORK: Schema = {
    "place": pl.Int64, "customer_number": pl.String, "visits": pl.Int64, "outcome": pl.String,
    "last_at": pl.Datetime("us", "UTC"), "next_at": pl.Datetime("us", "UTC"), "state": pl.String,
}  # fmt: skip
_TOLD = 3  # earlier visits whose notes a caller reads
_ORDER = {"due": 0, "new": 1, "again": 2, "later": 3, "done": 4}


@dataclass(frozen=True)
class ProgrammeHead:
    """One programme. `size`: customers on the list within scope; `visited`: with a visit; `reached`: with whom the answers
    were checked."""

    id: int
    name: str
    institution_code: str
    purpose: str
    script_id: int
    script_label: str
    first_date: date
    until_date: date
    selection: dict[str, Any]
    size: int
    digest: str
    completeness_bp: int
    made_by: int
    made_at: datetime
    visits: int
    visited: int
    reached: int

    @property
    def last_date(self) -> date:
        """The last day of it."""
        return self.until_date - timedelta(days=1)

    def open_on(self, day: date) -> bool:
        """Whether visits are recorded on that day."""
        return self.first_date <= day < self.until_date

    def share(self) -> float:
        """Customers checked of all, 0..1."""
        return self.reached / self.size if self.size else 0.0


@dataclass(frozen=True)
class VisitLine:
    """One filed visit. `corrected_by`: the row that says how it really was."""

    id: int
    customer_number: str
    script_label: str
    visited_at: datetime
    recorded_at: datetime
    by: int
    channel: str
    outcome: str
    next_at: datetime | None
    corrects: int | None
    corrected_by: int | None
    amended: tuple[str, ...]  # titles of the fields that it proposes to change
    programme: int


@dataclass(frozen=True)
class Summary:
    """Totals over the visits that count (a corrected one does not, its correction does): each sums to `counted`."""

    rows: int
    corrected: int
    by_outcome: tuple[tuple[str, int], ...]
    by_caller: tuple[tuple[int, int], ...]
    by_day: tuple[tuple[date, int], ...]
    before_bp: int
    after_bp: int
    amendments: int

    @property
    def counted(self) -> int:
        """Visits that count."""
        return self.rows - self.corrected


def programmes(scope: Scope) -> list[ProgrammeHead]:
    """Programmes of institutions within scope, or with a customer that somebody within it holds; newest first."""
    return [_head(row) for row in _counted(_visible(scope), scope).order_by("-pk")]


def programme(scope: Scope, programme_id: int) -> ProgrammeHead | None:
    """One programme; None when unknown or out of scope."""
    row = _counted(_visible(scope).filter(pk=programme_id), scope).first()
    return None if row is None else _head(row)


def _visible(scope: Scope) -> QuerySet[Programme]:
    rows = Programme.objects.select_related("script")
    if scope.all_rows:
        return rows
    held = Target.objects.filter(customer_number__in=books.holders_within(scope))
    return rows.filter(
        Q(institution_code__in=sorted(org.institutions_within(scope))) | Q(pk__in=held.values("programme"))
    )


def _mine(scope: Scope, to_programme: str, to_number: str) -> Q:
    """Whose counts a scope covers: a whole programme of an institution within it, else the customers that it shows."""
    if scope.all_rows:
        return Q()
    whole = Q(**{f"{to_programme}institution_code__in": sorted(org.institutions_within(scope))})
    return whole | Q(**{f"{to_number}__in": books.holders_within(scope)})


def _visits(scope: Scope, programme_id: int) -> QuerySet[ReturnVisit]:
    return ReturnVisit.objects.filter(_mine(scope, "programme__", "customer_number"), programme=programme_id)


def _counted(rows: QuerySet[Programme], scope: Scope) -> QuerySet[Programme]:
    mine = _mine(scope, "", "visits__customer_number")
    reached = Q(visits__corrected_by__isnull=True, visits__outcome__in=sorted(REACHED))
    return rows.annotate(
        n_targets=_targets(scope),
        n_visits=Count("visits", distinct=True, filter=mine),
        n_visited=Count("visits__customer_number", distinct=True, filter=mine),
        n_reached=Count("visits__customer_number", distinct=True, filter=mine & reached),
    )


def _targets(scope: Scope) -> Subquery:
    own = Target.objects.filter(_mine(scope, "programme__", "customer_number"), programme=OuterRef("pk"))
    counted = own.order_by().values("programme").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def _head(row: Any) -> ProgrammeHead:
    return ProgrammeHead(
        row.pk, row.name, row.institution_code, row.purpose, row.script_id, label_of(row.script.name, row.script.version),
        row.first_date, row.until_date, row.selection, row.n_targets or 0, row.digest, row.completeness_bp, row.made_by_id,
        row.made_at, row.n_visits, row.n_visited, row.n_reached,
    )  # fmt: skip


def worklist(
    scope: Scope, programme_id: int, rulebook: Rulebook, *, at: datetime, turn: int = 0
) -> pl.DataFrame:
    """WORK: the targets within scope in the order to call them: appointments due, untouched, to be tried again, later,
    done. `turn` moves where the untouched begin, so that two callers do not ring the same customer at once. Whose data may
    only be kept since the list was frozen is not called (L-07)."""
    targets = list(
        Target.objects.filter(programme=programme_id)
        .order_by("place")
        .values_list("place", "customer_number")
    )
    frame = pl.DataFrame(targets, schema={"place": pl.Int64, "customer_number": pl.String}, orient="row")
    blocked = sorted(privacy.blocked_numbers())
    frame = frame.filter(~pl.col("customer_number").is_in(blocked)) if blocked else frame
    if not scope.all_rows:
        mine = books.customers_within(scope, frame["customer_number"].to_list())
        frame = frame.join(
            mine.select("customer_number"), on="customer_number", how="semi", maintain_order="left"
        )
    joined = frame.join(_last_visits(programme_id), on="customer_number", how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("visits").fill_null(0)).with_columns(state=_state(rulebook, at))
    size = max(frame.height, 1)
    return (
        joined.with_columns(
            rank=pl.col("state").replace_strict(_ORDER, return_dtype=pl.Int64),
            turned=(pl.col("place") - 1 - turn) % size,
            since=pl.coalesce("next_at", "last_at"),
        )
        .sort("rank", "since", "turned", nulls_last=False)
        .select(*WORK)
    )


def _last_visits(programme_id: int) -> pl.DataFrame:
    """customer_number, visits, outcome, last_at, next_at of the newest visit that counts."""
    rows = list(
        ReturnVisit.objects.filter(programme=programme_id, corrected_by__isnull=True)
        .order_by("visited_at", "pk")
        .values_list("customer_number", "outcome", "visited_at", "next_at")
    )
    schema = {name: WORK[name] for name in ("customer_number", "outcome", "last_at", "next_at")}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("customer_number", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("visits"), pl.col("outcome", "last_at", "next_at").last()
    )


def _state(rulebook: Rulebook, at: datetime) -> pl.Expr:
    """due | new | again | later | done (words.TARGET_STATES)."""
    wait = timedelta(hours=rulebook["corrections.again_after_hours"])
    tired = pl.col("visits") >= rulebook["corrections.attempts_max"]
    return (
        pl.when(pl.col("outcome").is_null())
        .then(pl.lit("new"))
        .when(~pl.col("outcome").is_in(sorted(AGAIN)) | (tired & (pl.col("outcome") != "appointment")))
        .then(pl.lit("done"))
        .when(pl.col("next_at").is_not_null() & (pl.col("next_at") <= at))
        .then(pl.lit("due"))
        .when(pl.col("next_at").is_not_null() | (pl.col("last_at") > at - wait))
        .then(pl.lit("later"))
        .otherwise(pl.lit("again"))
    )


def visit_page(
    scope: Scope, programme_id: int, *, outcome: str = "", by: int | None = None, day: date | None = None,
    customer: str = "", corrected: bool | None = None, before: int | None = None, size: int = 50,
) -> list[VisitLine]:  # fmt: skip
    """Filed visits, newest first: the rows behind a total of the summary. `corrected` None = also those that a later row
    corrects. One more than `size` says that there is more."""
    rows = _visits(scope, programme_id).select_related("script").order_by("-pk")
    exact = {"outcome": outcome, "by": by, "customer_number": customer, "pk__lt": before}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if corrected is not None:
        rows = rows.filter(corrected_by__isnull=not corrected)
    if day is not None:
        rows = rows.filter(visited_at__date=day)
    found = list(rows.select_related("corrected_by")[: size + 1])
    return _lines(found)


def visits_of(customer_number: str) -> list[VisitLine]:
    """Every visit to one customer, newest first; the caller has made sure that the customer is within scope."""
    rows = ReturnVisit.objects.filter(customer_number=customer_number).select_related(
        "script", "corrected_by"
    )
    return _lines(list(rows.order_by("-pk")))


def visit(scope: Scope, visit_id: int) -> VisitLine | None:
    """One filed visit; None when unknown or its customer is out of scope."""
    row = ReturnVisit.objects.select_related("script", "corrected_by").filter(pk=visit_id).first()
    if row is None or books.customers_within(scope, [row.customer_number]).is_empty():
        return None
    return _lines([row])[0]


def visit_answers(visit_id: int) -> tuple[dict[str, tuple[str, str]], str]:
    """Answers (field → state, new value) and note of a visit, decrypted. Who calls this shows personal data."""
    sealed = ReturnVisit.objects.values_list("answers_sealed", flat=True).get(pk=visit_id)
    text = vault.open_text(sealed)
    if text is None:
        return {}, ""
    kept = json.loads(text)
    return {name: (answer[0], answer[1]) for name, answer in kept["answers"].items()}, kept["note"]


@dataclass(frozen=True)
class Told:
    """What an earlier visit left for the next: when it is convenient, and the note. Personal."""

    at: datetime
    contact_time: str
    note: str


def told_before(customer_number: str) -> list[Told]:
    """Notes and convenient times of earlier visits that count, newest first, decrypted: shown with a reveal only."""
    rows = ReturnVisit.objects.filter(customer_number=customer_number, corrected_by__isnull=True)
    told = []
    for pk, at in (
        rows.filter(answers_sealed__isnull=False).order_by("-pk").values_list("pk", "visited_at")[:_TOLD]
    ):
        answers, note = visit_answers(pk)
        when = answers.get(CONTACT_TIME, ("", ""))[1]
        if when or note:
            told.append(Told(at, when, note))
    return told


def _lines(rows: list[ReturnVisit]) -> list[VisitLine]:
    amended: dict[int, list[str]] = {}
    pairs = (
        Amendment.objects.filter(visit__in=[row.pk for row in rows])
        .order_by("pk")
        .values_list("visit", "field")
    )
    for visit_id, field in pairs:
        amended.setdefault(int(visit_id or 0), []).append(title_of(field))
    return [
        VisitLine(
            row.pk, row.customer_number, label_of(row.script.name, row.script.version), row.visited_at, row.recorded_at,
            row.by_id, row.channel, row.outcome, row.next_at, row.corrects_id, _corrected(row),
            tuple(amended.get(row.pk, ())), row.programme_id,
        )
        for row in rows
    ]  # fmt: skip


def _corrected(row: ReturnVisit) -> int | None:
    later = getattr(row, "corrected_by", None)
    return None if later is None else int(later.pk)


def summary(scope: Scope, programme_id: int, rulebook: Rulebook) -> Summary:
    """登记和汇总 of a programme: totals over its visits within scope, completeness of its whole list before and now."""
    rows = _visits(scope, programme_id)
    counts = list(rows.filter(corrected_by__isnull=True).values_list("outcome", "by", "visited_at"))
    frame = pl.DataFrame(
        [(outcome, by, business_date(at)) for outcome, by, at in counts],
        schema={"outcome": pl.String, "by": pl.Int64, "day": pl.Date}, orient="row",
    )  # fmt: skip
    row = Programme.objects.get(pk=programme_id)
    numbers = list(row.targets.values_list("customer_number", flat=True))
    every = rows.count()
    return Summary(
        rows=every,
        corrected=every - frame.height,
        by_outcome=_totals(frame, "outcome", by_count=True),
        by_caller=_totals(frame, "by", by_count=True),
        by_day=_totals(frame, "day", by_count=False),
        before_bp=row.completeness_bp,
        after_bp=mean_bp(numbers, rulebook),
        amendments=Amendment.objects.filter(visit__in=rows.values("pk"), withdrawal__isnull=True).count(),
    )


def _totals(frame: pl.DataFrame, column: str, *, by_count: bool) -> tuple[Any, ...]:
    counted = frame.group_by(column).agg(n=pl.len().cast(pl.Int64))
    ordered = counted.sort("n", column, descending=[True, False]) if by_count else counted.sort(column)
    return tuple(ordered.iter_rows())
