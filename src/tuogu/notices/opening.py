"""Cases out of leaves: every contract of a leaver that the law speaks of, once.

In: the LEAVE batches of the ledger that were not read yet: every leave has one, from a page or a file, whether or not
anything moved. Out: a departure with its cases; open cases of a leave that was taken back are closed. A leave from before
this installation's clock (`notices.look_back_days` before the ledger's first day) waits until its formalities are told.
Never: a leave read twice or half (one transaction each), a row-by-row write, a contract left out without a count of why.

Kill it between the leave and this: the next tick reads the batch. L-01, N-07.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection, transaction

from tuogu.books import queries as books
from tuogu.bulk import drop, load
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES
from tuogu.ledger import queries as ledger
from tuogu.notices.clock import dues
from tuogu.notices.models import Departure, DepartureChange, LeaveRead, NoticeCase
from tuogu.notices.taking_back import close_taken_back, left_after_all
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.rules import queries as rules

_STAGE = "notices_stage"
_UNBATCHED = "left"  # the reason of a leave of an earlier version, which posted no batch where nothing moved


@dataclass(frozen=True)
class Opened:
    """Departures that were read, and how many cases they opened."""

    departures: int
    cases: int


def open_cases(*, by: int, at: datetime) -> Opened:
    """Read every leave that was not read yet. Again changes nothing."""
    close_taken_back(by=by, at=at)
    since = _since(business_date(at))
    departures, cases = 0, 0
    for leave in _unread():  # a handful: each act below is set-based
        if leave.moved or leave.left_date >= since:
            opened = _open_batch(leave, by=by, at=at)
            departures, cases = departures + (opened is not None), cases + (opened or 0)
    return Opened(departures, cases)


def open_cases_of(person: int, *, by: int, at: datetime) -> None:
    """The cases of one person's leave, however long ago: somebody has just told of its formalities."""
    for leave in _unread():
        if leave.person == person:
            _open_batch(leave, by=by, at=at)
    left_date = org.left_dates([person]).get(person)
    if left_date is not None:
        _open_unbatched(person, left_date, by=by, at=at)


def _unread() -> list[ledger.Leave]:
    return ledger.leaves_not_in(set(LeaveRead.objects.values_list("batch_id", flat=True)))


def _since(today: date) -> date:
    """Leaves from that day on are ours to tell of, whenever a file brings them; earlier ones were the house's before."""
    return (ledger.first_day() or today) - timedelta(days=rules.applicable(today)["notices.look_back_days"])


@transaction.atomic
def _open_batch(leave: ledger.Leave, *, by: int, at: datetime) -> int | None:
    """The cases of one batch; None when somebody else has just read it."""
    org_actions.lock_person(leave.person)
    if LeaveRead.objects.filter(batch_id=leave.batch).exists():
        return None
    rulebook = rules.applicable(business_date(at))
    departure = _departure(leave.person, leave.left_date, leave.reason_code, rulebook, by=by, at=at)
    opened = _insert(departure, *_affected(leave.person, leave.batch, rulebook), rulebook, at)
    LeaveRead.objects.create(batch_id=leave.batch, departure=departure, opened=opened, at=at)
    return opened


@transaction.atomic
def _open_unbatched(person: int, left_date: date, *, by: int, at: datetime) -> int:
    """The cases of a leave that an earlier version recorded without a batch: what that person had sold."""
    org_actions.lock_person(person)
    rulebook = rules.applicable(business_date(at))
    if Departure.objects.filter(person_id=person, leave_date__gte=left_date).exists():
        return 0
    departure = _departure(person, left_date, _UNBATCHED, rulebook, by=by, at=at)
    return _insert(departure, *_affected(person, None, rulebook), rulebook, at)


def _departure(
    person: int, left_date: date, cause: str, rulebook: Rulebook, *, by: int, at: datetime
) -> Departure:
    """The departure that a leave belongs to: a new one, or the last one with its day corrected to an earlier."""
    last = Departure.objects.filter(person_id=person).order_by("-leave_date").first()
    if last is not None and left_date <= last.leave_date:
        if left_date < last.leave_date:
            _correct(last, left_date, rulebook, by=by, at=at)
        return last
    return Departure.objects.create(
        person_id=person, cause=cause, leave_date=left_date, clock_days=rulebook["notices.days"], opened_by_id=by,
        opened_at=at,
    )  # fmt: skip


def _correct(departure: Departure, left_date: date, rulebook: Rulebook, *, by: int, at: datetime) -> None:
    DepartureChange.objects.create(
        departure=departure, what="leave_date", before_date=departure.leave_date, after_date=left_date, by_id=by, at=at
    )  # fmt: skip
    departure.leave_date = left_date
    departure.save(update_fields=["leave_date"])
    set_dues(departure, rulebook)


