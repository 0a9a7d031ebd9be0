"""Workbooks whose zip is in order and whose content is not; old, encrypted and foreign workbooks."""

from __future__ import annotations

import io
from pathlib import Path

import msoffcrypto.format.ooxml
import xlwt

from hostile import hostile, raw_xlsx
from hostile.raw_xlsx import CUSTOMERS, GOOD_ROW, HEADERS, inline, parts, sheet, write
from tuogu.files.safe_excel import open_workbook

_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">'
    '<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>'
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@hostile("xml_entities")
def xlsx_entities_that_multiply(folder: Path) -> Path:
    bent = sheet(inline("&lol3;", row=1), before=_LAUGHS)
    return write(folder / "book.xlsx", parts() | {"xl/worksheets/sheet1.xml": bent})


@hostile("xml_entities")
def xlsx_entity_that_reads_a_file(folder: Path) -> Path:
    bent = parts()
    text = bent["xl/workbook.xml"].replace(
        "<workbook", '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><workbook'
    )
    return write(folder / "book.xlsx", bent | {"xl/workbook.xml": text})


@hostile("xml_entities")
def xlsx_doctype_in_shared_strings(folder: Path) -> Path:
    bent = raw_xlsx.shared("x").replace("<sst", '<!doctype sst SYSTEM "http://127.0.0.1:9/x"><sst')
    return write(folder / "book.xlsx", parts() | {"xl/sharedStrings.xml": bent})


@hostile("broken_workbook")
def xlsx_sheet_xml_cut(folder: Path) -> Path:
    bent = parts()
    return write(
        folder / "book.xlsx", bent | {"xl/worksheets/sheet1.xml": bent["xl/worksheets/sheet1.xml"][:-60]}
    )


@hostile("broken_workbook")
def xlsx_sheet_part_missing(folder: Path) -> Path:
    content = parts()
    del content["xl/worksheets/sheet1.xml"]
    return write(folder / "book.xlsx", content)


@hostile("broken_workbook")
def xlsx_workbook_xml_is_noise(folder: Path) -> Path:
    return write(folder / "book.xlsx", parts() | {"xl/workbook.xml": b"\xff\xfe\x00\x01noise"})


@hostile("broken_workbook")
def xlsx_shared_string_index_beyond(folder: Path) -> Path:
    rows = '<row r="1">' + "".join(f'<c r="{c}1" t="s"><v>99999</v></c>' for c in "ABCDEF") + "</row>"
    return write(folder / "book.xlsx", parts(rows))


@hostile("out_of_memory")
def xlsx_row_number_overflows(folder: Path) -> Path:
    return write(
        folder / "book.xlsx",
        parts(CUSTOMERS + '<row r="99999999999999"><c r="A99999999999999"><v>1</v></c></row>'),
    )


@hostile("too_many_rows")
def xlsx_of_1048577_rows(folder: Path) -> Path:
    return write(folder / "book.xlsx", parts(CUSTOMERS + inline("C9", row=1_048_577)))


@hostile("out_of_memory")
def xlsx_cell_in_the_last_corner(folder: Path) -> Path:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    return write(folder / "book.xlsx", parts(CUSTOMERS + far))


@hostile("too_many_columns")
def xlsx_cell_in_the_last_column(folder: Path) -> Path:
    far = '<row r="3"><c r="XFD3" t="inlineStr"><is><t>x</t></is></c></row>'
    return write(folder / "book.xlsx", parts(CUSTOMERS + far))


@hostile("out_of_memory")
def xlsx_long_text_repeated(folder: Path) -> Path:
    """30,000 characters once in the file, 100,000 times in memory."""
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(3, 100_003))
    content = parts(CUSTOMERS + rows) | {"xl/sharedStrings.xml": raw_xlsx.shared("长" * 30_000)}
    return write(folder / "book.xlsx", content)


@hostile("cell_too_long")
def xlsx_cell_of_40000_characters(folder: Path) -> Path:
    text = "".join(chr(0x4E00 + (i * 7919) % 20_000) for i in range(40_000))
    return write(folder / "book.xlsx", parts(CUSTOMERS + inline("C2", text, row=3)))


@hostile("no_known_sheet")
def xlsx_elements_nested_50000_deep(folder: Path) -> Path:
    deep = "<a>" * 50_000 + "</a>" * 50_000
    content = parts() | {"xl/worksheets/sheet1.xml": raw_xlsx.HEAD + deep}
    return write(folder / "book.xlsx", content)


