"""Reads adopted rulebooks. A row whose content no longer has its digest raises: it was changed behind our
back.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from django.db import connection

from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.data.rulebooks import read_shipped
from tuogu.org.append_only import guards_of, missing
from tuogu.rules.apps import PROTECTED
from tuogu.rules.content import from_content
from tuogu.rules.failures import RulesError
from tuogu.rules.models import RulebookVersion


def in_force(name: str, on: date) -> Rulebook:
    """The version with the latest effective date not after `on` (of equals, the one adopted last).

    RulesError when none is in force.
    """
    row = (
        RulebookVersion.objects.filter(name=name, effective_date__lte=on)
        .order_by("-effective_date", "-id")
        .first()
    )
    if row is None:
        raise RulesError(f"{on} 没有生效的制度 {name}")
    return _rulebook(row)


@cache
def _shipped() -> Rulebook:
    return parse_rulebook(read_shipped())


def applicable(on: date) -> Rulebook:
    """The standard rulebook in force on a day: the adopted one, before the first adoption the shipped one."""
    shipped = _shipped()
    row = (
        RulebookVersion.objects.filter(name=shipped.name, effective_date__lte=on)
        .order_by("-effective_date", "-id")
        .values_list("version", flat=True)
        .first()
    )
    return shipped if row is None or row == shipped.version else version(shipped.name, row)


def version(name: str, number: str) -> Rulebook:
    """One adopted version; RulesError when unknown."""
    row = RulebookVersion.objects.filter(name=name, version=number).first()
    if row is None:
        raise RulesError(f"没有制度 {name} {number}")
    return _rulebook(row)


def versions() -> list[dict[str, Any]]:
    """All adopted versions: name, version, effective_date, digest, adopted_at, by_id; newest effective date
    first.
    """
    rows = RulebookVersion.objects.order_by("name", "-effective_date", "-id")
    fields = ("name", "version", "effective_date", "digest", "adopted_at", "by_id")
    return [dict(row) for row in rows.values(*fields)]


def missing_guards() -> list[str]:
    """Names of this room's append-only triggers that are not there."""
    return missing(connection, guards_of(PROTECTED, connection.vendor))


def _rulebook(row: RulebookVersion) -> Rulebook:
    rulebook = from_content(row.name, row.version, row.effective_date, row.content)
    if rulebook.digest() != row.digest:
        raise RulesError(f"制度 {row.name} {row.version} 的内容与入库时的摘要不符")
    return rulebook
