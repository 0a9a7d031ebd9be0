"""How often a key calls: counted by day, limited by minute.

In: a key, a moment. Out: whether it may go on; a row a key and day in the side database. Never: a count that waits for a
release, a comparison that is not part of the write (calls at once would overrun it), what a call asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

from tuogu.accesslog.router import side_alias
from tuogu.core.custody import business_date
from tuogu.integration.models import CallDay

_MINUTE_SECONDS = 60


def within_limit(key: int, *, per_minute: int, at: datetime) -> bool:
    """Count one call of this minute; False, and nothing counted, beyond the limit. A call whose minute is over by the time
    it is counted takes from the newer one, so that no minute ever has more than its number."""
    minute = int(at.timestamp()) // _MINUTE_SECONDS
    free = Q(minute__lt=minute) if per_minute > 0 else Q(pk__in=[])
    fresh = Case(When(minute__lt=minute, then=Value(1)), default=F("minute_calls") + 1)
    newest = Greatest(F("minute"), Value(minute))
    return _written(key, at, free | Q(minute_calls__lt=per_minute), minute_calls=fresh, minute=newest)


def seconds_left(at: datetime) -> int:
    """Until the next minute begins."""
    return _MINUTE_SECONDS - int(at.timestamp()) % _MINUTE_SECONDS


def count_call(key: int, *, refused: bool, at: datetime) -> None:
    """One more call of the day."""
    _written(key, at, Q(), calls=F("calls") + 1, refused=F("refused") + int(refused), last_at=at)


def count_clear(key: int, *, per_day: int, at: datetime) -> bool:
    """Count one look in clear; False, and nothing counted, where the day's number is used up."""
    return _written(key, at, Q(clear__lt=per_day), clear=F("clear") + 1)


def _written(key: int, at: datetime, allowed: Q, **values: Any) -> bool:
    """Whether the row of the day was `allowed` to take `values`; it is made where it is not there yet."""
    rows = CallDay.objects.filter(key_id=key, day=business_date(at))
    if rows.filter(allowed).update(**values):
        return True
    if not rows.exists():
        try:
            with transaction.atomic(using=side_alias()):
                CallDay.objects.create(key_id=key, day=business_date(at), last_at=at)
        except IntegrityError:  # another process was first
            pass
    return bool(rows.filter(allowed).update(**values))
