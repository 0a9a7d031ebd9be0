"""The whole flow at growing sizes: seconds of each step, and how each grows against the number of customers.

    python -m benchmarks.flow [CUSTOMERS ...]        default 26000 104000

In: sizes. Out: a table of steps × sizes, and the growth: (time ratio) / (size ratio) of the last two sizes; 1 is linear.
Files are Parquet, the database is SQLite in a temporary folder, each size is a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

SIZES = (26_000, 104_000)
_COMMAND = [sys.executable, "-c", "from tuogu.cli import main; main()"]


def measure(customers: int, folder: Path) -> dict[str, float]:
    """Seconds of each step of `tuogu run` on a synthetic branch of that many customers; 'MB' is peak memory."""
    made = ["synth", "--out", str(folder / "city"), "--customers", str(customers), "--parquet", "--force"]
    subprocess.run([*_COMMAND, *made], check=True, capture_output=True)
    run = ["run", str(folder / "city"), "--out", str(folder / "out"), "--data-date", "2026-10-31", "--json"]
    run += ["--as-of", "2026-11-01", "--split-by-team"]
    done = subprocess.run([*_COMMAND, *run], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
    result = json.loads(done.stdout)
    seconds = result["seconds"]
    return seconds | {"合计": round(sum(seconds.values()), 2), "MB": result["peak_mb"]}


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure each size once and print the table."""
    with tempfile.TemporaryDirectory(prefix="tuogu-flow-") as directory:
        found = {size: measure(size, Path(directory) / str(size)) for size in sizes}
    table = Table(title="tuogu run, seconds a step", title_justify="left")
    table.add_column("step")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    table.add_column("growth", justify="right")
    for step in found[sizes[-1]]:
        row = [found[size].get(step, 0.0) for size in sizes]
        growth = row[-1] / row[-2] / (sizes[-1] / sizes[-2]) if len(row) > 1 and row[-2] else None
        table.add_row(step, *(f"{v:,.2f}" for v in row), f"{growth:.2f}" if growth else "—")
    Console(width=100).print(table)


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
