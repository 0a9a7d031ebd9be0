"""What a dry run says will happen, for its page: rows by kind, columns that change, addresses, unknown people, first rows.

In: the result of the job, what lies in the upload's folder. Out: values for the template. Never: a value in clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from tuogu.core.intake_titles import TITLES
from tuogu.jobs import queries as jobs
from tuogu.web.regions.words import reason_word

_KINDS = {
    "customers": gettext_lazy("客户"),
    "policies": gettext_lazy("主险保单"),
    "riders": gettext_lazy("附加险"),
    "people": gettext_lazy("人员"),
}
_SHEET_OF = {"riders": "policies"}
_STRANGERS_SHOWN = 12


@dataclass(frozen=True)
class ShownRows:
    """The accepted rows of one kind."""

    title: Any
    new: int
    changed: int
    same: int
    stale: int


@dataclass(frozen=True)
class ShownField:
    """One column that changes."""

    kind: Any
    title: str
    changed: int
    filled: int
    emptied: int


@dataclass(frozen=True)
class Coming:
    """`missing` None = the file is no full one."""

    rows: tuple[ShownRows, ...]
    fields: tuple[ShownField, ...]
    queue: tuple[tuple[str, int], ...]
    queue_total: int
    leaving: int
    missing: int | None
    strangers: int
    strangers_policies: int
    strangers_shown: tuple[tuple[str, int], ...]
    sheets: tuple[jobs.UnderstoodSheet, ...]


def coming_of(key: str, result: Mapping[str, Any]) -> Coming | None:
    """None where the dry run was made by a version that did not look ahead."""
    ahead = result.get("ahead")
    if not ahead:
        return None
    understood = jobs.read_understood(key)
    rows = tuple(
        ShownRows(_KINDS[r["kind"]], r["new"], r["changed"], r["same"], r["stale"]) for r in ahead["rows"]
    )
    fields = tuple(
        ShownField(
            _KINDS[r["kind"]], TITLES[_SHEET_OF.get(r["kind"], r["kind"])].get(f["column"], f["column"]),
            f["changed"], f["filled"], f["emptied"],
        )
        for r in ahead["rows"]
        for f in r["fields"]
    )  # fmt: skip
    return Coming(
        rows,
        fields,
        tuple((reason_word(reason), count) for reason, count in ahead["queue"].items()),
        sum(ahead["queue"].values()),
        ahead["leaving"],
        result["counts"].get("missing_from_full"),
        ahead["strangers"],
        ahead["strangers_policies"],
        understood.strangers[:_STRANGERS_SHOWN],
        understood.sheets,
    )
