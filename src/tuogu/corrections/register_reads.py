"""Reads of the amendment register: pages of it, and the history of a customer field by field.

In: a scope, filters. Out: lines without values; values apart, masked unless asked for in clear. Never: an amendment out of
scope, a value in clear that nobody counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.amending import title_of
from tuogu.core.custody import business_date, day_bounds
from tuogu.core.masking import mask_rule, masked_address, masked_id, masked_name, masked_phone
from tuogu.core.rulebook import Rulebook
from tuogu.corrections.models import Amendment, Batch, BatchLine
from tuogu.corrections.registering import open_amendments
from tuogu.org import queries as org
from tuogu.org.scope import Scope

_HIDDEN = "***"


@dataclass(frozen=True)
class RegisterFilter:
    """What the list is narrowed to; empty narrows nothing. Days are both included."""

    state: str = ""  # words.AMENDMENT_STATES
    source: str = ""
    field: str = ""
    by: int | None = None
    customer: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class AmendmentLine:
    """One amendment without its values. `state`: words.AMENDMENT_STATES; `batch`: the newest list that holds it."""

    id: int
    customer_number: str
    field: str
    title: str
    source: str
    visit: int | None
    by: int
    recorded_at: datetime
    state: str
    batch: int | None
    applied_at: datetime | None
    withdrawn: str  # why; '' = not withdrawn


def register_page(
    scope: Scope,
    wanted: RegisterFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = 50,
) -> tuple[list[AmendmentLine], bool]:
    """One page, newest first, and whether there is more that way: older than the id `before`, or newer than `after`."""
    rows = _filtered(scope, wanted)
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        return _lines(found[:size][::-1]), len(found) > size
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    return _lines(found[:size]), len(found) > size


def register_count(scope: Scope, wanted: RegisterFilter) -> int:
    """How many the whole list has."""
    return _filtered(scope, wanted).count()


def field_history(customer_number: str) -> list[AmendmentLine]:
    """Every amendment of one customer, newest first; the caller has made sure that the customer is within scope."""
    rows = _with_lines(Amendment.objects.filter(customer_number=customer_number)).order_by("-pk")
    return _lines(list(rows))


def amendment(scope: Scope, amendment_id: int) -> AmendmentLine | None:
    """One amendment; None when unknown or out of scope."""
    row = _filtered(scope, RegisterFilter()).filter(pk=amendment_id).first()
    return None if row is None else _lines([row])[0]


def visible(scope: Scope) -> Q:
    """Amendments of institutions within scope, or of customers whom somebody within it holds."""
    if scope.all_rows:
        return Q()
    by_place = Q(institution_code__in=sorted(org.institutions_within(scope)))
    return by_place | Q(customer_number__in=books.holders_within(scope))


def _filtered(scope: Scope, wanted: RegisterFilter) -> QuerySet[Amendment]:
    rows = _with_lines(Amendment.objects.filter(visible(scope)))
    exact = {
        "source": wanted.source,
        "field": wanted.field,
        "by": wanted.by,
        "customer_number": wanted.customer,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.first_day is not None:
        rows = rows.filter(recorded_at__gte=day_bounds(wanted.first_day, wanted.first_day)[0])
    if wanted.last_day is not None:
        rows = rows.filter(recorded_at__lt=day_bounds(wanted.last_day, wanted.last_day)[1])
    return _in_state(rows, wanted.state)


def _in_state(rows: QuerySet[Amendment], state: str) -> QuerySet[Amendment]:
    if state == "open":
        return rows.filter(pk__in=open_amendments().values("pk"))
    if state == "withdrawn":
        return rows.filter(withdrawal__isnull=False)
    own = BatchLine.objects.filter(amendment=OuterRef("pk"))
    if state in ("applied", "conflict"):
        return rows.filter(Exists(own.filter(outcome__outcome=state)))
    if state == "listed":
        road = [Batch.State.AWAITING, Batch.State.SIGNED, Batch.State.WITH_IT]
        return rows.filter(Exists(own.filter(batch__state__in=road)))
    return rows


def _with_lines(rows: QuerySet[Amendment]) -> QuerySet[Amendment]:
    lines = BatchLine.objects.select_related("batch", "outcome").order_by("pk")
    return rows.select_related("withdrawal").prefetch_related(Prefetch("lines", lines))


def _lines(rows: Iterable[Amendment]) -> list[AmendmentLine]:
    return [_line(row) for row in rows]


def _line(row: Any) -> AmendmentLine:
    newest = next(iter(reversed(row.lines.all())), None)
    outcome = getattr(newest, "outcome", None)
    withdrawal = getattr(row, "withdrawal", None)
    if withdrawal is not None:
        state = "withdrawn"
    elif outcome is not None:
        state = outcome.outcome
    else:
        state = "open" if newest is None or newest.batch.state == Batch.State.RETURNED else "listed"
    return AmendmentLine(
        row.pk, row.customer_number, row.field, title_of(row.field), row.source, row.visit_id, row.by_id,
        row.recorded_at, state, newest.batch_id if newest and newest.batch.state != Batch.State.RETURNED else None,
        outcome.at if outcome is not None and outcome.outcome == "applied" else None,
        withdrawal.reason if withdrawal is not None else "",
    )  # fmt: skip


@dataclass(frozen=True)
class ShownChange:
    """Old and new value of an amendment, masked or in clear as was asked; null = nothing stands there. A value that masks
    alike says so: `alike`."""

    old: str | None
    new: str | None
    evidence: str | None

    @property
    def alike(self) -> bool:
        """Masked, the two cannot be told apart."""
        return self.old is not None and self.old == self.new


def shown_changes(ids: Iterable[int], rulebook: Rulebook, *, clear: bool = False) -> dict[int, ShownChange]:
    """Values of amendments by id, masked unless `clear`: the one way by which pages get them (web/personal.py)."""
    rows = list(
        Amendment.objects.filter(pk__in=list(ids)).values_list(
            "pk", "field", "old_sealed", "new_sealed", "evidence_sealed"
        )
    )
    opened = [vault.open_texts(column) for column in zip(*(row[2:] for row in rows), strict=True)] or [
        [],
        [],
        [],
    ]
    columns = {"old": opened[0], "new": opened[1], "evidence": opened[2]}
    frame = pl.DataFrame(
        {"id": [row[0] for row in rows], "field": [row[1] for row in rows], **columns},
        schema={"id": pl.Int64, "field": pl.String, **dict.fromkeys(columns, pl.String)},
    )
    if not clear:  # evidence is free text: nothing says what a mask would have to hide
        frame = frame.with_columns(
            _masked("old", rulebook), _masked("new", rulebook), evidence=pl.lit(None, pl.String)
        )
    return {pk: ShownChange(old, new, evidence) for pk, _field, old, new, evidence in frame.iter_rows()}


def customers_of(ids: Iterable[int]) -> dict[int, str]:
    """Whom each of some amendments speaks of."""
    return dict(Amendment.objects.filter(pk__in=list(ids)).values_list("pk", "customer_number"))


def _masked(column: str, rulebook: Rulebook) -> pl.Expr:
    rule, value, field = mask_rule(rulebook), pl.col(column), pl.col("field")
    return (
        pl.when(field == "name").then(masked_name(value, rule))
        .when(field == "phone").then(masked_phone(value, rule))
        .when(field == "id_number").then(masked_id(value, rule))
        .when(field == "address").then(masked_address(value))
        .when(field == "birth_date").then(pl.concat_str(value.str.head(4), pl.lit("-**-**")))
        .when(field == "sex").then(value)
        .when(value.is_not_null()).then(pl.lit(_HIDDEN))
        .alias(column)
    )  # fmt: skip


def open_count(scope: Scope) -> int:
    """Amendments that wait for a list."""
    return open_amendments().filter(visible(scope)).count()


def oldest_open(scope: Scope) -> date | None:
    """The day of the oldest that waits."""
    found = (
        open_amendments()
        .filter(visible(scope))
        .order_by("recorded_at")
        .values_list("recorded_at", flat=True)
        .first()
    )
    return None if found is None else business_date(found)


def customer_within(scope: Scope, customer_number: str) -> bool:
    """Whether the scope shows this customer."""
    return not books.customers_within(scope, [customer_number]).is_empty()
