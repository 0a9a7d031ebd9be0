"""A file of local changes to the code book: read, and a template to fill in (S0-10).

In: xlsx, xls, csv with the headings below. Out: CHANGES of core, with the rows of the file. Never: a code that Excel rounded
taken for exact, an unknown heading passed over in silence.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

import polars as pl

from tuogu.core.codebook_changes import CHANGES, KINDS
from tuogu.core.intake_sheet import EXAMPLE_MARK
from tuogu.files.listed import write_list
from tuogu.files.reader import parse
from tuogu.files.refusal import FileRefused
from tuogu.files.safe_csv import unguarded
from tuogu.files.sandbox import ParsedSheet

HEADINGS = {
    "变更类型": "kind", "原代码": "old_code", "原名称": "old_name", "新代码": "new_code", "新名称": "new_name",
    "上级代码": "parent_code",
}  # fmt: skip
_KIND_OF = {word: kind for kind, word in KINDS.items()}
ROWS_MAX = 20_000


def read_changes(path: str | Path) -> pl.DataFrame:
    """CHANGES of the one sheet of a file; FileRefused with a sentence for the clerk."""
    sheets = [sheet for sheet in parse(path) if not sheet.hidden and sheet.frame.height]
    if len(sheets) != 1:
        raise FileRefused(f"变更文件须只有一张工作表，这里有 {len(sheets)} 张", "two_sheets")
    sheet = sheets[0]
    if sheet.frame.height > ROWS_MAX:
        raise FileRefused(f"变更文件有 {sheet.frame.height:,} 行，最多 {ROWS_MAX:,} 行", "too_many_rows")
    places, rows = _places(sheet)
    texts = {name: _text(sheet, place) for name, place in places.items()}
    for name in HEADINGS.values():
        texts.setdefault(name, pl.lit(None, pl.String))
    found = rows.select(
        row=pl.col("_row").cast(pl.Int64), **{name: texts[name] for name in HEADINGS.values()}
    )
    found = found.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in HEADINGS.values()))
    example = pl.any_horizontal(
        pl.col(name).str.starts_with(EXAMPLE_MARK).fill_null(False) for name in ("old_code", "new_code")
    )
    found = found.filter(~example)  # the row of the template
    kind = pl.col("kind").replace(_KIND_OF)
    new_code = pl.when(kind == "rename").then(pl.coalesce("new_code", "old_code")).otherwise("new_code")
    return found.with_columns(kind=kind.fill_null(""), new_code=new_code).select(CHANGES.keys())


def write_changes_template(created: datetime) -> BytesIO:
    """An empty file with one example of each kind of change."""
    rows = [
        ("新增", "", "", "330212004016", "示例新社区居委会", "330212004"),
        ("拆分", "330212004001", "", "330212004017", "示例东社区居委会", "330212004"),
        ("拆分", "330212004001", "", "330212004018", "示例西社区居委会", "330212004"),
        ("合并", "330212004002", "", "330212004003", "", ""),
        ("更名", "330212004004", "", "", "示例改名社区居委会", ""),
        ("停用", "330212004005", "", "", "", ""),
    ]
    columns = [(head, [row[place] or None for row in rows]) for place, head in enumerate(HEADINGS)]
    return write_list("编码簿变更", columns, created=created)


def _places(sheet: ParsedSheet) -> tuple[dict[str, int], pl.DataFrame]:
    """Field → column, and the rows below the headings."""
    if sheet.header is not None:
        header, rows = list(sheet.header), sheet.frame
    else:
        cells = [name for name in sheet.frame.columns if name.startswith("c")]
        header = [(text or "").strip() for text in sheet.frame.select(cells).row(0)]
        rows = sheet.frame.slice(1)
    strange = [head for head in header if head and head not in HEADINGS]
    if strange:
        raise FileRefused(
            f"不认识的列：{'、'.join(strange)}；可用的列：{'、'.join(HEADINGS)}", "strange_column"
        )
    lacking = [head for head in ("变更类型",) if head not in header]
    if lacking:
        raise FileRefused(f"缺少列：{'、'.join(lacking)}", "no_column")
    return {HEADINGS[head]: place for place, head in enumerate(header) if head}, rows


def _text(sheet: ParsedSheet, place: int) -> pl.Expr:
    cells = pl.col(f"c{place}").cast(pl.String)
    cells = unguarded(cells) if sheet.format == "csv" else cells
    trimmed = cells.str.strip_chars().str.replace(r"^([0-9]+)\.0$", "$1")
    return pl.when(trimmed != "").then(trimmed)
