"""Smallest possible xlsx files, part by part, so that a test can bend each part.

In: parts to replace or add. Out: a zip. Never: anything that XlsxWriter would have put right.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
HEADERS = ("客户号", "姓名", "性别", "出生日期", "证件号码", "联系电话")
GOOD_ROW = ("C1", "张三", "女", "1949-12-31", "11010519491231002X", "13800138000")


def inline(*cells: str, row: int) -> str:
    """A row of inline strings, from column A."""
    texts = "".join(
        f'<c r="{chr(65 + i)}{row}" t="inlineStr"><is><t>{c}</t></is></c>' for i, c in enumerate(cells)
    )
    return f'<row r="{row}">{texts}</row>'


def sheet(rows: str, *, before: str = "") -> str:
    """A worksheet part."""
    return f'{HEAD}{before}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


CUSTOMERS = inline(*HEADERS, row=1) + inline(*GOOD_ROW, row=2)


def parts(rows: str = CUSTOMERS, name: str = "客户") -> dict[str, str]:
    """All parts of a workbook with one sheet."""
    return {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{_RELS_TYPE}"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_ML}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_ML}.worksheet+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_ML}.sharedStrings+xml"/>'
            "</Types>"
        ),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
            f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>"
        ),
        "xl/worksheets/sheet1.xml": sheet(rows),
        "xl/sharedStrings.xml": shared(),
    }


def shared(*texts: str) -> str:
    """A shared strings part."""
    return f'{HEAD}<sst xmlns="{_MAIN}">' + "".join(f"<si><t>{t}</t></si>" for t in texts) + "</sst>"


def write(path: Path, content: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Zip the parts."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return path


def plain(folder: Path, name: str = "book.xlsx") -> Path:
    """A harmless workbook with one customer."""
    return write(folder / name, parts())
