"""The one idempotent tick: what must happen from time to time without anybody asking.

In: a moment. Out: counts. Never: a decision: nothing is released, approved or closed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.management import call_command

from tuogu.accesslog import actions as accesslog
from tuogu.books import actions as books
from tuogu.core.custody import business_date
from tuogu.exports import actions as exports
from tuogu.jobs import actions
from tuogu.ledger import actions as ledger
from tuogu.notices import actions as notices
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Ticked:
    """What a tick did."""

    sealed: int  # entries of single acts
    requeued: int  # jobs of dead workers
    purged: int  # uploads past their time


@dataclass(frozen=True)
class Morning:
    """What the passing of a day asked for."""

    listed: int  # policies shown otherwise than the day before
    dropped: int  # rows of the queue


def tick(*, at: datetime) -> Ticked:
    """Every few minutes: seal what single acts left unsealed, put back what dead workers had in hand, delete uploads that
    are past their time."""
    requeued = actions.requeue_stale(at=at)
    exports.tick(by=org.machine(), at=at)
    notices.tick(by=org.machine(), at=at)  # N-07: cases of leaves, the outbox, hand-overs in WeCom
    sealed = ledger.seal_pending(by=org.machine(), recorded_at=at).entries
    kept_days = rules.applicable(business_date(at))["uploads.kept_days"]
    return Ticked(sealed, requeued, actions.purge(at=at, kept_days=kept_days))


def roll(*, at: datetime) -> Morning:
    """Once a day, again changes nothing: lists whose due days have gone by, old rows of the queue, sessions that ended."""
    kept_days = rules.applicable(business_date(at))["uploads.kept_days"]
    books.follow_codebook(at=at)  # N-12: a version of the code book that comes into force today
    books.learn_missing_addresses(on=business_date(at))
    listed = books.roll_listing(as_of=business_date(at))
    call_command("clearsessions")
    log_days = rules.applicable(business_date(at))["accesslog.kept_days"]
    accesslog.remove_old(kept_days=log_days, by=org.machine(), at=at)
    privacy.keep_periods({}, by=org.machine(), at=at)
    return Morning(listed, actions.drop_old_results(at=at, days=kept_days))