@hostile("too_many_sheets")
def xlsx_of_60_sheets(folder: Path) -> Path:
    with open_workbook(folder / "book.xlsx") as workbook:
        for number in range(60):
            workbook.add_worksheet(f"客户{number}")
    return folder / "book.xlsx"


@hostile("two_sheets")
def xlsx_customers_twice(folder: Path) -> Path:
    with open_workbook(folder / "book.xlsx") as workbook:
        for name in ("客户", "客户信息"):
            page = workbook.add_worksheet(name)
            page.write_row(0, 0, HEADERS)
            page.write_row(1, 0, GOOD_ROW)
    return folder / "book.xlsx"


@hostile("no_header")
def xlsx_without_a_header(folder: Path) -> Path:
    return write(folder / "book.xlsx", parts("".join(inline(*GOOD_ROW, row=r) for r in range(1, 60))))


@hostile("missing_columns")
def xlsx_without_customer_numbers(folder: Path) -> Path:
    return write(folder / "book.xlsx", parts(inline("姓名", "性别", "联系电话", row=1)))


@hostile("no_known_sheet")
def xlsx_of_something_else(folder: Path) -> Path:
    return write(folder / "book.xlsx", parts(inline("菜名", "价格", row=1), name="菜单"))


@hostile("no_known_sheet")
def xlsx_with_empty_sheets(folder: Path) -> Path:
    with open_workbook(folder / "book.xlsx") as workbook:
        workbook.add_worksheet("客户")
    return folder / "book.xlsx"


@hostile("no_known_sheet")
def xlsx_everything_hidden(folder: Path) -> Path:
    with open_workbook(folder / "book.xlsx") as workbook:
        workbook.add_worksheet("说明")
        page = workbook.add_worksheet("客户")
        page.write_row(0, 0, HEADERS)
        page.very_hidden()
    return folder / "book.xlsx"


@hostile("password")
def xlsx_with_a_password(folder: Path) -> Path:
    clear = raw_xlsx.plain(folder, "clear.xlsx").read_bytes()
    with (folder / "book.xlsx").open("wb") as out:
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(clear)).encrypt("secret", out)
    return folder / "book.xlsx"


@hostile("broken_workbook")
def xls_magic_only(folder: Path) -> Path:
    (folder / "book.xls").write_bytes(_OLE + b"\x00" * 504)
    return folder / "book.xls"


@hostile("broken_workbook")
def xls_of_noise(folder: Path) -> Path:
    noise = bytes((i * 7919 + i // 256) % 256 for i in range(50_000))
    (folder / "book.xls").write_bytes(_OLE + noise)
    return folder / "book.xls"


@hostile("broken_workbook")
def xls_cut_in_half(folder: Path) -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet("客户")
    for row in range(300):
        for column, text in enumerate(HEADERS if row == 0 else GOOD_ROW):
            page.write(row, column, f"{text}{row}" if row else text)
    book.save(str(folder / "book.xls"))
    data = (folder / "book.xls").read_bytes()
    (folder / "book.xls").write_bytes(data[: len(data) // 2])
    return folder / "book.xls"


@hostile("markup")
def web_page_as_xls(folder: Path) -> Path:
    (folder / "book.xls").write_text(
        "<html><body><table><tr><td>客户号</td></tr></table></body></html>", "utf-8"
    )
    return folder / "book.xls"


@hostile("markup")
def xml_spreadsheet_as_xls(folder: Path) -> Path:
    (folder / "book.xls").write_text('\ufeff<?xml version="1.0"?><Workbook/>', "utf-8")
    return folder / "book.xls"


@hostile("unknown_format")
def pdf_as_xlsx(folder: Path) -> Path:
    (folder / "book.xlsx").write_bytes(b"%PDF-1.7\n" + raw_xlsx.plain(folder, "in.xlsx").read_bytes())
    return folder / "book.xlsx"


@hostile("unknown_format")
def picture_as_xlsx(folder: Path) -> Path:
    (folder / "book.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    return folder / "book.xlsx"


@hostile("unknown_format")
def gzip_as_csv(folder: Path) -> Path:
    (folder / "客户.csv").write_bytes(b"\x1f\x8b\x08\x00" + b"\x00" * 100)
    return folder / "客户.csv"


@hostile("file_too_large")
def xlsx_of_51_megabytes(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    with path.open("r+b") as file:
        file.truncate(51 << 20)
    return path
