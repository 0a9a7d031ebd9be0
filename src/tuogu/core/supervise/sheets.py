"""The tables of a supervision plan: the two kinds of piece counted apart, the specialists' loads, who serves whom.

In: nothing. Out: SHEETS. Never: a supervised piece counted among the collection pieces.
"""

from __future__ import annotations

from typing import Final

from tuogu.core.labels import SERIES
from tuogu.core.sheets import Column, Sheet

PIECE_KINDS: Final = Sheet(
    "piece_kinds",
    "收费件与督导件",
    (
        Column("branch_code", "分公司", "institution"),
        Column("collection", "收费件", "count", total=True),
        Column("supervised", "督导件", "count", total=True),
        Column("newly", "其中新配督导", "count", total=True),
        Column("already", "其中已有督导", "count", total=True),
        Column("lacking", "其中无专员可配", "count", total=True),
        Column("in_pool", "尚无责任人", "count", total=True),
    ),
    note="今后一年有应收的期交保单：收费件由运营系列服务，督导件由其他系列服务并另配督导专员，两者分开计数",
    chart="bars:branch_code:collection,supervised",
)
SPECIALISTS: Final = Sheet(
    "specialists",
    "督导专员",
    (
        Column("receiver", "督导专员", "receiver"),
        Column("branch_code", "分公司", "institution"),
        Column("before", "原有督导件", "count", total=True),
        Column("newly", "新配督导件", "count", total=True),
        Column("after", "现有督导件", "count", total=True),
    ),
    note="每名督导专员的督导件数；新的先配给件数最少的人",
    chart="bars:receiver:before,newly",
)
SUPERVISED: Final = Sheet(
    "supervised",
    "督导件清单",
    (
        Column("number", "保单号", "subject"),
        Column("server", "责任人（不变）", "receiver"),
        Column("series", "责任人系列", "text", words=SERIES),
        Column("receiver", "督导专员", "receiver"),
        Column("branch_code", "分公司", "institution"),
    ),
    note="责任人不变，只增加督导关系",
)
SHEETS: Final = (PIECE_KINDS, SPECIALISTS, SUPERVISED)
