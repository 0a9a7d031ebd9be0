"""Why the plans refuse. Messages are in Chinese, for people; nothing was changed when one of these is raised."""

from __future__ import annotations


class PlanRefused(ValueError):
    """The act is not allowed now, or not to this person."""


class PlanUnknown(LookupError):
    """No stored plan has this id."""
