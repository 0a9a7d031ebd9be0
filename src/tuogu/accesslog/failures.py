"""What the access log refuses."""

from __future__ import annotations


class RevealRefused(ValueError):
    """Nothing was shown and nothing written; the message (Chinese) says why."""
