"""A workbook as a clerk would upload it: new orphans of this month, one header that no synonym knows, three bad rows.

In: the truth of a synthetic branch. Out: an .xlsx and what must become of it. Never: a row that exists already.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl

NEW, BAD = 40, 3
STRANGE_HEADER = "主合同流水"  # means the policy number; no synonym says so
POLICY_HEADERS = (
    "险种名称", "缴费方式", "缴费频次", "保费(元)", "缴费年期", "生效日期", "保单状态", "投保人客户号",
    "被保险人客户号", "业务员工号", "管理机构", "孤儿单来源",
)  # fmt: skip
CUSTOMER_HEADERS = ("客户号", "姓名", "性别", "出生日期", "证件号码", "联系电话", "联系地址")


@dataclass(frozen=True)
class MonthlyFile:
    """The file and its figures."""

    path: Path
    policies: tuple[str, ...]  # numbers of the good rows
    customers: int

    @property
    def accepted(self) -> int:
        return len(self.policies) + self.customers


def write(truth: Path, path: Path, header: str = STRANGE_HEADER) -> MonthlyFile:
    """Copy orphans of the branch under new numbers, with their customers. `header`: what stands over the policy number."""
    policies = pl.read_parquet(truth / "policies.parquet")
    orphans = (
        policies.filter(
            pl.col("source") == "leaver",
            kind="main",
            state="in_force",
            premium_mode="regular",
            payments_per_year=1,
        )
        .filter(pl.col("holder_number") == pl.col("insured_number"))
        .sort("policy_number")
        .head(NEW)
    )
    customers = pl.read_parquet(truth / "customers.parquet").filter(
        pl.col("customer_number").is_in(orphans["holder_number"].unique().sort().to_list()),
        pl.col("id_type") == "resident_id",
    )
    orphans = orphans.filter(pl.col("holder_number").is_in(customers["customer_number"].to_list()))
    numbers = tuple(f"9902{i:011d}" for i in range(1, orphans.height + 1))
    rows = [_row(number, row) for number, row in zip(numbers, orphans.iter_rows(named=True), strict=True)]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "保单"
    for row in ((header, *POLICY_HEADERS), *rows, *_bad(rows[0])):
        sheet.append(row)
    sheet = book.create_sheet("客户")
    sheet.append(CUSTOMER_HEADERS)
    for row in customers.iter_rows(named=True):
        sex = {"F": "女", "M": "男"}[row["sex"]]
        sheet.append(
            (
                row["customer_number"],
                row["name"],
                sex,
                str(row["birth_date"]),
                row["id_number"],
                row["phone"],
                row["address"],
            )
        )
    book.save(path)
    return MonthlyFile(path, numbers, customers.height)


def _row(number: str, row: dict[str, object]) -> tuple[object, ...]:
    yuan = f"{int(str(row['premium_fen'])) / 100:.2f}"
    return (
        number, row["product_name"], "期交", "年交", yuan, str(row["payment_term_years"]), str(row["inception_date"]),
        "有效", row["holder_number"], row["insured_number"], row["agent_number"], row["institution_code"], "离司",
    )  # fmt: skip


def _bad(good: tuple[object, ...]) -> list[tuple[object, ...]]:
    """A number that Excel rounded, a premium that is none, a day that is none."""
    rounded = ("3.30E+14", *good[1:])
    no_premium = (f"9902{97:011d}", *good[1:4], "面议", *good[5:])
    no_day = (f"9902{98:011d}", *good[1:6], "不详", *good[7:])
    return [rounded, no_premium, no_day]
