"""Whether this room's rows can still only be added to."""

from __future__ import annotations

from django.db import connection

from tuogu.exports.apps import PROTECTED
from tuogu.org.append_only import guards_of, missing


def missing_guards() -> list[str]:
    """Names of this room's append-only triggers that are not there."""
    return missing(connection, guards_of(PROTECTED, connection.vendor))
