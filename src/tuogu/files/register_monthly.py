"""每月应收清单: twelve columns a manager, sums that equal the census, cells outside the band marked.

In: the rows of `register_tables.monthly`, the census. Out: one sheet. Never: a band that the rulebook does
not name, a sum that hides what no manager holds (it stands in a row of the buffer group).
"""

from __future__ import annotations

import polars as pl

from tuogu.core.census import census
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.files.certificate_words import band_text
from tuogu.files.register_sheets import HEADER_ROW, open_sheet, write_row
from tuogu.files.register_stationery import Column, Stationery, widths
from tuogu.files.register_tables import BUFFER_NAME, RegisterSource
from tuogu.files.safe_excel import SafeSheet

COLUMNS = (
    Column("组", "team", "label", wide=24),
    Column("工号", "staff_number", centred=True),
    Column("客户经理", "manager", centred=True),
    *(Column(f"{number}月", name, "int", centred=True) for number, name in enumerate(MONTH_COLUMNS, start=1)),
    Column("全年件数", "year", "int"),
    Column("持有保单", "held", "int"),
    Column("最少月", "least", "int"),
    Column("最多月", "most", "int"),
)
_FIRST_MONTH = [column.name for column in COLUMNS].index(MONTH_COLUMNS[0])


def write_monthly(
    stationery: Stationery, source: RegisterSource, loads: pl.DataFrame, *, whole: bool
) -> None:
    """Write the list of `loads`; with `whole` it ends with the buffer group's row and the census."""
    rulebook = source.rulebook
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    title = f"客户经理每月应收清单（{source.plan.as_of} 起一年）"
    subtitle = (
        f"每人每月应收 {band_text(rulebook)} 件；蓝底为低于 {low} 件，橙底为高于 {high} 件　"
        f"客户经理月均 {_mean(loads)} 件"
    )
    sheet = open_sheet(stationery, "每月应收清单", title, subtitle, COLUMNS, widths(loads, COLUMNS))
    sheet.freeze_panes(HEADER_ROW + 1, _FIRST_MONTH)
    row = HEADER_ROW + 1
    for team in loads.partition_by("team_code", maintain_order=True):
        for values in team.select(column.name for column in COLUMNS).iter_rows():
            write_row(sheet, stationery, row, COLUMNS, values)
            _mark(sheet, stationery, row, values, low, high)
            row += 1
        row = _sum_row(sheet, stationery, row, f"{team['team'][0]}小计", team, "sub")
    sheet.autofilter(HEADER_ROW, 0, max(row - 1, HEADER_ROW + 1), len(COLUMNS) - 1)
    row = _sum_row(sheet, stationery, row, "客户经理合计", loads, "total")
    if whole:
        _reconcile(sheet, stationery, source, loads, row)


def _mean(loads: pl.DataFrame) -> str:
    if loads.is_empty():
        return "—"
    return f"{loads['year'].sum() / loads.height / len(MONTH_COLUMNS):.1f}"


def _mark(
    sheet: SafeSheet, stationery: Stationery, row: int, values: tuple[object, ...], low: int, high: int
) -> None:
    """Write the months outside the band again, on a coloured ground."""
    for index, name in enumerate(MONTH_COLUMNS, start=_FIRST_MONTH):
        due = values[index]
        if not isinstance(due, int):
            raise TypeError(f"{name} is not a count: {due!r}")
        if not low <= due <= high:
            fill = "low" if due < low else "high"
            sheet.write_number(row, index, due, stationery.cell("int", fill, centred=True))


def _sum_row(
    sheet: SafeSheet, stationery: Stationery, row: int, label: str, loads: pl.DataFrame, fill: str
) -> int:
    """A row of sums under `label`; returns the next row."""
    sums = loads.select(pl.col(*MONTH_COLUMNS, "year", "held").sum()).row(0, named=True)
    _labelled(sheet, stationery, row, label, sums, fill)
    return row + 1


def _labelled(
    sheet: SafeSheet, stationery: Stationery, row: int, label: str, known: dict[str, int], fill: str
) -> None:
    values = [known.get(column.name) for column in COLUMNS[_FIRST_MONTH:]]
    sheet.merge_range(row, 0, row, _FIRST_MONTH - 1, label, stationery.cell(fill=fill, centred=True))
    write_row(sheet, stationery, row, COLUMNS[_FIRST_MONTH:], values, fill, start=_FIRST_MONTH)


def _reconcile(
    sheet: SafeSheet, stationery: Stationery, source: RegisterSource, loads: pl.DataFrame, row: int
) -> None:
    """The buffer group's instalments = census − managers; the last row is the census (S0-01) itself."""
    stock = census(source.book, source.rulebook, source.plan.as_of)
    managers = loads.select(pl.col(MONTH_COLUMNS).sum()).row(0)
    rest = {
        name: whole - held for name, whole, held in zip(MONTH_COLUMNS, stock.months, managers, strict=True)
    }
    policies = stock.regions.filter(level="total")["main_count"].item()
    held = int(loads["held"].sum())
    buffer = rest | {"year": sum(rest.values()), "held": policies - held}
    whole = dict(zip(MONTH_COLUMNS, stock.months, strict=True)) | {
        "year": sum(stock.months),
        "held": policies,
    }
    _labelled(sheet, stationery, row, f"{BUFFER_NAME}（未分配）", buffer, "sub")
    _labelled(sheet, stationery, row + 1, "合计 = 存量统计", whole, "total")
