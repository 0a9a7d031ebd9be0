"""Refusals of this room: nothing was written."""

from __future__ import annotations


class AuditRefused(ValueError):
    """Says in Chinese why no pack was made."""
