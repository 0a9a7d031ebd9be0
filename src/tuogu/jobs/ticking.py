"""What must happen from time to time without anybody asking: every few minutes, and once a day. Again changes nothing.

In: a moment. Out: how much each round did, and which failed. Never: a decision (nothing is released or approved here);
a round that keeps the others from their turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.management import call_command
from django.db import OperationalError

from tuogu.accesslog import actions as accesslog
from tuogu.books import actions as books
from tuogu.campaigns import actions as campaigns
from tuogu.cases import actions as cases
from tuogu.core.custody import business_date
from tuogu.exports import actions as exports
from tuogu.integration import actions as integration
from tuogu.jobs import actions, push_taking
from tuogu.ledger import actions as ledger
from tuogu.notices import actions as notices
from tuogu.org import queries as org
from tuogu.pools import actions as pools
from tuogu.privacy import actions as privacy
from tuogu.renewals import actions as renewals
from tuogu.reports import actions as reports
from tuogu.review import actions as review
from tuogu.rules import queries as rules
from tuogu.work import actions as work

log = logging.getLogger("tuogu.jobs")
Round = Callable[
    [int, datetime], object
]  # who acts (the machine), when → how much was done, where that can be counted


@dataclass(frozen=True)
class Turn:
    """What the rounds of a turn did, by name, and which of them failed."""

    done: dict[str, int]
    failed: tuple[str, ...]


def tick(*, at: datetime) -> Turn:
    """Every few minutes."""
    return _turn(_TICK, at)


def roll(*, at: datetime) -> Turn:
    """Once a day."""
    return _turn(_ROLL, at)


def _turn(rounds: Sequence[tuple[str, Round]], at: datetime) -> Turn:
    done, failed, machine = {}, [], org.machine()
    for name, act in rounds:
        try:
            counted = act(machine, at)
            done[name] = counted if isinstance(counted, int) else 0
        except OperationalError as busy:  # a locked database: the next turn comes soon
            log.warning("round postponed", extra={"round": name, "error": type(busy).__name__})
            failed.append(name)
        except Exception:  # one room's fault must not stop seals, notices and expiries of the others
            log.exception("round failed", extra={"round": name})
            failed.append(name)
    return Turn(done, tuple(failed))


def _kept(key: str, at: datetime) -> int:
    return int(rules.applicable(business_date(at))[key])


_TICK: tuple[tuple[str, Round], ...] = (
    ("requeued", lambda _by, at: actions.requeue_stale(at=at)),
    ("exports", lambda by, at: exports.tick(by=by, at=at)),
    ("notices", lambda by, at: notices.tick(by=by, at=at)),  # N-07: cases of leaves, the outbox, WeCom
    ("sealed", lambda by, at: ledger.seal_pending(by=by, recorded_at=at).entries),
    ("pushes", lambda _by, at: push_taking.ask_again(at=at)),
    ("webhooks", lambda by, at: integration.tick(by=by, at=at)),  # after the seal: they tell what is sealed
    ("cases", lambda by, at: cases.tick(by=by, at=at)),  # S1-34, S4-34, P-14: what batches bring
    ("escalated", lambda by, at: work.tick(by=by, at=at)),  # P-20
    ("renewal_hours", lambda by, at: renewals.tick(by=by, at=at)),  # S3-13: rounds in hours; S3-09: messages
    (
        "campaigns",
        lambda by, at: campaigns.tick(by=by, at=at),
    ),  # S2-20: what is known of a wave as it goes out
    ("reports_mailed", lambda by, at: reports.tick(by=by, at=at)),  # S3-19: what schedules owe, once
    ("purged", lambda _by, at: actions.purge(at=at, kept_days=_kept("uploads.kept_days", at))),
)
_ROLL: tuple[tuple[str, Round], ...] = (
    ("codebook", lambda _by, at: books.follow_codebook(at=at)),  # N-12: a version comes into force today
    ("addresses", lambda _by, at: books.learn_missing_addresses(on=business_date(at))),
    ("listed", lambda _by, at: books.roll_listing(as_of=business_date(at))),
    ("cases_of_day", lambda by, at: cases.roll(by=by, at=at)),  # before work: it reads what cases tell
    ("work", lambda by, at: work.roll(by=by, at=at)),  # after listed: it reads what policies are today
    ("pools", lambda by, at: pools.roll(by=by, at=at)),  # P-09: warnings, and what nobody followed up
    ("review", lambda by, at: review.roll(by=by, at=at)),  # N-14: penalties from facts, appeals run out
    ("reports", lambda by, at: reports.roll(by=by, at=at)),  # N-16: the month before is frozen, once
    ("renewals", lambda by, at: renewals.roll(by=by, at=at)),  # S3: lists, rounds, registers, the clock
    ("campaigns_of_day", lambda by, at: campaigns.roll(by=by, at=at)),  # S2-13: months that are over; S2-20
    ("sessions", lambda _by, _at: call_command("clearsessions")),
    ("accesslog", lambda by, at: accesslog.remove_old(kept_days=_kept("accesslog.kept_days", at), by=by, at=at)),
    ("periods", lambda by, at: privacy.keep_periods({}, by=by, at=at)),
    ("dropped", lambda _by, at: actions.drop_old_results(at=at, days=_kept("uploads.kept_days", at))),
)  # fmt: skip
