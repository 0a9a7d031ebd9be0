"""The empty workbook that a branch fills in: sheets, headers, formats, choices, one example row, notes.

In: a path. Out: a workbook that the reader accepts as it is (the example row is skipped).
Never: a column for numbers that Excel would round.
"""

from __future__ import annotations

from pathlib import Path

from tuogu.core.intake_sheet import EXAMPLE_MARK
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.core.standardise_words import CHINESE
from tuogu.files.headers import REQUIRED, SYNONYMS
from tuogu.files.safe_excel import SafeSheet, SafeWorkbook, open_workbook, text_format, write_text

_ROWS_PREPARED = 100_000  # rows with a list of choices
_EXAMPLES: dict[str, dict[str, str]] = {
    "policies": {
        "policy_number": "330200001234567",
        "kind": "主险",
        "product_name": "示例两全保险（分红型）",
        "product_type": "分红险",
        "protection": "否",
        "premium_mode": "期交",
        "payments_per_year": "年交",
        "premium_fen": "1200.00",
        "sum_insured_fen": "50000.00",
        "payment_term_years": "20",
        "inception_date": "2011-03-05",
        "end_date": "2041-03-05",
        "state": "有效",
        "holder_number": "C00001",
        "insured_number": "C00001",
        "agent_number": "S00001",
        "institution_code": "330200",
        "source": "离司",
        "components": "单一",
    },
    "customers": {
        "customer_number": "C00001",
        "name": "张三",
        "sex": "女",
        "birth_date": "1949-12-31",
        "id_type": "身份证",
        "id_number": "11010519491231002X",
        "phone": "13800138000",
        "address": "宁波市海曙区白云街道云乐社区1幢101室",
        "employer": "（可不填）",
        "info_accurate": "是",
        "complaint": "否",
        "misconduct": "否",
        "contactable": "是",
        "contact_attempts": "1",
    },
    "people": {
        "staff_number": "S00001",
        "name": "李四",
        "series": "收展",
        "rank": "中级经理",
        "supervisor": "否",
        "team_code": "33020001",
        "institution_code": "330200",
        "phone": "13900139000",
        "address": "宁波市海曙区白云街道云乐社区2幢201室",
        "hired_date": "2015-07-01",
    },
    "institutions": {
        "institution_code": "330200",
        "name": "宁波中心支公司",
        "level": "中支",
        "parent_code": "330000",
        "region_code": "3302",
    },
    "coordinates": {
        "region_code": "330203001001",
        "longitude": "121.550000",
        "latitude": "29.870000",
        "datum": "WGS-84",
        "source": "导入",
    },
    "facts": {
        "subject": "S00001",
        "month": "2026-10",
        "fact_key": "参会率",
        "figure": "95.5%",
        "source_ref": "2026年10月例会签到表",
        "author": "S00001",
    },
    "motor": {
        "policy_number": "PDAA202633020000000001",
        "plate_number": "浙B12345",
        "frame_number": "LSVAA4182E2184847",
        "holder_number": "C00001",
        "premium_fen": "4280.00",
        "start_date": "2026-01-01",
        "expiry_date": "2026-12-31",
        "agent_number": "S00001",
        "entrant_number": "S00001",
        "institution_code": "330200",
        "channel": "直销",
        "important": "否",
        "previous_number": "PDAA202533020000000001",
    },
}
_NOTES = (
    "一、每张表第一行是表头，带 * 的列必须填写；不要改动工作表名。列的次序可以改变，可以增加自己的列。",
    "二、第二行是示例，编号以“示例”开头，导入时自动跳过，可以删除。",
    "三、保单号、客户号、证件号码、电话等列已设为文本格式。请“粘贴为数值”；"
    "若 Excel 把 18 位号码显示成 3.3E+17，后几位已经丢失，导入时会退回。",
    "四、日期写成 2011-03-05。金额以元为单位，最多两位小数。带下拉箭头的列请从列表中选择。",
    "五、“考核指标”可单独成一个文件（tuogu facts）。比率带百分号（95.5%），金额以元为单位，分数最多两位小数；"
    "每行写明来源。更正时另报一行，以后报的为准，原来的留存。",
    "六、“车险”可单独成一个文件。起保、终保都是保险期间内的日子；车牌号与车架号至少填一项；"
    "续保的保单请填“上年保单号”，系统据此结束上年的续保件。",
    "七、合计行、空行会自动跳过。导入后退回的行会带“原因”列返回，改正后可直接再次导入。",
)


def write_template(path: str | Path) -> Path:
    """Write the template workbook; returns its path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_workbook(path) as workbook:
        for kind, title in SHEET_TITLES.items():
            _write_sheet(workbook, workbook.add_worksheet(title), kind)
        _write_notes(workbook, workbook.add_worksheet("填写说明"))
    return path


def _write_sheet(workbook: SafeWorkbook, page: SafeSheet, kind: str) -> None:
    """Header, example and choices of one sheet."""
    body = text_format(workbook)
    example = text_format(workbook, font_color="#7F7F7F", italic=True)
    heads = {
        needed: workbook.add_format(
            {"bold": True, "border": 1, "num_format": "@", "bg_color": "#FCE4D6" if needed else "#D9E1F2"}
        )
        for needed in (True, False)
    }
    for column, (name, title) in enumerate(TITLES[kind].items()):
        needed = name in REQUIRED[kind]
        sample = _EXAMPLES[kind].get(name)
        if column == 0:
            sample = EXAMPLE_MARK + str(sample)
        page.set_column(column, column, max(2 * len(title) + 4, len(sample or "") + 2), body)
        write_text(page, 0, column, f"*{title}" if needed else title, heads[needed])
        page.write_comment(0, column, "也可写作：" + "、".join(SYNONYMS[kind][name][2:]))
        if sample is not None:
            write_text(page, 1, column, sample, example)
        if name in CHINESE:
            choices = list(CHINESE[name].values())
            page.data_validation(1, column, _ROWS_PREPARED, column, {"validate": "list", "source": choices})
    page.freeze_panes(1, 1)
    page.print_wide()


def _write_notes(workbook: SafeWorkbook, page: SafeSheet) -> None:
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 100, wrapped)
    write_text(page, 0, 0, "填写说明", workbook.add_format({"bold": True, "font_size": 14}))
    for row, note in enumerate(_NOTES, 1):
        write_text(page, row, 0, note, wrapped)
