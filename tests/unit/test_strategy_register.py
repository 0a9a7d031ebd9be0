"""The workbook of a plan without territories: totals, names with their codes, no figure of a search that was not made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
from python_calamine import CalamineWorkbook

from territory_books import AS_OF, book_of, standard_rules
from tuogu.core.plan import make_plan
from tuogu.core.tables import CANDIDATES, Plan, conform
from tuogu.files.strategy_register import write_strategy_register

NAMES = {
    "M01": "张三", "M02": "李四", "department:86330291": "象山二部", "buffer": "保全组", "pool:county": "县区回收池",
    "86330291": "象山二部",
}  # fmt: skip


def written(plan: Plan, folder: Path) -> dict[str, list[list[object]]]:
    """Sheet name → rows as people see them."""
    path = write_strategy_register(plan, folder / "r.xlsx", names=NAMES, data_date="2025-12-01")
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def mapped() -> Plan:
    book = book_of([(0.0, 0.0), (1_000.0, 0.0)], [0, 1], [(0, 1, 1), (0, 2, 1), (1, 3, 1)])
    text = "330201001001=M01\n330201001002=M02"
    return make_plan(book, standard_rules(), AS_OF, 1, 0, strategy="map", options={"map": text})


def test_summed_columns_have_a_totals_row_below_the_filter(tmp_path: Path) -> None:
    plan = mapped()
    rows = written(plan, tmp_path)["对应关系"]
    heads = rows[2]
    placed = heads.index("安置件数")
    assert len(rows) == 3 + plan.tables["map_lines"].height + 1
    assert rows[-1][placed] == 3
    assert "预分名单" in written(plan, tmp_path)
    assert len(written(plan, tmp_path)["预分名单"]) == 3 + 3  # a list of names sums nothing


def test_receivers_carry_their_code_without_the_prefix_and_pools_none(tmp_path: Path) -> None:
    plan = mapped()
    receivers = ["M01", "department:86330291", "pool:county"]
    plan = replace(
        plan,
        placements=plan.placements.sort("number").with_columns(receiver=pl.Series(receivers)),
        unplaced=plan.unplaced.clear().vstack(
            pl.DataFrame([("P9", "hard", "x", "buffer")], schema=plan.unplaced.schema, orient="row")
        ),
    )
    sheets = written(plan, tmp_path)
    assert {row[0] for row in sheets["预分名单"][3:]} == {"张三（M01）", "象山二部（86330291）", "县区回收池"}
    assert sheets["未分配"][3][3] == "保全组"


def test_effort_is_not_named_and_candidates_stay_short(tmp_path: Path) -> None:
    plan = mapped()
    rows = [
        ("P00001", None, rank, f"M{rank:02d}", 0, "chosen" if rank == 5 else "dearer", "x")
        for rank in range(1, 7)
    ]
    names = ("policy_number", "unit_code", "rank", "staff_number", "cost_m", "verdict", "detail")
    frame = pl.DataFrame(rows, schema={n: CANDIDATES[n] for n in names}, orient="row")
    sheets = written(replace(plan, candidates=conform(frame, CANDIDATES)), tmp_path)
    assert [row[1] for row in sheets["人选与理由"][3:]] == [1, 2, 5]
    assert "全部 6 行见方案页" in str(sheets["人选与理由"][1][0])
    assert not [cell for rows_ in sheets.values() for row in rows_ for cell in row if "求解力度" in str(cell)]
