"""How often a key calls: counted by day, limited by minute.

In: a key, a moment. Out: whether it may go on; a row a key and day in the side database. Never: a count that waits for a
release, what a call asked for.
"""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from tuogu.accesslog.router import side_alias
from tuogu.core.custody import business_date
from tuogu.integration.models import CallDay

_MINUTE_SECONDS = 60


def within_limit(key: int, *, per_minute: int, at: datetime) -> bool:
    """Count one call of this minute; False beyond the limit. All processes count together, in the shared cache."""
    name = f"api:{key}:{int(at.timestamp()) // _MINUTE_SECONDS}"
    cache.add(name, 0, 2 * _MINUTE_SECONDS)
    try:
        return int(cache.incr(name)) <= per_minute
    except ValueError:  # the row went between the two: the cache was just emptied
        return True


def seconds_left(at: datetime) -> int:
    """Until the next minute begins."""
    return _MINUTE_SECONDS - int(at.timestamp()) % _MINUTE_SECONDS


def count_call(key: int, *, refused: bool, at: datetime) -> None:
    """One more call of the day."""
    _row(key, at).update(calls=F("calls") + 1, refused=F("refused") + int(refused), last_at=at)


def count_clear(key: int, *, per_day: int, at: datetime) -> bool:
    """Count one look in clear; False, and nothing counted, where the day's number is used up. Two looks at once cannot
    overrun it: the comparison is part of the write."""
    return bool(_row(key, at).filter(clear__lt=per_day).update(clear=F("clear") + 1))


def _row(key: int, at: datetime) -> QuerySet[CallDay]:
    """The row of the day, made where it is not there yet."""
    rows = CallDay.objects.filter(key_id=key, day=business_date(at))
    if not rows.exists():
        try:
            with transaction.atomic(using=side_alias()):
                CallDay.objects.create(key_id=key, day=business_date(at), last_at=at)
        except IntegrityError:  # another process was first
            return rows
    return rows
