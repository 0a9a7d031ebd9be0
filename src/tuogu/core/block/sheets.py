"""The tables of a block plan: which units move, what the neighbours carry before and after, who serves what.

In: nothing. Out: SHEETS. Never: a load without its month.
"""

from __future__ import annotations

from typing import Final

from tuogu.core.arrivals.sheets import STANDING
from tuogu.core.sheets import Column, Sheet

UNITS: Final = Sheet(
    "units",
    "移交单元",
    (
        Column("unit_code", "单元", "identifier"),
        Column("community_code", "社区", "identifier"),
        Column("policies", "件数", "count", total=True),
        Column("giver", "移出人", "receiver"),
        Column("receiver", "接收人", "receiver"),
        Column("detail", "说明", "text"),
    ),
    note="一次移交的全部单元；没有识别码单位的保单按社区成块",
)
NEIGHBOURS: Final = Sheet(
    "neighbours",
    "邻区每月负荷",
    (
        Column("receiver", "客户经理", "receiver"),
        Column("role", "关系", "text"),
        Column("month", "月份", "count"),
        Column("before", "移交前应收", "count", total=True),
        Column("lost", "移出", "count", total=True),
        Column("gained", "接收", "count", total=True),
        Column("after", "移交后应收", "count", total=True),
        Column("inside", "在上下限内", "yes"),
    ),
    note="移出人、接收人和全部相邻客户经理，每人十二个月移交前后的应收件数",
)
SHEETS: Final = (UNITS, NEIGHBOURS, STANDING)
