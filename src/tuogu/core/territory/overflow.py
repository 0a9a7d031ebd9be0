"""More policies than the people can hold: who is left to the buffer group, by a stated rule.

In: planned policies, the yearly cap, distances. Out: those within capacity, and UNPLACED rows for the rest.
Never: a policy left out while somebody has room for it.

The rule: the policies farthest from the nearest manager's home are left out first; of equal ones the last by
policy number.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book
from tuogu.core.territory.selection import unplaced_rows
from tuogu.core.territory.setting import nearest_m


def within_capacity(
    planned: pl.DataFrame, managers: pl.DataFrame, book: Book, rulebook: Rulebook, held_cap: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(planned policies that fit, UNPLACED of the rest)."""
    if not len(managers):
        left = planned.select("policy_number", reason=pl.lit("no_manager"))
        return planned.clear(), unplaced_rows(
            left, {"no_manager": "没有在职的客户经理可以承接，由保全组保管"}
        )
    room = held_cap * len(managers)
    if len(planned) <= room:
        return planned, unplaced_rows(
            planned.clear().select("policy_number", reason=pl.lit("no_capacity")), {"no_capacity": ""}
        )
    codes = planned["community_code"].unique().sort()
    distance = pl.DataFrame(
        {"community_code": codes, "near_m": nearest_m(codes, managers, book, rulebook).astype(np.int64)}
    )
    order = planned.join(distance, on="community_code").sort("near_m", "policy_number")
    detail = (
        f"现有{len(managers)}名客户经理每人至多承接{held_cap:,}件，合计{room:,}件；超出部分由远到近列入保全组"
    )
    left = order.tail(len(planned) - room).select("policy_number", reason=pl.lit("no_capacity"))
    return order.head(room).drop("near_m").sort("policy_number"), unplaced_rows(left, {"no_capacity": detail})