def set_dues(departure: Departure, rulebook: Rulebook) -> None:
    """Write the clocks of a departure into its cases: one statement."""
    internal, statutory, due = dues(departure, rulebook)
    NoticeCase.objects.filter(departure=departure).update(
        internal_due_date=internal, statutory_due_date=statutory, due_date=due
    )


def _affected(person: int, batch: int | None, rulebook: Rulebook) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Main policies with `why`, and their riders: what the leaver was responsible for, and what the leaver had sold."""
    parts = []
    sold = books.contract_terms(agents=org.labels([person]).values())
    if batch is not None:
        parts.append(("served", books.contract_terms(subjects=ledger.subjects_of_batch(batch))))
    if rulebook["notices.also_sold"]:
        parts.append(("sold", sold))
    else:  # whoever came into the books as gone had served what nobody has taken over yet
        parts.append(("served", (sold[0].filter(_with_buffer(sold[0])), sold[1])))
    mains = pl.concat([found[0].with_columns(why=pl.lit(why)) for why, found in parts])
    return mains.unique("subject_id", keep="first", maintain_order=True), pl.concat([f[1] for _, f in parts])


def judged(mains: pl.DataFrame, riders: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """`mains` with `left_out`: null where the holder must be told, else why not.

    A contract whose type or days nobody wrote down counts as one that must be told: the safe side.
    """
    live = riders.filter(pl.col("state").is_in(LIVE_STATES) & _personal(rulebook) & _long(rulebook))
    long_riders = live.select(number="main_policy_number", long_rider=pl.lit(True)).unique()
    both = mains.join(long_riders, on="number", how="left")
    rider = pl.col("long_rider").fill_null(False)
    return both.with_columns(
        left_out=pl.when(~pl.col("state").is_in(LIVE_STATES))
        .then(pl.lit("ended"))
        .when(rider)
        .then(None)
        .when(~_personal(rulebook))
        .then(pl.lit("property"))
        .when(~_long(rulebook))
        .then(pl.lit("short"))
        .otherwise(None)
    )


def _personal(rulebook: Rulebook) -> pl.Expr:
    return pl.col("product_type").is_in(rulebook["notices.personal_types"]).fill_null(True)


def _long(rulebook: Rulebook) -> pl.Expr:
    """The term reaches the least one; a year from 1 January ends on 31 December at midnight: exactly one year counts."""
    until = pl.col("inception_date").dt.offset_by(f"{rulebook['notices.term_months_min']}mo")
    return ((pl.col("end_date") + timedelta(days=1)) >= until).fill_null(True)


def _insert(
    departure: Departure, mains: pl.DataFrame, riders: pl.DataFrame, rulebook: Rulebook, at: datetime
) -> int:
    """Insert the cases that are not there; returns how many. Counts of what is left out are kept with the departure."""
    rows = judged(mains, riders, rulebook)
    departure.counts = departure.counts | dict(rows["left_out"].drop_nulls().value_counts().iter_rows())
    departure.save(update_fields=["counts"])
    cases = rows.filter(pl.col("left_out").is_null()).select(
        "subject_id", "number", "holder_number", "institution_code", "why"
    )
    before = NoticeCase.objects.filter(departure=departure).count()
    internal, statutory, due = (
        connection.ops.adapt_datefield_value(day) for day in dues(departure, rulebook)
    )
    with connection.cursor() as cursor:
        load(cursor, _STAGE, cases)
        cursor.execute(
            f"""INSERT INTO notices_noticecase (departure_id, subject_id, policy_number, holder_number, institution_code,
                  why, state, trouble, internal_due_date, statutory_due_date, due_date, opened_at)
                SELECT %s, subject_id, number, holder_number, institution_code, why, 'waiting', '', %s, %s, %s, %s
                FROM {_STAGE} WHERE true ORDER BY number ON CONFLICT (departure_id, subject_id) DO NOTHING""",
            [departure.pk, internal, statutory, due, connection.ops.adapt_datetimefield_value(at)],
        )
        drop(cursor, _STAGE)
    left_after_all(departure, cases["subject_id"])
    return NoticeCase.objects.filter(departure=departure).count() - before


def _with_buffer(mains: pl.DataFrame) -> pl.Series:
    """Which of these contracts the buffer group holds."""
    held = pl.Series([row["subject_id"] for row in ledger.held_by([org.buffer_group()])], dtype=pl.Int64)
    return mains["subject_id"].is_in(held.implode())
