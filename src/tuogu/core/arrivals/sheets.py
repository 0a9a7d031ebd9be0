"""The tables of an arrivals plan: levels, evidence, keywords, single list, moves, room, exceptions, who serves what.

In: nothing. Out: SHEETS. Never: a personal datum (addresses are shown as the words that many of them share).
"""

from __future__ import annotations

from typing import Final

from tuogu.core.ascription import EXCEPTIONS
from tuogu.core.labels import LEVERS, STANDING_BASES
from tuogu.core.sheets import Column, Sheet

LEVELS: Final = Sheet(
    "levels",
    "五级安置",
    (
        Column("level", "级", "count"),
        Column("level_name", "安置方式", "text"),
        Column("placed", "安置件数", "count", total=True),
        Column("receivers", "接收人数", "count"),
        Column("redirected", "其中微调改派", "count", total=True),
    ),
    note="新增孤儿保单依次按五级安置：同一客户、区域、关键字、单件、整块；前一级已定的不再问后一级",
    chart="bars:level_name:placed",
)
EVIDENCE: Final = Sheet(
    "evidence",
    "安置依据",
    (
        Column("number", "保单号", "subject"),
        Column("level", "级", "count"),
        Column("home", "按级应归", "receiver"),
        Column("receiver", "接收人", "receiver"),
        Column("ascription", "归属类型", "text"),
        Column("evidence", "依据", "text"),
    ),
    note="每件新增孤儿保单由哪一级定给谁、凭什么；接收人与按级应归不同的，是微调改派",
)
KEYWORDS: Final = Sheet(
    "keywords",
    "关键字",
    (
        Column("kind", "类别", "text"),
        Column("word", "关键字", "text"),
        Column("receiver", "归属", "receiver"),
        Column("support", "出现件数", "count"),
        Column("hits", "归该人件数", "count"),
        Column("source", "来源", "text"),
        Column("placed", "本次安置", "count", total=True),
        Column("evidence", "依据", "text"),
    ),
    note="从已核定的安置中学得；件数和占比都够才采用；可在选项中改写或删去",
)
SINGLES: Final = Sheet(
    "singles",
    "单件调整清单",
    (
        Column("line", "行", "count"),
        Column("number", "保单号", "identifier"),
        Column("receiver", "工号", "text"),
        Column("verdict", "结论", "text"),
    ),
    note="人工清单逐行的结论；没有采用的行写明原因",
)
MOVES: Final = Sheet(
    "moves",
    "微调记录",
    (
        Column("number", "保单号", "subject"),
        Column("lever", "方式", "text", words=LEVERS),
        Column("giver", "原应归", "receiver"),
        Column("receiver", "改归", "receiver"),
        Column("detail", "说明", "text"),
    ),
    note="微调只有两种方式：相邻区件、月度新产生保单；没有第三种",
)
ROOM: Final = Sheet(
    "room",
    "逐月余量",
    (
        Column("receiver", "客户经理", "receiver"),
        Column("month", "月份", "count"),
        Column("before", "安置前应收", "count", total=True),
        Column("placed", "按级安置后", "count", total=True),
        Column("after", "微调后应收", "count", total=True),
        Column("inside", "在上下限内", "yes"),
    ),
    note="每名客户经理每月的应收件数：安置前、按五级安置后、两种微调后",
)
STANDING: Final = Sheet(
    "standing",
    "安置前在管",
    (
        Column("number", "保单号", "subject"),
        Column("community_code", "社区", "identifier"),
        Column("unit_code", "识别码单位", "identifier"),
        Column("receiver", "责任人", "receiver"),
        Column("basis", "依据", "text", words=STANDING_BASES),
        Column("ground", "片区依据", "yes"),
    ),
    note="安置前已有人服务的孤儿保单：台账所载的，和前一方案所定、尚未下发的",
)
SHEETS: Final = (LEVELS, EVIDENCE, KEYWORDS, SINGLES, MOVES, ROOM, EXCEPTIONS, STANDING)
