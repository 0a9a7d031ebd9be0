"""What the room of jobs refuses, and how running work is stopped from outside."""

from __future__ import annotations


class JobRefused(ValueError):
    """Nothing was done; the message (Chinese) says why."""


class Stopped(Exception):
    """Raised out of a progress callback: the work ends here, before it has stored anything more."""


class Cancelled(Stopped):
    """Somebody asked for it."""


class Interrupted(Stopped):
    """The worker is going down; the job starts again elsewhere."""


class LeaseLost(Stopped):
    """Another worker took the job over; this one keeps its hands off the row."""
