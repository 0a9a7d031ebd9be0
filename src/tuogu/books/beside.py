"""Who stands before and after a row in a list, and at which place: next and previous while records are read.

In: a scope, the filter and order of the list, a row. Out: `Beside`. Never: a neighbour out of scope; a place counted row by
row (two counts by index); an error for a row that is no longer in the list (it has neighbours, but no place).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tuogu.books import customer_filters, filters
from tuogu.books.assignments import batches_within
from tuogu.books.customer_filters import CustomerFilter
from tuogu.books.customers import found
from tuogu.books.filters import PolicyFilter, condition
from tuogu.books.models import ListedCustomer
from tuogu.books.visible import rows, visible
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Beside:
    """before, after: what names the neighbours, None at an end. place: from 1, None for a row that is not in the list."""

    before: str | None
    after: str | None
    place: int | None
    total: int


def policies_beside(
    scope: Scope, wanted: PolicyFilter, number: str, *, as_of: date, sort: str = "due"
) -> Beside | None:
    """Beside a policy; None when there is no such policy within scope."""
    row = rows(scope).filter(number=number).first()
    if row is None:
        return None
    listed = rows(scope).filter(condition(wanted, as_of))
    mark = filters.mark_of(row, sort)
    return _beside(
        listed,
        lambda backwards: filters.beyond(mark, sort, backwards=backwards),
        lambda backwards: filters.ordering(sort, backwards=backwards),
        "number",
        row.pk,
    )


def customers_beside(
    scope: Scope, wanted: CustomerFilter, number: str, *, as_of: date, sort: str = "due"
) -> Beside | None:
    """Beside a customer; None when there is no such customer."""
    if not ListedCustomer.objects.filter(pk=number).exists():
        return None
    return _beside(
        found(visible(scope), wanted, as_of),
        lambda backwards: customer_filters.beyond(number, sort, backwards=backwards),
        lambda backwards: customer_filters.ordering(sort, backwards=backwards),
        "pk",
        number,
    )


def batches_beside(scope: Scope, kind: str, batch_id: int) -> Beside:
    """Beside a batch, newest first."""
    return _beside(
        batches_within(scope, kind),
        lambda backwards: Q(pk__gt=batch_id) if backwards else Q(pk__lt=batch_id),
        lambda backwards: ("pk",) if backwards else ("-pk",),
        "pk",
        batch_id,
    )


def _beside(
    listed: QuerySet[Any],
    beyond: Callable[[bool], Q],
    ordering: Callable[[bool], Any],
    name: str,
    key: Any,
) -> Beside:
    """Five queries: both neighbours, whether it is listed, how many stand before it, how many there are."""

    def neighbour(backwards: bool) -> str | None:
        following = listed.filter(beyond(backwards)).order_by(*ordering(backwards))
        first = following.values_list(name, flat=True).first()
        return None if first is None else str(first)

    there = listed.filter(pk=key).exists()
    place = listed.filter(beyond(True)).count() + 1 if there else None
    return Beside(neighbour(True), neighbour(False), place, listed.count())
