"""The tables of a map plan: the map line by line, its faults, why each piece went where, exceptions.

In: nothing. Out: SHEETS. Never: a fault without the line or the code that it speaks of.
"""

from __future__ import annotations

from typing import Final

from tuogu.core.ascription import EXCEPTIONS
from tuogu.core.sheets import Column, Sheet

LINES: Final = Sheet(
    "map_lines",
    "对应关系",
    (
        Column("line", "行", "count"),
        Column("code", "代码", "identifier"),
        Column("kind", "类别", "text"),
        Column("receiver", "工号", "text"),
        Column("used", "采用", "yes"),
        Column("covered", "覆盖件数", "count"),
        Column("placed", "安置件数", "count", total=True),
    ),
    note="对应关系逐行覆盖多少件、安置多少件；被更细的代码盖过的件归更细的一行",
)
FAULTS: Final = Sheet(
    "map_faults",
    "对应关系问题",
    (
        Column("fault", "问题", "text"),
        Column("line", "行", "count"),
        Column("code", "代码", "identifier"),
        Column("receiver", "工号", "text"),
        Column("pieces", "涉及件数", "count", total=True),
        Column("detail", "说明", "text"),
    ),
    note="对应关系本身的缺口、重叠和不能采用的行",
)
ASCRIBED: Final = Sheet(
    "ascribed",
    "归属",
    (
        Column("number", "保单号", "subject"),
        Column("receiver", "接收人", "receiver"),
        Column("line", "依据行", "count"),
        Column("code", "代码", "identifier"),
        Column("ascription", "归属类型", "text"),
    ),
    note="每件由对应关系的哪一行定给谁，属哪一种归属",
)
SHEETS: Final = (LINES, FAULTS, ASCRIBED, EXCEPTIONS)
