"""The booklet of address codes as a workbook: by street, ready to print on A4 (S0-10, 附件3 地址编码簿).

In: the regions of a code book, the display codes given, counts. Out: its lines, a workbook. Never: a code as a number, a
community without its street.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import polars as pl

from tuogu.files.register_sheets import HEADER_ROW, open_sheet
from tuogu.files.register_stationery import Column, Stationery
from tuogu.files.safe_excel import SafeSheet, open_workbook, write_text

_COLUMNS = (
    Column("区（县）", "district"), Column("街道（乡镇）", "street"), Column("社区（村）", "community"),
    Column("官方代码", "code"), Column("识别码", "display"), Column("客户", "customers", "int"),
    Column("保单", "policies", "int"),
)  # fmt: skip
_WIDE = (14.0, 18.0, 30.0, 15.0, 11.0, 9.0, 9.0)


@dataclass(frozen=True)
class BookletLine:
    """One community of the booklet."""

    district: str
    street: str
    community: str
    code: str
    display: str  # '' = nobody was coded there yet
    customers: int
    policies: int


def booklet_lines(
    regions: pl.DataFrame,
    display: Mapping[str, str],
    *,
    district: str = "",
    customers: Mapping[str, int] | None = None,
    policies: Mapping[str, int] | None = None,
) -> list[BookletLine]:
    """Communities of a district ('' = of all), by street and code, each under the street it belongs to."""
    upper = regions.select("code", "name", "parent_code")
    found = (
        regions.filter(pl.col("level") == "community")
        .select("code", community="name", street_code="parent_code")
        .join(
            upper.rename({"name": "street", "parent_code": "district_code"}),
            left_on="street_code",
            right_on="code",
        )
        .join(upper.select("code", district="name"), left_on="district_code", right_on="code")
    )
    if district:
        found = found.filter(pl.col("district_code") == district)
    ordered = found.sort("district_code", "street_code", "code")
    return [
        BookletLine(
            row["district"], row["street"], row["community"], row["code"], display.get(row["code"], ""),
            (customers or {}).get(row["code"], 0), (policies or {}).get(row["code"], 0),
        )
        for row in ordered.iter_rows(named=True)
    ]  # fmt: skip


def write_booklet(lines: Sequence[BookletLine], *, title: str, version: str, created: datetime) -> BytesIO:
    """One sheet: heading on every page, streets apart with their counts, page x of y in the foot."""
    buffer = BytesIO()
    with open_workbook(buffer, created=created.replace(tzinfo=None)) as workbook:
        stationery = Stationery(workbook)
        streets = len({(line.district, line.street) for line in lines})
        about = (
            f"编码簿 {version}　街道（乡镇）{streets} 个，社区（村）{len(lines)} 个　制表 {created:%Y-%m-%d}"
        )
        sheet = open_sheet(stationery, "地址编码簿", title, about, _COLUMNS, _WIDE)
        row = HEADER_ROW + 1
        for street in _by_street(lines):
            row = _write_street(sheet, stationery, row, street)
    buffer.seek(0)
    return buffer


def _by_street(lines: Iterable[BookletLine]) -> list[list[BookletLine]]:
    found: dict[tuple[str, str], list[BookletLine]] = {}
    for line in lines:
        found.setdefault((line.district, line.street), []).append(line)
    return list(found.values())


def _write_street(sheet: SafeSheet, stationery: Stationery, row: int, lines: list[BookletLine]) -> int:
    """A head with the street's sums, then its communities; returns the next free row."""
    first = lines[0]
    head = f"{first.district} {first.street}　{len(lines)} 个"
    write_text(sheet, row, 0, head, stationery.cell(fill="group"))
    for place in range(1, 5):
        write_text(sheet, row, place, None, stationery.cell(fill="group"))
    sums = (sum(line.customers for line in lines), sum(line.policies for line in lines))
    for place, value in enumerate(sums, start=5):
        sheet.write_number(row, place, value, stationery.cell("int", "group"))
    for line in lines:
        row += 1
        for place, column in enumerate(_COLUMNS):
            value = getattr(line, column.name)
            if column.kind == "int":
                sheet.write_number(row, place, value, stationery.cell("int"))
            else:
                write_text(sheet, row, place, value, stationery.cell())
    return row + 1
