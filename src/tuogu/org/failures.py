"""What the room of institutions and people refuses."""

from __future__ import annotations


class OrgError(ValueError):
    """The act is refused and nothing was written; the message (Chinese) says why."""
