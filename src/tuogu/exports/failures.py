"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class ExportRefused(ValueError):
    """Says in Chinese why, and that nothing was written."""


class ExportExpired(ExportRefused):
    """The file was there once and is deleted."""
