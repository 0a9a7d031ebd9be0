"""What a clerk says about headers and sheets that the synonyms do not know.

In: a form, lines of the command line (原列名=标准列), a TOML file. Out: `HeaderMapping`. Never: a target that is no
column of ours, a header that means two columns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.files.headers import SHEET_NAMES
from tuogu.files.plain_header import plain_header
from tuogu.files.refusal import FileRefused

IGNORED = ""  # as a kind: this sheet is not read; as a column: this header is not ours
_IGNORED_WORDS = {"", "不用", "不读", "-"}


@dataclass(frozen=True)
class HeaderMapping:
    """`kinds`: sheet name → kind, or IGNORED; `columns`: kind → plain header → canonical column, or IGNORED."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.kinds) or any(self.columns.values())

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a row of the database."""
        return {"kinds": dict(self.kinds), "columns": {k: dict(v) for k, v in self.columns.items()}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> HeaderMapping:
        """The inverse of `as_json`; an empty mapping for {}."""
        return cls(value.get("kinds", {}), value.get("columns", {}))

    def with_columns(self, kind: str, columns: Mapping[str, str]) -> HeaderMapping:
        """The same with more headers (as written) of one kind; raises FileRefused for a column that is named twice."""
        merged = {k: dict(v) for k, v in self.columns.items()}
        known = merged.setdefault(kind, {})
        for header, column in columns.items():
            plain = plain_header(header)
            if column != IGNORED and any(c == column and h != plain for h, c in known.items()):
                title = TITLES[kind][column]
                raise FileRefused(
                    f"有两列都对应到“{SHEET_TITLES[kind]}”的“{title}”，请只留一列", "mapped_twice"
                )
            known[plain] = column
        return HeaderMapping(self.kinds, merged)


def parse_mapping(lines: Iterable[str]) -> HeaderMapping:
    """Lines 原列名=标准列 or 表.原列名=标准列; without a sheet the line holds for every sheet that has such a column.

    The target is a title of the template (保单号码) or a column name (policy_number); empty = do not use this header.
    """
    mapping = HeaderMapping()
    for line in lines:
        left, equals, target = line.partition("=")
        if not equals or not left.strip():
            raise FileRefused(f"“{line}”应写成 原列名=标准列，例如 保险单编码=保单号码", "bad_mapping")
        sheet, dot, header = left.strip().partition(".")
        kind = kind_of_title(sheet) if dot else None
        mapping = _add(mapping, kind, (header if kind else left).strip(), target.strip())
    return mapping


def read_mapping(path: Path) -> HeaderMapping:
    """A TOML file with a table for each sheet, quoted where it is Chinese: ["保单"] "保险单编码" = "保单号码"."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise FileRefused(f"{path.name} 不是有效的 TOML：{broken}", "bad_mapping") from broken
    mapping = HeaderMapping()
    for sheet, table in document.items():
        kind = kind_of_title(sheet)
        if kind is None or not isinstance(table, dict):
            raise FileRefused(
                f"{path.name}：没有叫“{sheet}”的表；可写 {'、'.join(SHEET_TITLES.values())}", "bad_mapping"
            )
        for header, target in table.items():
            mapping = _add(mapping, kind, header, str(target))
    return mapping


def kind_of_title(title: str) -> str | None:
    """The kind that 保单, 保单信息 or policies names."""
    return next((kind for kind, names in SHEET_NAMES.items() if title.strip() in (kind, *names)), None)


def _add(mapping: HeaderMapping, kind: str | None, header: str, target: str) -> HeaderMapping:
    kinds = [kind] if kind else list(TITLES)
    if target in _IGNORED_WORDS:
        found = dict.fromkeys(kinds, IGNORED)
    else:
        found = {k: c for k in kinds for c, title in TITLES[k].items() if target in (c, title)}
    if not found:
        where = f"“{SHEET_TITLES[kind]}”表" if kind else "模板"
        raise FileRefused(f"{where}里没有叫“{target}”的列；请对照模板的表头", "bad_mapping")
    for each, column in found.items():
        mapping = mapping.with_columns(each, {header: column})
    return mapping
