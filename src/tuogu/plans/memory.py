"""Stored tables of plans, decoded once and kept in memory: plans never change, so their pages need not decode twice.

In: a stored plan. Out: its frames, and values derived from them. Never: a table whose digest does not fit, more memory
than the budget, a value that outlives what it was derived from (callers put all of that into the key).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from threading import Lock
from typing import Any, TypeVar

import polars as pl

from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import Plan
from tuogu.plans import archive
from tuogu.plans.models import PlanTable, StoredPlan
from tuogu.plans.reading import head_of

_FRAMES_BYTES = 256 * 1024 * 1024  # about ten plans of 100,000 pieces
_VALUES = 128  # read plans kept in memory

_frames: OrderedDict[tuple[str, str, tuple[str, ...]], pl.DataFrame] = OrderedDict()
_values: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()
T = TypeVar("T")


def forget() -> None:
    """Empty the memory: for tests, whose databases reuse ids."""
    with _lock:
        _frames.clear()
        _values.clear()


def tables(stored: StoredPlan, names: Sequence[str], columns: Sequence[str] = ()) -> dict[str, pl.DataFrame]:
    """Tables of a plan by name, as stored; with `columns` only those. One query for what is not in memory yet."""
    keys = {name: (stored.digest, name, tuple(columns)) for name in names}
    with _lock:
        found = {name: _frames[key] for name, key in keys.items() if key in _frames}
        for name in found:
            _frames.move_to_end(keys[name])
    missing = [name for name in names if name not in found]
    if missing:
        rows = PlanTable.objects.filter(plan=stored, name__in=missing)
        for name, content, digest in rows.values_list("name", "content", "digest"):
            frame = archive.unpack_frame(name, bytes(content), digest)
            found[name] = frame.select(columns) if columns else frame
            _keep(keys[name], found[name])
    absent = [name for name in names if name not in found]
    if absent:
        raise archive.ArchiveBroken(f"方案存档缺少 {absent}")
    return found


def table(stored: StoredPlan, name: str, columns: Sequence[str] = ()) -> pl.DataFrame:
    """`tables` of one name."""
    return tables(stored, [name], columns)[name]


def plan(stored: StoredPlan) -> Plan:
    """The plan as a value of core, without the inputs that it was made from."""
    own = [f"{archive.OWN}{sheet.name}" for sheet in STRATEGIES[stored.strategy].sheets]
    by_hand = [archive.BY_HAND] if stored.adjusted else []
    return archive.plan_from(tables(stored, (*archive.RESULTS, *own, *by_hand)), head_of(stored))


def data_date(stored: StoredPlan) -> date:
    """The day that the plan's data describe."""
    return date.fromisoformat(stored.certificate["data_date"])


def derived(key: Hashable, make: Callable[[], T]) -> T:
    """The value kept under `key`, made when it is not there. The key names everything that it depends on."""
    with _lock:
        if key in _values:
            _values.move_to_end(key)
            return _values[key]  # type: ignore[no-any-return]  # what `make` of the same key returned
    value = make()
    with _lock:
        _values[key] = value
        while len(_values) > _VALUES:
            _values.popitem(last=False)
    return value


def _keep(key: tuple[str, str, tuple[str, ...]], frame: pl.DataFrame) -> None:
    with _lock:
        _frames[key] = frame
        while len(_frames) > 1 and sum(f.estimated_size() for f in _frames.values()) > _FRAMES_BYTES:
            _frames.popitem(last=False)
