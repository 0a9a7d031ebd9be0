"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class KitRefused(ValueError):
    """Says why, in the language of whoever asked, and that nothing was written."""
