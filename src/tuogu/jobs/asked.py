"""What a kind of job is handed: a wish, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Asked:
    """A wish: what, by whom (custodian id), when."""

    arguments: dict[str, Any]
    by: int
    at: datetime


def scope_of(asked: Asked, clock: Clock) -> Scope:
    """What whoever asks may see when the job runs (P-12): a post that ended meanwhile shows nothing."""
    if asked.by == org.machine():
        return Scope.everything()
    return org.scope_of(asked.by, business_date(clock()))
