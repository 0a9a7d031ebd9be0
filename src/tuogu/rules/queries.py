"""Reads adopted rulebooks. A row whose content no longer has its digest raises: it was changed behind our
back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from tuogu.bulk import titled
from tuogu.core.custody import day_bounds
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.rulebook_overlay import Base
from tuogu.data.rulebooks import read_shipped
from tuogu.moment import once
from tuogu.rules.content import from_content
from tuogu.rules.failures import RulesError
from tuogu.rules.models import RulebookDraft, RulebookVersion

STANDARD = "standard"  # the name of the book that the product ships
_KEPT: dict[str, tuple[Any, Rulebook]] = {}  # version → what its row said, the book
_COMPLETED: dict[str, tuple[Rulebook, Rulebook, Rulebook]] = {}  # version → adopted, shipped, both
_KEPT_MAX = 64


def in_force(name: str, on: date) -> Rulebook:
    """The version with the latest effective date not after `on` (of equals, the one adopted last).

    RulesError when none is in force.
    """
    row = _rows().filter(name=name, effective_date__lte=on).order_by("-effective_date", "-id").first()
    if row is None:
        raise RulesError(f"{on} 没有生效的制度 {name}")
    return _rulebook(row)


@cache
def _shipped() -> Rulebook:
    return parse_rulebook(read_shipped())


@cache
def _shipped_digest() -> str:
    return _shipped().digest()


@once
def applicable(on: date) -> Rulebook:
    """The standard rulebook in force on a day: the adopted one, before the first adoption the shipped one.

    A book adopted before this release knew some rules lacks their numbers: those come from the shipped book, and the
    whole has a version of its own, "2026.4+2027.1". No number that was adopted changes with a release.
    """
    shipped = _shipped()
    begun = [line for line in _adopted() if line[0] <= on]
    if not begun or begun[-1][2] == _shipped_digest():
        return shipped
    return _completed(version(shipped.name, begun[-1][1]), shipped)


@once
def _adopted() -> tuple[tuple[date, str, str], ...]:
    """(effective date, version, digest) of the standard name's books in the order of coming into force."""
    rows = RulebookVersion.objects.filter(name=_shipped().name).order_by("effective_date", "id")
    return tuple(rows.values_list("effective_date", "version", "digest"))


def chosen(number: str, on: date) -> Rulebook:
    """The standard book of a version, completed as in `applicable`; '' = the one applicable on a day (N-04)."""
    if not number:
        return applicable(on)
    shipped = _shipped()
    return _completed(base_book(Base(shipped.name, number)), shipped)


def base_book(base: Base) -> Rulebook:
    """The book that an overlay names; RulesError when it is neither shipped nor adopted."""
    shipped = _shipped()
    if base.name == shipped.name and base.version in {"", shipped.version}:
        return shipped
    if base.name == shipped.name and base.version.endswith(f"+{shipped.version}"):
        return _completed(version(base.name, base.version.removesuffix(f"+{shipped.version}")), shipped)
    return version(base.name, base.version)


@dataclass(frozen=True)
class Adopted:
    """A book with when and by whom it was adopted; None = it comes with the product and nobody had to."""

    rulebook: Rulebook
    adopted_at: datetime | None
    by: int | None


def history() -> list[Adopted]:
    """Every book of the standard name in the order of coming into force; the shipped one first as long as it was not
    adopted itself.
    """
    shipped = _shipped()
    rows = _rows().filter(name=shipped.name).order_by("effective_date", "id")
    adopted = [Adopted(_rulebook(row), row.adopted_at, row.by_id) for row in rows]
    known = {row.digest for row in rows}
    return adopted if _shipped_digest() in known else [Adopted(shipped, None, None), *adopted]


def _completed(adopted: Rulebook, shipped: Rulebook) -> Rulebook:
    """The adopted book with the parameters that only the shipped one knows."""
    if shipped.parameters.keys() <= adopted.parameters.keys():
        return adopted
    kept = _COMPLETED.get(adopted.version)
    if kept is None or kept[0] is not adopted or kept[1] is not shipped:
        parameters = {**shipped.parameters, **adopted.parameters}
        whole = replace(adopted, version=f"{adopted.version}+{shipped.version}", parameters=parameters)
        if len(_COMPLETED) >= _KEPT_MAX:
            _COMPLETED.clear()
        _COMPLETED[adopted.version] = kept = adopted, shipped, whole
    return kept[2]


@once
def version(name: str, number: str) -> Rulebook:
    """One adopted version; RulesError when unknown."""
    row = _rows().filter(name=name, version=number).first()
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


_CHANGED = {"value": "取值", "note": "说明"}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Versions adopted from `first` to `last`, both included, for an auditor."""
    begin, end = day_bounds(first, last)
    rows = RulebookVersion.objects.filter(adopted_at__gte=begin, adopted_at__lt=end).order_by("id")
    fields = {
        "制度": "name", "版本": "version", "生效日": "effective_date", "内容摘要": "digest", "启用人员号": "by_id",
        "启用时间": "adopted_at", "批准人员号": "approved_by_id",
    }  # fmt: skip
    drafted = Q(made_at__gte=begin, made_at__lt=end) | Q(decided_at__gte=begin, decided_at__lt=end)
    drafts = RulebookDraft.objects.filter(drafted).order_by("id")
    told = {
        "草案": "id", "版本": "version", "底本": "base_version", "生效日": "effective_date", "依据": "source",
        "原因": "reason", "改动": "changes", "状态": "state", "起草人员号": "made_by_id", "起草时间": "made_at",
        "审批人员号": "decided_by_id",
        "审批时间": "decided_at", "意见": "note",
    }  # fmt: skip
    return {"制度版本": titled(rows, fields), "制度草案": titled(drafts, told, {"改动": _CHANGED})}


def adopted_days() -> list[date]:
    """The days on which adopted books of the standard name come into force, in their order."""
    return list(dict.fromkeys(line[0] for line in _adopted()))


def _rulebook(row: RulebookVersion) -> Rulebook:
    """The book of a row. What was read before is kept as long as the row says exactly the same."""
    said = (row.name, row.version, row.effective_date, row.digest, row.said)  # type: ignore[attr-defined]  # of `_rows`
    kept = _KEPT.get(row.version)
    if kept is None or kept[0] != said:
        if len(_KEPT) >= _KEPT_MAX:
            _KEPT.clear()
        _KEPT[row.version] = kept = said, _parsed(row)
    return kept[1]


def _rows() -> QuerySet[RulebookVersion]:
    """Versions with `said`: the content as text, which is compared and not parsed when it was read before."""
    return RulebookVersion.objects.defer("content").annotate(said=Cast("content", TextField()))


def _parsed(row: RulebookVersion) -> Rulebook:
    content = json.loads(row.said)  # type: ignore[attr-defined]  # of `_rows`
    rulebook = from_content(row.name, row.version, row.effective_date, content)
    if rulebook.digest() != row.digest:
        raise RulesError(f"制度 {row.name} {row.version} 的内容与入库时的摘要不符")
    known = [
        key for key in _shipped().parameters if key in rulebook.parameters
    ]  # people read it in the document's order
    ordered = dict.fromkeys([*known, *rulebook.parameters])
    return replace(rulebook, parameters={key: rulebook.parameters[key] for key in ordered})
