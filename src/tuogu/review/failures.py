"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class ReviewRefused(ValueError):
    """Says why, in the language of whoever asked; nothing was written."""


class ReviewUnknown(LookupError):
    """There is none of that id, or the scope does not cover it."""
