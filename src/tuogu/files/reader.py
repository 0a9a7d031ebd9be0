"""A branch's file or folder becomes raw sheets of text.

In: a path to xlsx, xls, csv, Parquet, or a folder of csv or Parquet files. Out: `RawWorkbook`.
Never: untrusted bytes parsed in this process (the zip directory of an xlsx is judged first, then the parsing
process does the rest under limits); a column dropped; a number that Excel rounded taken for exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from tuogu.core.intake_tables import EXTRA, ROW, SHEETS, RawSheet, RawWorkbook
from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.files.header_search import MAYBE_MISSING, WINDOW_ROWS, Header, find_header
from tuogu.files.headers import EXTRA_HEADER, RETURNED_HEADERS
from tuogu.files.mapping import HeaderMapping
from tuogu.files.refusal import FileRefused, Limits
from tuogu.files.returned import is_returned, returned_data_date
from tuogu.files.safe_csv import unguarded
from tuogu.files.sandbox import ParsedSheet, parse_in_sandbox
from tuogu.files.sniff import sniff
from tuogu.files.watermark import without_marks
from tuogu.files.zipcheck import check_zip

_SUFFIXES = {".csv", ".txt", ".tsv", ".parquet", ".xlsx", ".xlsm", ".xls"}
_DAYS_1900_TO_1904 = 1462
_XLS_NOTE = "xls 格式中的公式错误值（#N/A、#REF! 等）按空白读取，百分比单元格按小数读取；请先改正，或另存为 xlsx 再导入"
_BLANK_HEADER = re.compile(r"列\d+")


def read_workbook(
    path: str | Path,
    *,
    limits: Limits | None = None,
    required: Collection[str] = (),
    mapping: HeaderMapping | None = None,
) -> RawWorkbook:
    """Read every sheet of ours in `path`. `required`: kinds (policies, customers …) that must be there; `mapping`:
    what the clerk said about sheets and headers.

    Raises FileRefused, whose message is for the clerk, whatever is wrong with the file.
    """
    return assemble(parse(path, limits), required=required, mapping=mapping)


def parse(path: str | Path, limits: Limits | None = None) -> list[ParsedSheet]:
    """The cells of every sheet as the parsing process handed them over, ours or not. Raises FileRefused."""
    limits = limits or Limits()
    files = [(file, sniff(file, limits)) for file in _files(Path(path), limits)]
    for file, form in files:
        if form == "xlsx":
            check_zip(file, limits)
    return parse_in_sandbox(files, limits)


def assemble(
    parsed: list[ParsedSheet], *, required: Collection[str] = (), mapping: HeaderMapping | None = None
) -> RawWorkbook:
    """The sheets of ours among parsed ones, with their columns named. Raises FileRefused."""
    workbook = _assemble(parsed, mapping or HeaderMapping())
    missing = [SHEET_TITLES[kind] for kind in required if kind not in workbook.sheets]
    if missing:
        raise FileRefused(f"缺少工作表：{'、'.join(missing)}；请对照模板补齐", "missing_sheets")
    if not workbook.sheets:
        raise FileRefused(
            "没有找到保单、客户、人员、机构、坐标或考核指标表；请对照模板填写工作表名和表头", "no_known_sheet"
        )
    return workbook


def _files(path: Path, limits: Limits) -> list[Path]:
    """The file itself, or the data files directly inside a folder, by name."""
    if not path.is_dir():
        return [path]
    files = sorted(
        p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and not p.name.startswith((".", "~$"))
    )
    if not files:
        raise FileRefused("文件夹里没有 csv、Parquet 或 Excel 文件", "empty_folder")
    if len(files) > limits.files_max:
        raise FileRefused(f"文件夹里有 {len(files)} 个文件，超过上限 {limits.files_max}", "too_many_files")
    return files


def _assemble(parsed: list[ParsedSheet], mapping: HeaderMapping) -> RawWorkbook:
    sheets: dict[str, RawSheet] = {}
    ignored, notes, doubts = [], [], []
    for sheet in parsed:
        if sheet.hidden:
            notes.append(f"隐藏的工作表“{sheet.name}”没有读取")
            continue
        try:
            raw = _raw_sheet(sheet, mapping)
        except FileRefused as refusal:
            if refusal.reason_code != MAYBE_MISSING:
                raise
            doubts.append(refusal)
            notes.append(refusal.message)
            raw = None
        if raw is None:
            ignored.append(sheet.name)
            continue
        if raw.kind in sheets:
            raise FileRefused(
                f"“{sheets[raw.kind].name}”与“{raw.name}”都像{SHEET_TITLES[raw.kind]}表，请合并成一张再导入",
                "two_sheets",
            )
        sheets[raw.kind] = raw
        notes += _mapping_notes(raw)
    if not sheets and doubts:
        raise doubts[0]
    form = parsed[0].format if parsed else ""
    if form == "xls":
        notes.append(_XLS_NOTE)
    day = returned_data_date(sheets.values())
    if day is not None:
        notes.append(f"这是退回改正的拒收行：数据日期取自文件，为 {day}；同日已入库的号码不会被覆盖")
    return RawWorkbook(sheets, tuple(ignored), tuple(notes), form, day)


def _raw_sheet(sheet: ParsedSheet, mapping: HeaderMapping) -> RawSheet | None:
    """Find the header, name the columns, cut the title rows."""
    sheet = replace(sheet, frame=without_marks(sheet.frame))
    window, groups = header_window(sheet)
    header = find_header(window, sheet.name, groups, mapping) if window else None
    if header is None:
        return None
    first = 0 if sheet.header is not None else header.at + 1
    header_row = 0 if sheet.header is not None else int(sheet.frame[ROW][header.at])
    names = _frame_names(header)
    frame = _cut(sheet, first, names)
    headers = {n: header.headers[i] or "" for i, n in enumerate(names) if n in frame.columns and n != EXTRA}
    columns = {n: c for n, c in zip(names, header.canonical, strict=True) if c is not None}
    if sheet.date1904:
        frame = _from_1904(frame, header.kind, columns)
    return RawSheet(header.kind, sheet.name, frame, headers, columns, header_row)


def header_window(
    sheet: ParsedSheet,
) -> tuple[Sequence[Sequence[str | None]], Sequence[Sequence[str | None]] | None]:
    """The rows among which the header is looked for, and what heads each column in them where cells are merged."""
    if sheet.header is not None:
        return [sheet.header], None
    places = [c for c in sheet.frame.columns if c.startswith("c")]
    window = sheet.frame.select(places).head(WINDOW_ROWS).rows()
    return (window, _groups(sheet, window)) if places else ([], None)


def _groups(sheet: ParsedSheet, window: list[tuple[str | None, ...]]) -> list[list[str | None]] | None:
    """For each row, its texts with cells merged sideways filled; None where the format has no merged cells."""
    if sheet.merged is None:
        return None
    groups = [list(row) for row in window]
    place = {number: i for i, number in enumerate(sheet.frame[ROW].head(WINDOW_ROWS))}
    for number, first, last in sheet.merged:
        if number in place and last < len(groups[place[number]]):
            row = groups[place[number]]
            row[first : last + 1] = [row[first]] * (last + 1 - first)
    return groups


def _from_1904(frame: pl.DataFrame, kind: str, mapping: dict[str, str]) -> pl.DataFrame:
    """Serial numbers of days as the 1900 system counts them, so that they mean one day wherever they go."""
    days = [c for c, canonical in mapping.items() if SHEETS[kind][canonical] == pl.Date]
    serial = {c: pl.col(c).str.extract(r"^(\d{4,5})(?:\.\d+)?$", 1).cast(pl.Int64) for c in days}
    return frame.with_columns(
        pl.coalesce((number + _DAYS_1900_TO_1904).cast(pl.String), pl.col(c)).alias(c)
        for c, number in serial.items()
    )


def _cut(sheet: ParsedSheet, first: int, names: list[str]) -> pl.DataFrame:
    """Rows from `first` on under their frame names; what stands where a cell has no place goes to EXTRA."""
    frame = sheet.frame.slice(first)
    text = {n: pl.col(f"c{i}") for i, n in enumerate(names)}
    if sheet.format == "csv":
        text = {n: unguarded(t) for n, t in text.items()}
    stray = [text.pop(EXTRA)] if EXTRA in text else []
    if sheet.format == "csv":
        while text and _BLANK_HEADER.fullmatch(list(text)[-1]):
            stray.append(text.popitem()[1])
        stray.append(pl.col("extra"))
    kept = frame.select(pl.col(ROW), *(t.alias(n) for n, t in text.items()))
    if not stray:
        return kept
    extra = pl.concat_str(reversed(stray), separator=" ", ignore_nulls=True).str.strip_chars()
    cells = frame.select(pl.when(extra != "").then(extra).alias(EXTRA)).to_series()
    return kept if cells.null_count() == cells.len() else kept.with_columns(cells)


def _frame_names(header: Header) -> list[str]:
    """A unique frame column name for each position: the header as written, numbered where it repeats."""
    names: list[str] = []
    for position, text in enumerate(header.headers):
        base = text or f"列{position + 1}"
        name, again = base, 2
        while name in names or name in (ROW, EXTRA):
            name, again = f"{base}_{again}", again + 1
        names.append(EXTRA if base == EXTRA_HEADER and EXTRA not in names else name)
    return names


def _mapping_notes(raw: RawSheet) -> list[str]:
    """What the clerk should know about the columns: the ones that are not used."""
    ours = RETURNED_HEADERS if is_returned(raw) else frozenset[str]()
    unused = [h for c, h in raw.headers.items() if c not in raw.mapping and h and h not in ours]
    return [f"工作表“{raw.name}”中没有用到的列：{'、'.join(unused)}"] if unused else []
