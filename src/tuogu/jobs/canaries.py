"""Invented rows of our own exports are nobody's policies: what comes back with them loses them before it is read (N-13).

In: the cells of a file. Out: the same without rows whose policy number is an invented one, and a line that says so. Never: a
real policy dropped (a number counts only if an export remembers having invented it), an invented one counted or stored.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tuogu.core.intake_tables import RawWorkbook
from tuogu.exports import queries as exports


def without_canaries(raw: RawWorkbook) -> RawWorkbook:
    """The workbook without them; unchanged where there are none."""
    policies = raw.sheets.get("policies")
    if policies is None:
        return raw
    column = next((c for c, canonical in policies.mapping.items() if canonical == "policy_number"), None)
    numbers = policies.frame[column].str.strip_chars() if column else pl.Series(dtype=pl.String)
    found = exports.canaries_among(numbers.drop_nulls().unique().to_list())
    if not found or column is None:
        return raw
    dropped = int(numbers.is_in(list(found)).sum())
    note = (
        f"“{policies.name}”中有 {dropped} 行是本系统导出时加入的虚构行，已剔除，不计入读入行数；"
        "请勿把导出的清单当作原始数据"
    )
    ours = pl.col(column).str.strip_chars().is_in(list(found)).fill_null(value=False)
    sheet = replace(policies, frame=policies.frame.filter(~ours))
    return replace(raw, sheets={**raw.sheets, "policies": sheet}, notes=(*raw.notes, note))
