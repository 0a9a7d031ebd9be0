"""A list of pairs from a text file or CSV: 'code=staff number' lines, or two columns.

In: a path. Out: lines 'a=b'. Never: a file of any size; a character guessed where the encoding is neither UTF-8 nor
GB18030.
"""

from __future__ import annotations

import re
from pathlib import Path

from tuogu.files.refusal import FileRefused

BYTES_MAX = 5_000_000  # some hundred thousand pairs; a longer list is not written by hand
_TITLE = "工号"  # a first row that holds it is a heading


def read_pair_lines(path: Path) -> str:
    """The pairs, one a line; FileRefused when the file is too large or no text."""
    if path.stat().st_size > BYTES_MAX:
        raise FileRefused(f"{path.name} 超过 {BYTES_MAX // 1_000_000} MB，不像是一份清单", "too_large")
    lines = [line.strip() for line in _text(path).splitlines() if line.strip()]
    pairs = [line if "=" in line else "=".join(_cells(line)) for line in lines]
    return "\n".join(pairs[1:] if pairs and _TITLE in pairs[0] else pairs)


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in re.split("[,\t，]", line, maxsplit=1)]


def _text(path: Path) -> str:
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused(f"{path.name} 不是文本文件（UTF-8 或 GB18030）", "encoding")
