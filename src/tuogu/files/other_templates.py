"""Templates of the small sheets that clerks send in beside the books: text columns, choices, one example row.

In: the name of a template. Out: a workbook of one sheet, as its reader wants it. Never: a column for numbers that Excel
would round; an example that its reader takes for a row (its number begins with 示例).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tuogu.core.codebook_changes import KINDS
from tuogu.core.facts import FACT_KEYS
from tuogu.core.intake_sheet import EXAMPLE_MARK
from tuogu.files.safe_excel import open_workbook, text_format, write_text

_ROWS_PREPARED = 20_000  # rows with a list of choices
_NOTE_HEIGHT, _WIDTH_MIN = 60, 14


@dataclass(frozen=True)
class Column:
    """One column; `note` says in a comment what belongs into it."""

    title: str
    example: str
    note: str
    needed: bool = True
    choices: tuple[str, ...] = ()


_CODES = "十二位官方代码；整列已设为文本，请粘贴为数值"
_NUMBER = "整列已设为文本；若显示成 3.3E+17，后几位已经丢失，上传时会退回"
TEMPLATES: Mapping[str, tuple[str, tuple[Column, ...]]] = {
    "facts": (
        "考核指标",
        (
            Column("对象", EXAMPLE_MARK + "S00001", "工号，或部门的机构代码"),
            Column("月份", "2026-10", "年-月"),
            Column("指标", "参会率", "从列表中选", choices=tuple(fact.label for fact in FACT_KEYS.values())),
            Column("数值", "95.5%", "比率带百分号，金额以元为单位"),
            Column("来源", "2026年10月例会签到表", "取自哪份记录"),
            Column("登记人", "S00001", "登记人的工号", needed=False),
        ),
    ),
    "contacts": (
        "企微联系人",
        (
            Column("客户号", EXAMPLE_MARK + "C00001", _NUMBER),
            Column("企微员工工号", "S00001", "添加客户的员工的工号"),
            Column("外部联系人ID", "wmExample0000000001", "企微后台导出的 external_userid"),
            Column("添加日期", "2026-10-31", "年-月-日，可不填", needed=False),
        ),
    ),
    "receipts": (
        "信函回执",
        (
            Column("案件编号", EXAMPLE_MARK + "0001", "告知信上印着的编号"),
            Column("快递单号", "EMS0000000000001", _NUMBER, needed=False),
            Column("寄出日期", "2026-10-31", "年-月-日", needed=False),
            Column("签收日期", "2026-11-02", "年-月-日", needed=False),
        ),
    ),
    "codebook": (
        "编码簿变更",
        (
            Column("变更类型", "新增", "从列表中选；拆分为几处就写几行", choices=tuple(KINDS.values())),
            Column("原代码", "", _CODES, needed=False),
            Column("原名称", "", "可不填，填了就核对", needed=False),
            Column("新代码", EXAMPLE_MARK + "330212004016", _CODES, needed=False),
            Column("新名称", "新社区居委会", "新增、拆分、更名时填", needed=False),
            Column("上级代码", "330212004", "街道（乡镇）的九位代码", needed=False),
        ),
    ),
    "adjustments": (
        "调整表",
        (
            Column("保单号", EXAMPLE_MARK + "330200001234567", "按客户分配的方案写客户号；" + _NUMBER),
            Column("新责任人", "S00001", "接收人的工号"),
            Column("原因", "客户要求由原经办人继续服务", "每一行都要写"),
        ),
    ),
    "numbers": (
        "名单",
        (Column("保单号", EXAMPLE_MARK + "330200001234567", "抽签的名单，一行一个号码；" + _NUMBER),),
    ),
}


def write_other_template(name: str, *, created: datetime) -> io.BytesIO:
    """The template called `name`; KeyError for one that does not exist."""
    title, columns = TEMPLATES[name]
    buffer = io.BytesIO()
    with open_workbook(buffer, created=created.replace(tzinfo=None)) as workbook:
        page = workbook.add_worksheet(title)
        body, example = text_format(workbook), text_format(workbook, font_color="#7F7F7F", italic=True)
        heads = {
            needed: text_format(workbook, bold=True, border=1, bg_color="#FCE4D6" if needed else "#D9E1F2")
            for needed in (True, False)
        }
        for place, column in enumerate(columns):
            page.set_column(
                place, place, max(2 * max(len(column.title), len(column.example)), _WIDTH_MIN), body
            )
            write_text(page, 0, place, column.title, heads[column.needed])
            page.write_comment(0, place, column.note, {"y_scale": 1, "height": _NOTE_HEIGHT})
            write_text(page, 1, place, column.example or None, example)
            if column.choices:
                _offer(page, place, column.choices)
        page.freeze_panes(1, 1)
        page.print_wide()
    buffer.seek(0)
    return buffer


def _offer(page: object, place: int, choices: tuple[str, ...]) -> None:
    """Excel takes 255 characters of choices in the rule itself; the longest list of ours is far below."""
    page.data_validation(1, place, _ROWS_PREPARED, place, {"validate": "list", "source": list(choices)})  # type: ignore[attr-defined]  # SafeSheet inherits it untyped
