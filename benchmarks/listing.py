"""What one change costs in a large branch: one decided address, the customers' list, the report of relations; SQLite.

    python -m benchmarks.listing [POLICIES]          the demo branch, grown; 1000000

In: how many policies. Out: milliseconds of each at the branch as made and as grown, beside a bare scan of the listed
policies (every column summed up in one statement) in the same run. `decide`: the desk's whole act with its lists.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 5
SIZE = 1_000_000


def _median_ms(act: Callable[[], Any]) -> float:
    act()  # warms
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1_000)
    return statistics.median(times)


def measured() -> dict[str, float]:
    """What is measured, by name, in milliseconds."""
    from django.db import connection
    from django.test import Client, override_settings

    from benchmarks.pages import _account
    from tuogu import clock
    from tuogu.books import actions
    from tuogu.books import queries as books
    from tuogu.notices import queries as notices
    from tuogu.org.scope import Scope

    today, everything = clock.business_today(), Scope.everything()
    clerk = _account("resource_clerk")
    waiting = books.queue_page(everything, 0.0, size=1)
    code = next(iter(books.community_codes()))

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT institution_code, state, orphan_type, street_code, COUNT(*), SUM(yearly_premium_fen)"
                " FROM books_listedpolicy GROUP BY institution_code, state, orphan_type, street_code"
            )
            cursor.fetchall()

    def decide() -> None:
        actions.code_by_hand(everything, waiting[0].number, code, by=clerk.person_id, at=clock.now())

    with override_settings(TUOGU_DEMO=True, ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False):
        client = Client()
        client.force_login(clerk)
        return {
            "bare scan": _median_ms(scan),
            "one decided address": _median_ms(decide),
            "customers, first page": _median_ms(lambda: client.get("/customers/")),
            "customers, totals": _median_ms(lambda: client.get("/customers/totals/")),
            "report of relations": _median_ms(lambda: notices.three_relations(everything, today)),
        }


def main(policies: int) -> int:
    """Print the table."""
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from benchmarks.pages import CUSTOMERS, _branch, grow

    with _branch():
        small = measured()
        size = grow(policies)
        large = measured()
    print(
        f"listing on SQLite, a branch of {CUSTOMERS:,} customers grown to {size:,} policies; ms, median of {ROUNDS}"
    )
    for name, before in small.items():
        after = large[name]
        print(
            f"{name:<24}{before:>10.1f}{after:>12.1f}   ×{after / before:.1f}   scan ×{after / large['bare scan']:.2f}"
        )
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    os.environ.setdefault("TUOGU_SECRET_KEY", "benchmark")
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE))
