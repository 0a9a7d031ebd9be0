"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class CampaignRefused(ValueError):
    """Says in Chinese why, and that nothing was written."""


class CampaignUnknown(LookupError):
    """There is none of that id, or the scope does not cover it."""
