"""How long work tells where it is: named steps, and inside a step a label with a fraction.

In: calls of the work. Out: whatever the listener makes of them: a bar on a terminal, a row in the database. Never: work
that knows who listens.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

Inside = Callable[[str, float], None]  # label, fraction 0..1


class Steps(Protocol):
    """A listener. Its callbacks may raise to stop the work (a cancelled job)."""

    seconds: dict[str, float]  # of the steps behind, by name

    def step(self, name: str) -> AbstractContextManager[Inside]:
        """Announce the step `name` for the length of the block; yields the callback for its inside."""
