"""Who held what on which day, as known when: the bitemporal fold, written as slowly and plainly as possible.

In: the entries of one subject and one relation. Out: the custodian of a day, the stints, the slices that a
leaver held, the faults of a history. Never: a database, a clock, a guess. `tuogu.ledger` does the same with
set-based SQL; tests compare the two on random histories, and `tests/spec/` holds the worked example.

The rule in one sentence: an entry names the custodian of the days `[effective_date, effective_until)` (no
end = for good), and of all entries that cover a day and were recorded by then, the one with the highest seq
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise

# Business days are days in China, which has had no summer time since 1991; no entry is older than this
# program.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `custodian` is None where nobody holds it any more (closed)."""

    seq: int
    custodian: int | None
    kind: str
    effective_date: date
    effective_until: date | None
    recorded_at: datetime

    def covers(self, day: date) -> bool:
        """True when `day` lies in the half-open period of this entry."""
        return self.effective_date <= day and (self.effective_until is None or day < self.effective_until)


@dataclass(frozen=True)
class Stint:
    """A run of days `[from_date, until_date)` decided by one entry; until_date None = still running."""

    from_date: date
    until_date: date | None
    custodian: int | None
    seq: int


def business_date(moment: datetime) -> date:
    """The business day of an aware moment; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone has no business day")
    return moment.astimezone(SHANGHAI).date()


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments from the beginning of one business day to the end of another: half open."""
    return datetime.combine(first, time(), SHANGHAI), datetime.combine(last + _DAY, time(), SHANGHAI)


def known(entries: Iterable[Entry], known_at: datetime | None) -> list[Entry]:
    """The entries recorded up to and including `known_at` (None = all), by seq."""
    return sorted((e for e in entries if known_at is None or e.recorded_at <= known_at), key=lambda e: e.seq)


def entry_on(entries: Iterable[Entry], on_date: date, known_at: datetime | None = None) -> Entry | None:
    """The entry that decides `on_date`, or None before the first entry takes effect."""
    deciding = None
    for entry in known(entries, known_at):
        if entry.covers(on_date):
            deciding = entry
    return deciding


def custodian_on(entries: Iterable[Entry], on_date: date, known_at: datetime | None = None) -> int | None:
    """Who held it on `on_date`, as known at `known_at`; None = nobody (not yet open, or closed)."""
    entry = entry_on(entries, on_date, known_at)
    return entry.custodian if entry else None


def head(entries: Iterable[Entry]) -> Entry | None:
    """The entry in force now: the highest seq without an end (periods with an end lie in the past)."""
    endless = [e for e in entries if e.effective_until is None]
    return max(endless, key=lambda e: e.seq) if endless else None


def timeline(entries: Sequence[Entry], known_at: datetime | None = None) -> tuple[Stint, ...]:
    """All stints in order of days. Adjoining days that different entries decide are different stints."""
    seen = known(entries, known_at)
    edges = sorted({e.effective_date for e in seen} | {e.effective_until for e in seen if e.effective_until})
    stints: list[Stint] = []
    for index, edge in enumerate(edges):
        entry = entry_on(seen, edge)
        until = edges[index + 1] if index + 1 < len(edges) else None
        if entry is None:
            continue
        if stints and stints[-1].seq == entry.seq and stints[-1].until_date == edge:
            stints[-1] = Stint(stints[-1].from_date, until, entry.custodian, entry.seq)
        else:
            stints.append(Stint(edge, until, entry.custodian, entry.seq))
    return tuple(stints)


def leaver_slices(entries: Sequence[Entry], person: int, leave_date: date) -> tuple[Stint, ...]:
    """What a leaver held from `leave_date` on: exactly these periods pass to the buffer group."""
    slices = []
    for stint in timeline(entries):
        if stint.custodian != person or (stint.until_date is not None and stint.until_date <= leave_date):
            continue
        slices.append(Stint(max(stint.from_date, leave_date), stint.until_date, person, stint.seq))
    return tuple(slices)


def faults(entries: Sequence[Entry]) -> tuple[str, ...]:
    """What is wrong with a custody history; empty = every instant from the opening on has one custodian.

    Codes: empty, seq_gap, dated_ahead, empty_period, recorded_backwards, no_custodian (on a day, while open).
    """
    if not entries:
        return ("empty",)
    ordered = sorted(entries, key=lambda e: e.seq)
    found = []
    if [e.seq for e in ordered] != list(range(1, len(ordered) + 1)):
        found.append("seq_gap")
    if any(e.effective_date > business_date(e.recorded_at) for e in ordered):
        found.append("dated_ahead")
    if any(e.effective_until is not None and e.effective_until <= e.effective_date for e in ordered):
        found.append("empty_period")
    if any(b.recorded_at < a.recorded_at for a, b in pairwise(ordered)):
        found.append("recorded_backwards")
    found += [f"no_custodian:{day}" for day in _days_without_custodian(ordered)]
    return tuple(found)


def _days_without_custodian(ordered: Sequence[Entry]) -> list[date]:
    closing = {e.seq for e in ordered if e.kind == "close"}
    day = min(e.effective_date for e in ordered)
    last = max(e.effective_until or e.effective_date for e in ordered)
    bad = []
    while day <= last:
        entry = entry_on(ordered, day)
        if entry is None or (entry.custodian is None and entry.seq not in closing):
            bad.append(day)
        day += _DAY
    return bad
