"""Whether the triggers that keep this room's rows unchanged stand."""

from __future__ import annotations

from django.db import connection

from tuogu.integration.apps import PROTECTED
from tuogu.org.append_only import guards_of, missing


def missing_guards() -> list[str]:
    """Names of triggers that are absent, switched off or altered."""
    return missing(connection, guards_of(PROTECTED, connection.vendor))
