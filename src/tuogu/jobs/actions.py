"""Writes of the jobs: jobs in the queue, uploads that wait to become imports, signs of life of workers.

Keyword-only `by` (custodian id) and `at` (moment); refusals are JobRefused, with a sentence in Chinese and nothing done.
"""

from __future__ import annotations

from tuogu.jobs.failures import JobRefused
from tuogu.jobs.known_headers import forget_mapping
from tuogu.jobs.queueing import ask, cancel, drop_old_results, requeue_stale, worker_gone, worker_seen
from tuogu.jobs.upload_actions import SentFile, check, choose_mapping, commit, discard, purge, receive

__all__ = [
    "JobRefused",
    "SentFile",
    "ask",
    "cancel",
    "check",
    "choose_mapping",
    "commit",
    "discard",
    "drop_old_results",
    "forget_mapping",
    "purge",
    "receive",
    "requeue_stale",
    "worker_gone",
    "worker_seen",
]
