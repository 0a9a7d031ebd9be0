"""The five principles of a territory plan as five numbers between 0 and 1 (S0-27), comparable between versions.

In: assignments and unplaced rows of a plan, the book, the rulebook. Out: one row a principle with numerator and denominator
written out. Never: a number without its fraction, a principle left out because it is bad.

    completeness     客户资料的完整性  weight of the filled fields of the customers spoken of / weight of all fields
    standardisation  填写标准化        customers whose address is coded down to the community / customers spoken of
    uniform division 划分的统一性      policies in communities that one manager serves alone / assigned policies
    flexibility      调配的灵活性      policies that some touching manager could take with both in the month band / assigned
    balance          分配的均衡性      policies that would stay if all books were made equal / assigned policies
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import polars as pl

from tuogu.core.neighbourhood import near_communities, reach
from tuogu.core.rulebook import Rulebook
from tuogu.core.sheets import Column, Sheet
from tuogu.core.tables import MONTH_COLUMNS, Book, conform

PRINCIPLES: Final = Sheet(
    "principles",
    "五项原则",
    (
        Column("principle", "原则", "text"),
        Column("score", "得分", "decimal"),
        Column("numerator", "分子", "exact"),
        Column("denominator", "分母", "exact"),
        Column("meaning", "口径", "text"),
    ),
    note="每项原则一个 0 到 1 的数，各版方案口径相同，可以直接比较",
    chart="bars:principle:score",
)
NAMES: Final = {
    "completeness": ("完整性", "客户资料已填项的份量 ÷ 应填项的份量"),
    "standardisation": ("标准化", "地址已编码到社区的客户 ÷ 所涉客户"),
    "uniform_division": ("统一性", "由一名客户经理独自服务的社区的保单 ÷ 已分配保单"),
    "flexibility": ("灵活性", "交给某位相邻客户经理后双方各月仍在上下限内的保单 ÷ 已分配保单"),
    "balance": ("均衡性", "各人持有件数拉平时不必换人的保单 ÷ 已分配保单"),
}
_Share = tuple[Fraction, int]


def principles(
    assigned: pl.DataFrame, unplaced: pl.DataFrame, staff: pl.Series, book: Book, rulebook: Rulebook
) -> pl.DataFrame:
    """The rows of PRINCIPLES. `staff`: the managers who share the work, those without a policy too."""
    spoken = pl.concat([assigned["policy_number"], unplaced["policy_number"]])
    shares = {
        **_of_customers(_customers(spoken, book, rulebook), book, rulebook),
        "uniform_division": _undivided(assigned),
        "flexibility": _flexible(assigned, staff, book, rulebook),
        "balance": _even(assigned, staff),
    }
    rows = [
        (name, _score(*shares[key]), str(shares[key][0]), str(shares[key][1]), meaning)
        for key, (name, meaning) in NAMES.items()
    ]
    schema = PRINCIPLES.schema
    return conform(pl.DataFrame(rows, schema=schema, orient="row"), schema)


def figures(table: pl.DataFrame) -> tuple[tuple[str, float], ...]:
    """The five numbers as named figures of a certificate."""
    return tuple((f"principle_{key}", score) for key, score in zip(NAMES, table["score"], strict=True))


def _score(part: Fraction, whole: int) -> float:
    return round(float(part / whole), 6) if whole else 0.0


def _customers(spoken: pl.Series, book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """customer_number of everybody whose address the plan reads."""
    basis = f"{rulebook['territory.address_basis']}_number"
    policies = book.books.policies.filter(pl.col("policy_number").is_in(spoken.implode()))
    return policies.select(customer_number=basis).drop_nulls().unique()


def _of_customers(customers: pl.DataFrame, book: Book, rulebook: Rulebook) -> dict[str, _Share]:
    weights = rulebook["completeness.weights"]
    known = customers.join(book.books.customers, on="customer_number", how="left")
    filled = sum(int(known[field].is_not_null().sum()) * weight for field, weight in weights.items())
    coded = book.located.filter(pl.col("community_code").is_not_null()).select(customer_number="key")
    standard = customers.join(coded, on="customer_number", how="semi").height
    return {
        "completeness": (Fraction(filled), len(customers) * sum(weights.values())),
        "standardisation": (Fraction(standard), len(customers)),
    }


def _undivided(assigned: pl.DataFrame) -> _Share:
    alone = assigned.filter(pl.col("staff_number").n_unique().over("community_code") == 1)
    return Fraction(len(alone)), len(assigned)


def _even(assigned: pl.DataFrame, staff: pl.Series) -> _Share:
    """n less half of what the books differ from the mean, exactly."""
    count = len(staff)
    if not count:
        return Fraction(0), len(assigned)
    held = assigned.group_by("staff_number").len()["len"].to_list()
    held += [0] * (count - len(held))
    apart = sum(abs(count * own - len(assigned)) for own in held)  # a few thousand managers
    return Fraction(len(assigned)) - Fraction(apart, 2 * count), len(assigned)


def _flexible(assigned: pl.DataFrame, staff: pl.Series, book: Book, rulebook: Rulebook) -> _Share:
    """Policies that may change hands alone: the taker touches the community, no month leaves the band for either."""
    if assigned.is_empty():
        return Fraction(0), 0
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    columns = staff.sort().to_frame("staff_number").with_row_index("column")
    months = [pl.col(month).sum() for month in MONTH_COLUMNS]
    sums = columns.join(assigned.group_by("staff_number").agg(months), on="staff_number", how="left").sort(
        "column"
    )
    due = sums.select(pl.col(MONTH_COLUMNS).fill_null(0)).to_numpy().astype(np.int64)
    ground = assigned.select("community_code", receiver="staff_number").unique()
    near = reach(ground, near_communities(book, rulebook, assigned["community_code"].unique().sort()))
    keys = ["community_code", "staff_number", *MONTH_COLUMNS]
    groups = assigned.group_by(keys).agg(policies=pl.len()).sort(keys).with_row_index("group")
    ways = groups.join(near.select("community_code", taker="receiver"), on="community_code")
    ways = ways.filter(pl.col("taker") != pl.col("staff_number")).join(columns, on="staff_number")
    ways = ways.join(columns.select(taker="staff_number", to="column"), on="taker").sort("group", "to")
    falls = ways.select(MONTH_COLUMNS).to_numpy() > 0
    gives = (due[ways["column"].to_numpy()] - 1 >= low) | ~falls
    takes = (due[ways["to"].to_numpy()] + 1 <= high) | ~falls
    fine = ways.filter(pl.Series((gives & takes).all(axis=1), dtype=pl.Boolean)).unique("group")
    return Fraction(int(fine["policies"].sum())), len(assigned)
