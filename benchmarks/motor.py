"""Clock of motor renewal: every step of a whole motor book for one day, beside a bare scan of the same columns.

    python -m benchmarks.motor                1,000,000 policies
    python -m benchmarks.motor 200000         another size

Two days: an ordinary one and the last working day before a long holiday (whole weeks of steps fall on it); each with what
had fired the day before, and as the first day of a book ("new": everything that can be caught up). The bare scan takes the
greatest value of each column. Prints seconds (processor seconds in brackets), the ratio to the scan, what was found; a day
evaluated twice must say the same.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import partial

import numpy as np
import polars as pl

from benchmarks.timeline import timed
from tuogu.core.motor import clock
from tuogu.core.motor.holidays import table
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import FIRED
from tuogu.core.rulebook import parse_rulebook
from tuogu.core.tables import conform
from tuogu.data.rulebooks import read_shipped

DAYS = {"ordinary": date(2026, 6, 10), "before holiday": date(2026, 9, 30)}
HOLIDAYS = table([
    ("spring_festival", date(2026, 2, 15), date(2026, 2, 23), date(2026, 2, 14)),
    ("labour_day", date(2026, 5, 1), date(2026, 5, 5), date(2026, 4, 30)),
    ("national_day", date(2026, 10, 1), date(2026, 10, 7), date(2026, 9, 30)),
])  # fmt: skip
PROMISED_S = 10


def drawn_cases(size: int, seed: int) -> pl.DataFrame:
    """A book that expires over two years; one in four has ended, one in ten refuses messages."""
    draw = np.random.default_rng(seed)
    number = pl.Series("subject_id", np.arange(size))
    first = (date(2025, 7, 1) - date(1970, 1, 1)).days
    expiry = (pl.Series(draw.integers(0, 730, size)).cast(pl.Int32) + first).cast(pl.Date)
    ended = pl.Series(draw.random(size) < 0.25)
    frame = pl.DataFrame({
        "subject_id": number, "policy_number": pl.select(pl.format("V{}", number)).to_series(),
        "holder_number": pl.select(pl.format("C{}", number)).to_series(), "expiry_date": expiry,
        "premium_fen": pl.Series(draw.integers(50_000, 2_000_000, size)), "important": pl.Series(draw.random(size) < 0.02),
        "fleet_vehicles": pl.Series(draw.choice([0, 3, 40], size, p=[0.9, 0.08, 0.02])), "ended": ended,
        "opted_out": pl.Series(draw.random(size) < 0.1), "named": pl.Series(draw.random(size) < 0.9),
        "custodian_id": pl.Series(draw.integers(1, 900, size)), "own_contacts": pl.Series(draw.integers(0, 4, size)),
        "custodian_in_post": pl.Series(np.ones(size, dtype=bool)),
    }).with_columns(
        institution_code=pl.lit("B"), listed_date=pl.lit(None, pl.Date), rulebook=pl.lit("1"),
        claim_due_date=pl.col("expiry_date").dt.offset_by("-80d"), intention=pl.lit(None, pl.String),
        outcome=pl.when("ended").then(pl.lit("renewed")), data_true=pl.lit(None, pl.Boolean),
    )  # fmt: skip
    return conform(frame, clock.CLOCKED)


def main(sizes: list[int]) -> int:
    limits = {"1": Limits.of(parse_rulebook(read_shipped()))}
    late = 0
    print(f"{'policies':>11}  {'day':<15}{'s (cpu)':>14}{'scan s (cpu)':>15}{'ratio cpu':>10}{'found':>12}")
    for size in sizes:
        cases, nothing = drawn_cases(size, 1), pl.DataFrame(schema=FIRED)
        cases.select(pl.all().max())  # the columns have been seen once
        for name, day in DAYS.items():
            before = clock.due(cases, nothing, limits, HOLIDAYS, day - timedelta(days=1))
            fired = before.select("subject_id", "step", "round", fired_date="due_date")
            for called, known in ((name, fired), (f"{name}, new", nothing)):
                _, scan, scan_cpu = timed(partial(cases.select, pl.all().max()))
                found, wall, cpu = timed(partial(clock.due, cases, known, limits, HOLIDAYS, day))
                print(
                    f"{size:>11,}  {called[:14]:<15}{wall:>7.1f} ({cpu:.1f}){scan:>8.2f} ({scan_cpu:.2f})"
                    f"{cpu / scan_cpu:>10.0f}{len(found):>12,}",
                    flush=True,
                )
                late += wall > PROMISED_S
                late += not clock.due(cases, known, limits, HOLIDAYS, day).equals(found)
    return int(bool(late))


if __name__ == "__main__":
    raise SystemExit(main([int(size) for size in sys.argv[1:]] or [1_000_000]))
