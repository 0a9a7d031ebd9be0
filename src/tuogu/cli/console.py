"""What every command prints with: console, progress, tables, JSON, refusals. Never: a decision."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

DONE, DONE_WITH_LEFTOVERS, REFUSED, CRASHED = 0, 1, 2, 70

_PIPED_WIDTH = 240  # columns of a table that no terminal limits: a file or a pipe gets every word


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPED_WIDTH)


out = _console()
err = _console(stderr=True)


def say(message: str) -> None:
    """One sentence on standard output, never broken into lines by us."""
    out.print(message, soft_wrap=True)


def warn(message: str) -> None:
    """One sentence that the reader must not miss, on standard error."""
    err.print(f"[yellow]注意[/]：{message}", soft_wrap=True)


def refuse(message: str) -> NoReturn:
    """Print why nothing was done and leave with exit code 2."""
    err.print(f"[bold red]未执行[/]：{message}", soft_wrap=True)
    raise typer.Exit(REFUSED)


def print_json(value: Any) -> None:
    """One JSON document on standard output; dates as ISO text."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def print_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A rich table; integers get thousands separators and stand right."""
    table = Table(title=title, title_justify="left", header_style="bold", title_style="bold")
    body = [list(row) for row in rows]
    for i, header in enumerate(headers):
        numeric = bool(body) and all(isinstance(row[i], (int, float)) for row in body if row[i] is not None)
        table.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in body:
        table.add_row(*(_shown(cell) for cell in row))
    out.print(table)


def _shown(cell: Any) -> str:
    if cell is None:
        return "—"
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return str(cell)


def print_facts(title: str, facts: Mapping[str, Any]) -> None:
    """A two-column table of named values."""
    print_table(title, ("项目", "结果"), [(name, _shown(value)) for name, value in facts.items()])


class Steps:
    """Progress of a command: one bar, one line a step, and how long each step took."""

    def __init__(self, progress: Progress, quiet: bool) -> None:
        self._progress, self._quiet = progress, quiet
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Any]:
        """Show `name` while the block runs; yields a callback (label, fraction) for its inside."""
        started = time.perf_counter()
        task = self._progress.add_task(name, total=None)

        def inside(label: str, fraction: float) -> None:
            self._progress.update(task, description=f"{name} · {label}", completed=fraction * 100, total=100)

        try:
            yield inside
        finally:
            self.seconds[name] = time.perf_counter() - started
            self._progress.update(task, description=name, total=100, completed=100)
            self._progress.stop_task(task)


@contextmanager
def steps(quiet: bool = False) -> Iterator[Steps]:
    """A progress display on standard error, so that standard output stays clean for results."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet) as progress:
        yield Steps(progress, quiet)
