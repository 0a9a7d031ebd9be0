"""The registers a branch prints: one workbook, or one for each team of a big book.

In: a plan with its book and rulebook, staff names, optionally rejected rows and changes of custody. Out:
workbooks that print on A4 landscape with page totals and a signature block. Never: plain personal data
unless asked for, a policy of the plan that stands in no sheet, a figure that another sheet contradicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from tuogu.core.changes import change_table
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.files.register_allocation import write_allocation
from tuogu.files.register_lists import (
    write_census,
    write_certificate,
    write_changes,
    write_homes,
    write_manual_queue,
    write_rejects,
    write_tree,
    write_unplaced,
)
from tuogu.files.register_monthly import write_monthly
from tuogu.files.register_stationery import Stationery
from tuogu.files.register_tables import NOT_IN_FORCE, RegisterSource, allocation, monthly, policy_facts
from tuogu.files.safe_excel import SafeWorkbook, open_workbook

_FORBIDDEN_IN_NAMES = r'\/:*?"<>|'


def write_registers(
    plan: Plan,
    book: Book,
    rulebook: Rulebook,
    path: str | Path,
    *,
    names: Mapping[str, str],
    masked: bool = True,
    rejects: pl.DataFrame | None = None,
    changes: pl.DataFrame | None = None,
    regions: pl.DataFrame | None = None,
    split_by_team: bool = False,
    state: str = NOT_IN_FORCE,
    not_released: Sequence[tuple[str, int]] = (),
) -> list[Path]:
    """Write the registers of `plan` to `path` and return the files written.

    `names` maps staff numbers to names; `rejects` is REJECTS; `changes` is CHANGES (default: against the
    buffer group as holder of everything); `regions` are the code book's (code, name, parent_code), which
    name candidate communities that the book itself does not touch. With `split_by_team` the allocation
    register and the monthly list of each team go to a workbook of their own beside `path`, which keeps the
    other sheets. Customers' names, phones and house numbers are masked unless `masked` is False. `state` says what has
    become of the plan; `not_released` why how many policies are not among `changes` (see write_change_register).
    """
    source = RegisterSource(plan, book, rulebook, names, masked, regions, state)
    facts = policy_facts(source)
    rows = allocation(source, facts)
    moved = change_table(plan) if changes is None else changes
    path = Path(path)
    with _open(path, rulebook, max(rows.height, plan.unplaced.height)) as workbook:
        stationery = Stationery(workbook)
        if not split_by_team:
            write_allocation(stationery, source, rows)
        write_monthly(stationery, source, monthly(source), whole=True)
        write_tree(stationery, source)
        write_manual_queue(stationery, source)
        write_unplaced(stationery, source, facts)
        write_changes(stationery, source, moved, facts, not_released)
        write_certificate(stationery, source)
        write_census(stationery, source)
        write_homes(stationery, source)
        if rejects is not None:
            write_rejects(stationery, rejects)
    if not split_by_team:
        return [path]
    return [path, *_write_teams(path, source, rows)]


def write_change_register(
    plan: Plan,
    book: Book,
    rulebook: Rulebook,
    path: str | Path,
    *,
    names: Mapping[str, str],
    changes: pl.DataFrame,
    masked: bool = True,
    not_released: Sequence[tuple[str, int]] = (),
) -> Path:
    """Write the register of changes alone: what moves from whom to whom (CHANGES), one row a policy. `not_released` says
    why a release would leave how many others where they are; they are no rows."""
    source = RegisterSource(plan, book, rulebook, names, masked)
    with _open(Path(path), rulebook, changes.height) as workbook:
        write_changes(Stationery(workbook), source, changes, policy_facts(source), not_released)
    return Path(path)


def _write_teams(path: Path, source: RegisterSource, rows: pl.DataFrame) -> list[Path]:
    """One workbook a team: its part of the allocation register and of the monthly list."""
    loads = monthly(source)
    written = []
    for (_, team), part in rows.group_by("team_code", "team", maintain_order=True):
        target = path.with_name(f"{path.stem}_{_file_name(str(team))}{path.suffix}")
        if target in written:  # two teams of one name
            target = path.with_name(f"{target.stem}_{_file_name(part['team_code'][0])}{path.suffix}")
        with _open(target, source.rulebook, part.height) as workbook:
            stationery = Stationery(workbook)
            write_allocation(stationery, source, part)
            team_loads = loads.filter(pl.col("team_code") == part["team_code"][0])
            write_monthly(stationery, source, team_loads, whole=False)
        written.append(target)
    return written


def _open(path: Path, rulebook: Rulebook, rows: int) -> SafeWorkbook:
    return open_workbook(path, constant_memory=rows > rulebook["registers.large_rows"])


def _file_name(text: str) -> str:
    return "".join("_" if letter in _FORBIDDEN_IN_NAMES else letter for letter in text).strip() or "组"
