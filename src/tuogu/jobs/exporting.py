"""The job that builds the file of a granted export: a list that is too long to wait for, or one that was approved.

In: an export's id. Out: its file, sealed; the job's row says how many rows. Never: an export asked for here; content in the
job's row.
"""

from __future__ import annotations

from typing import Any

from tuogu.core.custody import business_date
from tuogu.exports import actions as exports
from tuogu.exports import queries
from tuogu.exports.queries import Limits
from tuogu.jobs.asked import Asked, Clock
from tuogu.jobs.progress import Steps
from tuogu.org.scope import Scope
from tuogu.privacy import actions as privacy
from tuogu.rules import queries as rules

EXPORT_STEPS = (("生成文件", 100),)  # share of the whole, in percent


def run_export(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """arguments: export. Result: export, rows. Run again after a crash, it finds the file that is there."""
    at = clock()
    limits = Limits.of(rules.applicable(business_date(at)))
    with progress.step("生成文件"):
        export = asked.arguments["export"]
        _require_party(export, clock)
        rows = exports.build(export, canary_range=limits.canary_range, at=at)
        _share(export, rows, asked, clock)
    return {"export": export, "rows": rows}


def _require_party(export: int, clock: Clock) -> None:
    """No file is made for a party whose registration or assessment has ended since it was asked for (L-06)."""
    found = queries.export(export, Scope.everything(), now=clock())
    if found is not None and found.outside:
        privacy.require_party(found.outside, on=business_date(clock()))


def _share(export: int, rows: int, asked: Asked, clock: Clock) -> None:
    """What is meant for somebody outside goes into the register of sharing (L-06); again changes nothing."""
    found = queries.export(export, Scope.everything(), now=clock())
    if found is not None and found.outside:
        privacy.record_sharing(
            party=found.outside, fields=found.fields or found.label, rows=rows, reference=found.code, by=asked.by,
            at=clock(),
        )  # fmt: skip
