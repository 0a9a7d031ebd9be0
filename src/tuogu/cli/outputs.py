"""What `tuogu run` leaves in its output folder: registers, report, rejected rows, the plan as Parquet.

In: the values of core. Out: files, listed. Never: a name or a number in a file that the masks should have covered.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tuogu.cli.console import Steps
from tuogu.cli.plan_folder import write_plan_folder
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.files import write_rejects
from tuogu.files.plan_report import write_report
from tuogu.files.registers import write_registers
from tuogu.jobs.flow import BranchFile


def write_outputs(
    out: Path,
    branch: BranchFile,
    book: Book,
    plan: Plan,
    violations: pl.DataFrame,
    changes: pl.DataFrame,
    rulebook: Rulebook,
    regions: pl.DataFrame,
    *,
    split_by_team: bool,
    progress: Steps,
) -> list[Path]:
    """Write every file; returns their paths. `regions` is the code book's, to name candidates outside the book."""
    out.mkdir(parents=True, exist_ok=True)
    names = dict(book.books.people.select("staff_number", "name").iter_rows())
    written: list[Path] = []
    if branch.intake.rejects.height:
        with progress.step("写出拒收行"):
            written += write_rejects(branch.raw, branch.intake, out / "拒收行.xlsx")
    with progress.step("写出登记表"):
        written += write_registers(
            plan, book, rulebook, out / "登记表.xlsx", names=names, changes=changes, split_by_team=split_by_team,
            rejects=branch.intake.rejects, regions=regions,
        )  # fmt: skip
    with progress.step("写出规划报告"):
        write_report(plan, book, rulebook, out / "report.html", names=names)
        written.append(out / "report.html")
    with progress.step("写出方案 Parquet"):
        written.append(write_plan_folder(plan, violations, out / "plan"))
    return written
