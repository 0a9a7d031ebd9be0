"""What the room of rulebooks refuses."""

from __future__ import annotations


class RulesError(ValueError):
    """The act is refused and nothing was written; the message (Chinese) says why."""
