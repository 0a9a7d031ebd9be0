"""Writes of this room. Keyword-only `by` (custodian id) and `at` (moment); each is atomic. Every row stays."""

from __future__ import annotations

from datetime import datetime

from tuogu.review.closing import close_month, file_withheld
from tuogu.review.failures import ReviewRefused
from tuogu.review.finding import FoundRow, file_findings
from tuogu.review.inspecting import Found, inspect, recheck
from tuogu.review.judging import Judged, appeal, decide, expire, judge, notify
from tuogu.review.logs import file_log
from tuogu.review.lots import commit_lot, open_lot, reveal_lot
from tuogu.review.reporting import end_report, report_log

__all__ = [
    "Found", "FoundRow", "Judged", "ReviewRefused", "appeal", "close_month", "commit_lot", "decide", "end_report", "expire",
    "file_findings", "file_log",
    "file_withheld", "inspect", "judge", "notify", "open_lot", "recheck", "report_log", "reveal_lot", "roll",
]  # fmt: skip


def roll(*, by: int, at: datetime) -> int:
    """Once a day: what the facts give, appeals run out, who is without resources; how many penalties changed."""
    judged = judge(by=by, at=at)
    done = judged.added + judged.voided + expire(by=by, at=at)
    file_withheld(by=by, at=at)
    return done
