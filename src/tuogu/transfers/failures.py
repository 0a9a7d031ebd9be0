"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class TransferRefused(ValueError):
    """Says in Chinese why; nothing was written."""


class SelectionChanged(TransferRefused):
    """What would be moved is no longer what the person confirmed."""


class TransferUnknown(LookupError):
    """No request has this id within the scope."""
