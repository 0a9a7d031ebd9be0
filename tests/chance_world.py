"""A motor book whose customers renew by known chances, for tests of what is learned from it.

In: a seed, a number of rows. Out: rows of RENEWAL with the true chance of each; settled 120 days after their day. Never: the
clock, unseeded luck.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from territory_books import standard_rules
from tuogu.core.chance.limits import ChanceLimits
from tuogu.core.chance.tables import RENEWAL
from tuogu.core.tables import conform

FIRST = date(2024, 1, 1)
MONTHS = 18
LAST = date(2026, 12, 31)  # everything is settled by then
SETTLED_AFTER = 120
CHANNELS = {"直销": 0.8, "电销": 0.0, "代理": -0.9}
ADDS = {"contact": 0.7, "renewal": 0.5}  # log-odds of each


def limits(**other: object) -> ChanceLimits:
    """Those of the standard rulebook."""
    book = standard_rules()
    changed = {f"advice__{key}": value for key, value in other.items()}
    return ChanceLimits.of(book.replace(**changed) if changed else book)


def renewals(seed: int, rows: int) -> tuple[pl.DataFrame, pl.Series]:
    """Rows of RENEWAL and the true chance of each: three things matter, the others are noise."""
    luck = np.random.default_rng(seed)
    channel = luck.choice(list(CHANNELS), rows)
    contacts, before = luck.integers(0, 4, rows), luck.integers(0, 3, rows)
    odds = -0.8 + np.vectorize(CHANNELS.get)(channel) + ADDS["contact"] * contacts + ADDS["renewal"] * before
    chance = 1 / (1 + np.exp(-odds))
    days = [_month(int(n)) + timedelta(days=1) for n in luck.integers(0, MONTHS, rows)]
    frame = pl.DataFrame({
        "key": [str(n) for n in range(rows)], "day": days,
        "settled_date": [day + timedelta(days=SETTLED_AFTER) for day in days],
        "label": luck.random(rows) < chance,
        "band": luck.choice(["d61_90", "d31_60"], rows), "premium_fen": luck.integers(100_000, 900_000, rows),
        "channel": channel, "branch": luck.choice(["B", "X"], rows), "fleet": ["no"] * rows,
        "important": luck.choice(["yes", "no"], rows), "years": luck.integers(0, 9, rows), "renewals": before,
        "contacts": contacts,
        "vehicles": luck.integers(0, 2, rows), "policies": luck.integers(0, 3, rows),
        "data_true": luck.choice(["yes", "no", "unknown"], rows),
    })  # fmt: skip
    return conform(frame.select(*RENEWAL.schema).cast(dict(RENEWAL.schema)), RENEWAL.schema), pl.Series(
        chance
    )


def _month(n: int) -> date:
    return date(FIRST.year + n // 12, n % 12 + 1, 1)
