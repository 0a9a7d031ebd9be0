"""What the room of books refuses."""

from __future__ import annotations


class ImportRefused(ValueError):
    """Nothing was stored or taken back; the message says why, in Chinese."""
