"""What this room refuses, in words that say why and that nothing was written."""

from __future__ import annotations


class ReportsRefused(ValueError):
    """A figure, a freeze, a report or a recomputation that cannot be; nothing was written."""


class AskedWrongly(ReportsRefused):
    """A place, day or cut that there is not, or not for who asks."""


class ReportUnknown(LookupError):
    """No such issue or schedule, or none within scope."""
