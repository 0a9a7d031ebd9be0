"""How the stock stands, in a handful of numbers: what there is, what is coded, whether everything has a custodian.

In: a Scope. Out: counts, from the rebuildable summary wherever it can answer. Never: a scan of every policy, except the
proof that none lacks a custodian, which is made once for each state of the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from tuogu.books.models import ImportRun, ListedPolicy, ListedSum
from tuogu.books.visible import Visible, visible
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.process_memory import memory as cache


@dataclass(frozen=True)
class Stock:
    """Live main policies within scope; `uncoded`: those whose address waits for a person."""

    live: int
    orphans: int
    lapsed: int
    uncoded: int
    yearly_premium_fen: int
    pooled: int  # held by the pool that was asked for

    @property
    def coded_share(self) -> float | None:
        """Coded ÷ live; None without policies."""
        return (self.live - self.uncoded) / self.live if self.live else None


def stock(scope: Scope, pool: int) -> Stock:
    """The live policies within scope, and how many of them `pool` holds; by ListedSum, except for what is only seen
    because somebody within scope holds it."""
    seen = visible(scope)
    if seen.only_people or seen.regions:
        return _of_people(seen, pool)
    held = _held(seen, pool)
    sums = ListedSum.objects.filter(live=True)
    if seen.everything:
        return _stock(held, _sums(sums))
    return _stock(held, _sums(sums.filter(institution_code__in=sorted(seen.institutions))), _beside(seen))


def policies_by_institution(scope: Scope) -> dict[str, int]:
    """Live policies within scope by the code of every institution that manages them, itself or through one below it."""
    seen = visible(scope)
    counted: Iterable[tuple[Any, ...]]
    if seen.regions:
        listed = ListedPolicy.objects.filter(seen.condition(), live__in=[True]).order_by()
        counted = listed.values_list("institution_code").annotate(n=Count("pk"))
    else:
        sums = ListedSum.objects.filter(live=True).order_by()
        shown = sums if seen.everything else sums.filter(institution_code__in=sorted(seen.institutions))
        counted = shown.values_list("institution_code").annotate(n=Sum("policies"))
    total: Counter[str] = Counter()
    parents = org.parents()
    for managing, n in counted:
        code: str | None = managing
        while code:
            total[code] += n
            code = parents.get(code)
    return dict(total)


def _of_people(seen: Visible, pool: int) -> Stock:
    """Counted row by row, once for each state of the ledger and the stock."""
    newest = ImportRun.objects.order_by("-id").values_list("id", flat=True).first() or 0
    key = f"books.stock:{ledger.version()}:{newest}:{pool}:{seen.digest}"
    found: Stock | None = cache.get(key)
    if found is None:
        found = _stock(
            _held(seen, pool), _rows(ListedPolicy.objects.filter(seen.condition(), live__in=[True]))
        )
        cache.set(key, found)
    return found


def _held(seen: Visible, pool: int) -> int:
    held = ledger.held_by([pool])
    if seen.everything or pool in seen.custodians:
        return held.count()
    if seen.only_people:
        return 0  # what a pool holds is nobody else's
    return ListedPolicy.objects.filter(seen.condition(), subject_id__in=held).count()


def without_custodian() -> int:
    """Live policies of the whole installation that nobody holds: must be 0. Counted anew when the ledger has changed, and
    every few minutes."""
    key = f"books.without_custodian:{ledger.version()}"
    found = cache.get(key)
    if found is None:
        held = ledger.open_subjects().filter(subject_id=OuterRef("pk"))
        found = ListedPolicy.objects.filter(~Exists(held), live__in=[True]).count()
        cache.set(key, found)
    return int(found)


def _sums(sums: QuerySet[ListedSum]) -> dict[str, Any]:
    return sums.aggregate(
        live=Sum("policies"),
        orphans=Sum("policies", filter=Q(orphan=True)),
        lapsed=Sum("policies", filter=Q(state="lapsed")),
        uncoded=Sum("policies", filter=Q(street_code="")),
        yearly_premium_fen=Sum("yearly_premium_fen"),
    )


def _rows(rows: QuerySet[ListedPolicy]) -> dict[str, Any]:
    return rows.aggregate(
        live=Count("pk"),
        orphans=Count("pk", filter=Q(orphan=True)),
        lapsed=Count("pk", filter=Q(state="lapsed")),
        uncoded=Count("pk", filter=Q(community_code__isnull=True)),
        yearly_premium_fen=Sum("yearly_premium_fen"),
    )


def _beside(seen: Visible) -> dict[str, Any]:
    return _rows(ListedPolicy.objects.filter(seen.outside_places(), live__in=[True]))


def _stock(pooled: int, *parts: dict[str, Any]) -> Stock:
    names = ("live", "orphans", "lapsed", "uncoded", "yearly_premium_fen")
    return Stock(pooled=pooled, **{name: sum(int(part[name] or 0) for part in parts) for name in names})
