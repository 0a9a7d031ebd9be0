"""Timelines benchmark: every duty of a whole book for one day, beside a bare scan of the same columns in the same run.

    python -m benchmarks.timeline                1,000,000 and 10,000,000 policies
    python -m benchmarks.timeline 1000000        one size

Three days: an ordinary one, the first of a quarter (every customer is owed a return visit) and the day on which Spring
Festival greetings open. The bare scan takes the greatest value of each column of CASES. Prints seconds (processor seconds
in brackets), the ratio to the scan, what was found, and the peak memory; a day evaluated twice must say the same.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl

from tuogu.core.rulebook import parse_rulebook
from tuogu.core.tables import conform
from tuogu.core.timeline.obligations import obligations_of
from tuogu.core.timeline.occurrences import occurrences
from tuogu.core.timeline.tables import CASES, EVENTS
from tuogu.data.rulebooks import read_shipped

DAYS = {"ordinary": date(2026, 3, 10), "quarter": date(2026, 4, 1), "festival": date(2026, 2, 8)}
PROMISED_S, PROMISED_AT = 60, 10_000_000
Answer = TypeVar("Answer")


def drawn_cases(size: int, seed: int) -> pl.DataFrame:
    """A book of which every second policy is an orphan one; 1.4 policies a customer, one in ten lapsed."""
    draw = np.random.default_rng(seed)

    def days(first: date, last: date, known: float = 1.0) -> pl.Series:
        span = (last - first).days
        offsets = pl.Series(draw.integers(0, span, size)).cast(pl.Int32) + (first - date(1970, 1, 1)).days
        found = offsets.cast(pl.Date)
        return found if known == 1.0 else found.set(pl.Series(draw.random(size) >= known), None)

    def words(*shares: tuple[str, float]) -> pl.Series:
        codes = draw.choice(len(shares), size, p=[share for _, share in shares]).astype(np.uint32)
        return pl.Series([word for word, _ in shares], dtype=pl.String).gather(codes)

    lapsed = pl.Series(draw.random(size) < 0.1)
    number = pl.Series("n", np.arange(size))
    frame = pl.DataFrame({
        "subject_id": number, "policy_number": pl.select(pl.format("P{}", number)).to_series(),
        "customer_number": pl.select(pl.format("C{}", pl.Series(draw.integers(0, int(size / 1.4), size)))).to_series(),
        "orphan": pl.Series(draw.random(size) < 0.5), "live": pl.Series(draw.random(size) < 0.95),
        "nature": words(("normal", 0.9), ("hard", 0.08), ("problem", 0.02)),
        "received_date": days(date(2025, 10, 1), date(2026, 4, 30), 0.4),
        "inception_date": days(date(2005, 1, 1), date(2026, 1, 1)),
        "end_date": days(date(2026, 1, 1), date(2066, 1, 1), 0.7),
        "lapse_date": days(date(2024, 6, 1), date(2026, 4, 1)).set(~lapsed, None),
        "premium_mode": words(("regular", 0.85), ("single", 0.15)),
        "payments_per_year": pl.Series(draw.choice([1, 2, 4, 12], size, p=[0.8, 0.05, 0.05, 0.1])),
        "payment_term_years": pl.Series(draw.choice([3, 5, 10, 20, 30], size)),
        "birth_date": days(date(1940, 1, 1), date(2005, 1, 1), 0.97),
    })  # fmt: skip
    frame = frame.with_columns(
        service_class=pl.when(lapsed).then(pl.lit("lapsed")).otherwise(pl.lit("normal")),
        state=pl.when(lapsed).then(pl.lit("lapsed")).otherwise(pl.lit("in_force")),
    )
    return conform(frame, CASES)


def drawn_events(size: int, seed: int) -> pl.DataFrame:
    """One policy in fifty has an event near the days."""
    draw = np.random.default_rng(seed)
    count = size // 50
    kinds = pl.Series(["papers_complete", "papers_answered", "second_meeting", "missed_visit", "paid"])
    days = pl.Series(draw.integers(0, 90, count)).cast(pl.Int32) + (date(2026, 2, 1) - date(1970, 1, 1)).days
    subjects = pl.Series(draw.integers(0, size, count))
    kind = kinds.gather(draw.integers(0, 5, count).astype(np.uint32))
    return conform(pl.DataFrame({"subject_id": subjects, "kind": kind, "day": days.cast(pl.Date)}), EVENTS)


def timed(act: Callable[[], Answer]) -> tuple[Answer, float, float]:
    """(answer, seconds, processor seconds)."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = act()
    return answer, time.perf_counter() - wall, time.process_time() - cpu


def main(sizes: list[int]) -> int:
    rules = obligations_of(parse_rulebook(read_shipped()))
    late = 0
    print(
        f"{'policies':>11}  {'day':<9}{'s (cpu)':>14}{'scan s (cpu)':>15}{'ratio cpu':>10}{'found':>12}{'peak GB':>9}"
    )
    for size in sizes:
        cases, events = drawn_cases(size, 1), drawn_events(size, 2)
        cases.select(pl.all().max())  # both have seen the columns once
        for name, day in DAYS.items():
            _, scan, scan_cpu = timed(partial(cases.select, pl.all().max()))
            found, wall, cpu = timed(partial(occurrences, cases, events, rules, day, day))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
            print(
                f"{size:>11,}  {name:<9}{wall:>7.1f} ({cpu:.1f}){scan:>8.2f} ({scan_cpu:.2f})"
                f"{cpu / scan_cpu:>10.0f}{len(found):>12,}{peak:>9.1f}",
                flush=True,
            )
            late += size <= PROMISED_AT and wall > PROMISED_S
        again = occurrences(cases, events, rules, DAYS["ordinary"], DAYS["ordinary"])
        two = occurrences(cases, events, rules, DAYS["ordinary"] - timedelta(days=1), DAYS["ordinary"])
        same = two.filter(pl.col("opens_date") == DAYS["ordinary"]).equals(again)
        print(f"{size:>11,}  the day within two days says the same: {'yes' if same else 'NO'}", flush=True)
        late += not same
    return int(bool(late))


if __name__ == "__main__":
    raise SystemExit(main([int(size) for size in sys.argv[1:]] or [1_000_000, PROMISED_AT]))
