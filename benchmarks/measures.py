"""Figures benchmark: a month's whole pack (every figure by every dimension) of a branch, beside a bare scan in the same run.

    python -m benchmarks.measures              1,000,000 policies: the promise is two minutes
    python -m benchmarks.measures 100000       another size
    python -m benchmarks.measures frozen 1000000   the whole act in a database: read, count, keep and store a month; SQLite

The bare scan sums the numbers of every input table. Prints seconds (processor seconds in brackets), the ratio to the scan,
the rows of the pack and the peak memory; the same pack counted twice must say the same.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import numpy as np
import polars as pl

from tuogu.core.digest import canonical_bytes
from tuogu.core.measures.definitions import definitions
from tuogu.core.measures.figures import packs
from tuogu.core.measures.periods import Period
from tuogu.core.measures.tables import SCHEMAS, Inputs
from tuogu.core.rulebook import parse_rulebook
from tuogu.core.tables import conform
from tuogu.data.rulebooks import read_shipped

PROMISED_S, PROMISED_AT = 120, 1_000_000
MONTH, FIRST, LAST = Period(date(2026, 4, 1)), date(2023, 1, 1), date(2026, 4, 30)
Answer = TypeVar("Answer")


def drawn(size: int, seed: int) -> Inputs:
    """A branch: 1.4 policies a customer, 400 of them a person, twelve people a team, forty communities a street."""
    draw = np.random.default_rng(seed)
    customers, people = max(size * 5 // 7, 1), max(size // 400, 1)
    teams = max(people // 12, 1)
    tree = [("B", "sub", None), *((f"D{n}", "department", "B") for n in range(max(teams // 10, 1)))]
    tree += [(f"T{n}", "team", f"D{n % max(teams // 10, 1)}") for n in range(teams)]

    def days(first: date, last: date, rows: int) -> pl.Series:
        found = pl.Series(draw.integers(0, (last - first).days + 1, rows)).cast(pl.Int32)
        return (found + (first - date(1970, 1, 1)).days).cast(pl.Date)

    def rows(name: str, count: int, **columns: Any) -> pl.DataFrame:
        person = pl.Series(draw.integers(0, people, count))
        place = {
            "person_id": person, "institution_code": "T" + (person % teams).cast(pl.String),
            "source": pl.Series(["leaver", "moved_in", "other"]).gather(draw.integers(0, 3, count)),
            "region_code": (330_102_001_000 + pl.Series(draw.integers(0, 4000, count))).cast(pl.String),
        }  # fmt: skip
        frame = pl.DataFrame({**place, **columns})
        missing = [
            pl.lit(None, kind).alias(column)
            for column, kind in SCHEMAS[name].items()
            if column not in frame.columns
        ]
        whole = frame.with_columns(missing)
        return conform(whole.select(pl.col(c).cast(t) for c, t in SCHEMAS[name].items()), SCHEMAS[name])

    def who(count: int) -> pl.Series:
        return "C" + pl.Series(draw.integers(0, customers, count)).cast(pl.String)

    def numbers(mark: str, count: int) -> pl.Series:
        return mark + pl.Series(range(count)).cast(pl.String)

    half, tenth = size // 2, size // 10
    return Inputs(
        on=LAST,
        institutions=pl.DataFrame(tree, schema=SCHEMAS["institutions"], orient="row"),
        allocations=rows("allocations", half, customer_number=who(half), allocated_date=days(FIRST, LAST, half)),
        new_policies=rows(
            "new_policies", tenth, policy_number=numbers("N", tenth), customer_number=who(tenth),
            inception_date=days(FIRST, LAST, tenth), payment_term_years=pl.Series(draw.integers(1, 30, tenth)),
        ),
        held=rows(
            "held", customers, customer_number=numbers("C", customers), from_date=days(FIRST, LAST, customers),
            pieces=pl.Series(draw.integers(1, 4, customers)), filled=pl.Series(draw.integers(0, 7, customers)),
            fields=pl.Series(np.full(customers, 6)),
        ),
        contacts=pl.DataFrame(
            {
                "customer_number": who(half), "person_id": pl.Series(draw.integers(0, people, half)),
                "kind": pl.Series(["call", "message", "visit"]).gather(draw.integers(0, 3, half)),
                "happened_date": days(MONTH.first, LAST, half),
            }
        ),
        cohort=rows(
            "cohort", size, policy_number=numbers("P", size), inception_date=days(FIRST, LAST, size),
            payment_term_years=pl.Series(draw.integers(1, 30, size)),
            yearly_premium_fen=pl.Series(draw.integers(1, 10**6, size)),
            kept=pl.Series(draw.random(size) < 0.9), left_by_contract=pl.Series(draw.random(size) < 0.02),
        ),
        motor=rows(
            "motor", tenth, policy_number=numbers("M", tenth), premium_fen=pl.Series(draw.integers(1, 10**6, tenth)),
            expiry_date=days(MONTH.first, LAST, tenth), ended_date=days(MONTH.first, LAST, tenth),
            outcome=pl.Series(["renewed", "elsewhere", None, "scrapped"]).gather(draw.integers(0, 4, tenth)),
        ),
        complaints=rows(
            "complaints", people, number=numbers("K", people), month=pl.Series([MONTH.first] * people),
            pieces=pl.Series(draw.integers(0, 3, people)),
        ),
        people=rows("people", people, staff_number=numbers("S", people)).with_columns(
            person_id=pl.Series(range(people), dtype=pl.Int64)
        ),
        duties=rows(
            "duties", size, task=numbers("", size), due_date=days(MONTH.first, LAST, size),
            done_date=days(MONTH.first, LAST, size),
        ),
        resources=rows(
            "resources", tenth, customer_number=who(tenth), released_date=days(date(2026, 1, 1), LAST, tenth),
            used_date=days(date(2026, 1, 1), LAST, tenth), filled_before=pl.Series(draw.integers(0, 4, tenth)),
            filled=pl.Series(draw.integers(2, 7, tenth)), fields=pl.Series(np.full(tenth, 6)),
        ),
    )  # fmt: skip


def timed(act: Callable[[], Answer]) -> tuple[Answer, float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    answer = act()
    return answer, time.perf_counter() - began, time.process_time() - cpu


def scanned(given: Inputs) -> int:
    """The sum of every number of every table."""
    numbers = [
        column.cast(pl.Int64).sum()
        for frame in given.tables().values()
        for column in frame
        if column.dtype in (pl.Int64, pl.Boolean)
    ]
    return int(sum(numbers))


def measured(size: int) -> bool:
    """One size; whether the promise is kept."""
    book = parse_rulebook(read_shipped())
    chosen = list(definitions(book).values())
    given, drawn_s, _ = timed(lambda: drawn(size, seed=size))
    _, scan_s, scan_cpu = timed(lambda: scanned(given))
    pack, pack_s, pack_cpu = timed(lambda: packs(given, chosen, MONTH, book=book))
    again, _, _ = timed(lambda: packs(given, chosen, MONTH, book=book))
    same = bytes(canonical_bytes(pack)) == bytes(canonical_bytes(again))
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{size:>10,} policies: {len(chosen)} figures, {pack.height:,} rows of the pack in {pack_s:.2f} s ({pack_cpu:.2f});"
        f" bare scan {scan_s:.3f} s ({scan_cpu:.3f}): {pack_s / max(scan_s, 1e-9):,.0f}×; drawn in {drawn_s:.1f} s;"
        f" twice the same: {same}; peak {peak_gb:.1f} GB"
    )
    return same and (size > PROMISED_AT or pack_s <= PROMISED_S)


def frozen(size: int) -> bool:
    """A branch grown to `size` policies: its month frozen, counted again, and what that costs beside a bare scan."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    os.environ.setdefault("TUOGU_SECRET_KEY", "benchmark")
    django.setup()
    from django.db import connection

    from benchmarks.pages import _branch, grow
    from tuogu import clock
    from tuogu.core.measures.periods import month_after
    from tuogu.org import queries as org
    from tuogu.reports import actions, freezing
    from tuogu.reports.models import FrozenInput

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT state, COUNT(*), SUM(premium_fen) FROM books_policy GROUP BY state")
            cursor.fetchall()

    with _branch() as vendor:
        policies = grow(size)
        today = clock.business_today()
        month = today.replace(day=1)
        at = clock.now() + (month_after(month, 1) - today) * 2  # well after the month
        _, scan_s, _ = timed(scan)
        done, freeze_s, freeze_cpu = timed(lambda: actions.freeze_month(month, by=org.machine(), at=at))
        again, recount_s, _ = timed(lambda: freezing.recompute(month))
        kept_mb = sum(len(row) for row in FrozenInput.objects.values_list("content", flat=True)) / 1024**2
        same = freezing.result_digest(again) == done.digest
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{policies:>10,} policies on {vendor}: frozen in {freeze_s:.1f} s ({freeze_cpu:.1f}),"
        f" {done.rows:,} rows, {kept_mb:.1f} MB kept,"
        f" counted again in {recount_s:.1f} s, the same: {same}; bare scan {scan_s:.2f} s: {freeze_s / scan_s:,.0f}×;"
        f" peak {peak_gb:.1f} GB"
    )
    return same and (size > PROMISED_AT or freeze_s <= PROMISED_S)


def main(words: list[str]) -> int:
    if words[:1] == ["frozen"]:
        return 0 if frozen(int(words[1]) if words[1:] else PROMISED_AT) else 1
    kept = [measured(int(word)) for word in words or [str(PROMISED_AT)]]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
