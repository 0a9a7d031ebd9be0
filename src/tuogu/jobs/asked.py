"""What a kind of job is handed: a wish, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Asked:
    """A wish: what, by whom (custodian id), when."""

    arguments: dict[str, Any]
    by: int
    at: datetime
