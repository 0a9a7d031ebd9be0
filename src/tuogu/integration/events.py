"""What webhooks tell of, collected from the rooms behind a watermark.

In: the ledger's sealed entries, its batches, departures, imports. Out: Event rows in one order. Never: an entry or a batch
passed over (entries count up to the newest seal, behind which no smaller id can appear; everything else is asked for by
what is not there yet), a row twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from tuogu.books import queries as books
from tuogu.core.rulebook import Rulebook
from tuogu.integration.models import Event, Subscription
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind
from tuogu.notices import queries as notices
from tuogu.org import actions as org_actions
from tuogu.org import queries as org

CUSTODY, LEAVER, RELEASED, IMPORTED = "custody.changed", "leaver.recorded", "plan.released", "import.finished"


@transaction.atomic
def collect(*, rulebook: Rulebook, at: datetime) -> int:
    """Write what is new; returns how many events. One process at a time; again writes nothing."""
    org_actions.lock_person(org.machine())
    ranges = _custody(rulebook["integration.entries_per_delivery"])
    rows = [Event(kind=CUSTODY, source_id=first, until_id=last, at=at) for first, last in ranges]
    for kind, found in (
        (LEAVER, notices.departures_after(_known(LEAVER))),
        (RELEASED, ledger.posted_batches().filter(kind=EntryKind.RELEASE).exclude(pk__in=_known(RELEASED))
            .order_by("pk").values_list("pk", flat=True)),
        (IMPORTED, books.imports_after(_known(IMPORTED))),
    ):  # fmt: skip
        rows += [Event(kind=kind, source_id=source, at=at) for source in found]
    Event.objects.bulk_create(rows)
    return len(rows)


def last_event() -> int:
    """Id of the newest event; 0 before the first."""
    return int(Event.objects.aggregate(last=Max("id"))["last"] or 0)


def _known(kind: str) -> Iterable[int]:
    """A subquery of the sources that events of this kind have."""
    return Event.objects.filter(kind=kind).values("source_id")


def _custody(size: int) -> list[tuple[int, int]]:
    """Ranges of sealed entries that no event has: one for each delivery, or one in all where nobody listens."""
    done = int(Event.objects.filter(kind=CUSTODY).aggregate(last=Max("until_id"))["last"] or 0)
    until = ledger.sealed_until()
    if until <= done:
        return []
    listened = Subscription.objects.filter(state__in=("active", "halted"), kinds__isnull=False)
    if not any(CUSTODY in kinds for kinds in listened.values_list("kinds", flat=True)):
        return [(done + 1, until)]
    ranges, first = [], done + 1
    while first <= until:
        page = (
            ledger.entries().filter(pk__gte=first, pk__lte=until).order_by("pk").values_list("pk", flat=True)
        )
        last = page[size - 1 : size].first()  # one look-up a delivery, by the primary key
        ranges.append((first, last or until))
        first = (last or until) + 1
    return ranges
