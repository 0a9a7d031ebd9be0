"""Whatever stands in the cells: nothing raises, no row is lost, order does not matter, money is exact."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake_sheets import CUSTOMER, DATA_DATE, POLICY, reasons, sheet, shuffled, workbook
from tuogu.core.intake import standardise
from tuogu.core.reasons import REASONS
from tuogu.core.standardise_money import money
from tuogu.files.safe_csv import guarded, unguarded

_JUNK = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.text(alphabet="0123456789.-/年月日,万元E+X ='@\u3000０１２", max_size=20),
    st.sampled_from(
        ["合计", "P1", "C1", "保单号码", "#N/A", "主险", "附加险", "趸交", "2011-02-30", "=1+1", "示例"]
    ),
)
_FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


Rows = list[dict[str, str | None]]


def _rows(columns: dict[str, str]) -> st.SearchStrategy[Rows]:
    changed = st.dictionaries(st.sampled_from(sorted(columns)), _JUNK, max_size=len(columns))
    return st.lists(changed, min_size=1, max_size=6)


_ROWS = {
    "policies": _rows(
        POLICY | {"main_policy_number": "", "end_date": "", "lapse_date": "", "agent_number": ""}
    ),
    "customers": _rows(CUSTOMER | {"address": "", "complaint": "", "contact_attempts": ""}),
    "seed": st.integers(0, 1000),
}


@settings(_FEW, max_examples=15)
@given(**_ROWS)
def test_any_cells(policies: Rows, customers: Rows, seed: int) -> None:
    _judge(policies, customers, seed)


@pytest.mark.exhaustive
@settings(_FEW, max_examples=500)
@given(**_ROWS)
def test_any_cells_for_long(policies: Rows, customers: Rows, seed: int) -> None:
    _judge(policies, customers, seed)


def _judge(policies: Rows, customers: Rows, seed: int) -> None:
    raw = workbook(sheet("policies", *policies), sheet("customers", *customers))
    intake = standardise(raw, DATA_DATE)
    counts = intake.counts.with_columns(
        total=pl.sum_horizontal("accepted", "rejected", "skipped_blank", "skipped_total", "skipped_header")
    )
    assert (counts["total"] == counts["read"]).all()
    assert dict(counts.select("kind", "read").rows()) == {
        "policies": len(policies),
        "customers": len(customers),
    }
    for title, kind in (("保单", "policies"), ("客户", "customers")):
        rejected = counts.filter(pl.col("kind") == kind)["rejected"][0]
        assert len({row for row, _ in reasons(intake, title)}) == rejected
    assert set(intake.rejects["reason"]) | set(intake.warnings["reason"]) <= REASONS.keys()
    assert intake.books.policies["policy_number"].is_unique().all()
    assert (
        intake.books.policies["holder_number"]
        .is_in(intake.books.customers["customer_number"].implode())
        .all()
    )
    again = standardise(shuffled(raw, seed), DATA_DATE)
    assert again.rejects.equals(intake.rejects)
    assert again.books.policies.equals(intake.books.policies)


@_FEW
@given(st.integers(0, 10**15), st.sampled_from(["{}.{:02d}", "¥{:,}.{:02d}元", "{}.{:02d}000"]))
def test_money_is_exact(fen: int, form: str) -> None:
    text = form.format(fen // 100, fen % 100)
    frame = pl.DataFrame({"t": [text]}).select(value=money(pl.col("t")).value)
    assert frame["value"][0] == fen


@_FEW
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1))
def test_the_csv_guard_is_reversible_and_leaves_nothing_live(texts: list[str]) -> None:
    frame = pl.DataFrame({"t": texts}).with_columns(g=guarded(pl.col("t")))
    assert frame.select(unguarded(pl.col("g")))["g"].to_list() == texts
    assert not any(text[:1] in "=+-@\t\r\n\x00＝＋－＠" for text in frame["g"].to_list() if text)
