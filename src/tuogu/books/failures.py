"""What the room of books refuses."""

from __future__ import annotations


class ImportRefused(ValueError):
    """Nothing was stored or taken back; the message says why, in Chinese."""


class CodingRefused(ValueError):
    """An address was not coded; nothing was written, the message says why, in Chinese."""
