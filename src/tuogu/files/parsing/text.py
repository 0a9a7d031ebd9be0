"""Separated text (csv) becomes rows of text.

In: a path; UTF-8 with or without BOM, GB18030, UTF-16; separated by comma, semicolon, tab or bar.
Out: an Arrow file and facts. Never: a replaced character; a line number lost.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tuogu.files.parsing.sink import Row, write_rows
from tuogu.files.refusal import FileRefused, Limits

_BOMS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE_BYTES = 1 << 20
_SAMPLE_CHARS = 1 << 16
_HEADER_WINDOW = 40  # rows among which the reader looks for the header
_SEPARATORS = ",\t;|"
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
_CONTROL_SHARE_MAX = 0.001
_ENCODING = "文字编码不是 UTF-8、GB18030 或 UTF-16，请用 Excel 另存为“CSV UTF-8”"


def parse_text(path: Path, out: Path, stem: str, limits: Limits) -> list[dict[str, Any]]:
    """Write one Arrow file; returns its fact dict."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(_SAMPLE_CHARS)
    declared = re.match(r"sep=(.)\r?\n", sample)
    separator = declared.group(1) if declared else _separator(sample)
    csv.field_size_limit(limits.cell_chars_max)
    width = _width(sample, separator)
    if width > limits.columns_max:
        raise FileRefused(f"有 {width:,} 列，超过上限 {limits.columns_max} 列", "too_many_columns")
    target = out / f"{stem}-0.arrow"
    rows = write_rows(target, width, _records(path, encoding, separator, bool(declared), limits))
    fact = {"name": path.stem, "format": "csv", "date1904": False, "hidden": False, "encoding": encoding}
    return [fact | {"path": target.name, "rows": rows, "columns": width}]


def _records(
    path: Path, encoding: str, separator: str, declared: bool, limits: Limits
) -> Iterator[tuple[int, Row]]:
    """(row number as Excel shows it, cells). A row loop: quoting makes lines depend on each other."""
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        if declared:
            file.readline()
        reader = csv.reader(file, delimiter=separator)
        try:
            for number, cells in enumerate(reader, 1):
                if number > limits.text_rows_max:
                    raise FileRefused(f"超过上限 {limits.text_rows_max:,} 行，请拆分", "too_many_rows")
                yield number, [cell or None for cell in cells]
        except csv.Error:
            raise FileRefused(
                f"第 {number + 1} 行起有引号没有配对，或单元格超过 {limits.cell_chars_max:,} 字",
                "cell_too_long",
            ) from None


def _encoding(path: Path) -> str:
    """The first encoding in which the whole file is valid."""
    with path.open("rb") as file:
        head = file.read(4096)
    for bom, name in _BOMS:
        if head.startswith(bom):
            if name is None or not _decodes(path, name):
                raise FileRefused(_ENCODING, "bad_encoding")
            return name
    if b"\x00" in head:
        return _utf16_without_bom(path, head)
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name
    raise FileRefused(_ENCODING, "bad_encoding")


def _utf16_without_bom(path: Path, head: bytes) -> str:
    """Text whose every second byte is mostly zero; anything else with zero bytes is not text."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 10 < max(even, odd) and max(even, odd) * 10 > len(head) and _decodes(path, name):
        return name
    raise FileRefused("文件里有空字节（NUL），不是文本表格", "nul_bytes")


def _decodes(path: Path, encoding: str) -> bool:
    """True when every byte is valid in `encoding`; refuses NUL and binary content."""
    decoder = codecs.getincrementaldecoder(encoding)()
    controls = characters = 0
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE_BYTES):
                text = decoder.decode(piece)
                if "\x00" in text:
                    raise FileRefused("文件里有空字节（NUL），不是文本表格", "nul_bytes")
                controls += len(_CONTROL.findall(text))
                characters += len(text)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    if controls > _CONTROL_SHARE_MAX * characters + 2:
        raise FileRefused("文件不是文本表格（含大量控制字符）", "binary")
    return True


def _separator(sample: str) -> str:
    """The separator that cuts the sample's widest rows into most cells."""
    return max(_SEPARATORS, key=lambda s: (_width(sample, s), -_SEPARATORS.index(s)))


def _width(sample: str, separator: str) -> int:
    """Cells of the widest of the first rows."""
    rows = csv.reader(sample.splitlines(keepends=True), delimiter=separator)
    widest = 1
    try:
        for number, cells in enumerate(rows):
            if number >= _HEADER_WINDOW:
                break
            widest = max(widest, len(cells))
    except csv.Error:
        return widest
    return widest
