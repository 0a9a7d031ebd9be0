"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class KitRefused(ValueError):
    """Says in Chinese why, and that nothing was written."""
