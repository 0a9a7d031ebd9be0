"""Collection pieces and supervised pieces (P-27): the custodian stays, a specialist of the same branch is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from arrivals_books import held_by, with_columns
from territory_books import AS_OF, book_of, fill, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import INSTITUTIONS, PEOPLE, Book, Plan, conform

RULES = standard_rules()


def house(specialists: int = 3, branch: str = "B") -> Book:
    """Twelve pieces in branch R1: four with marketing agent A1, four with manager M01, four with the buffer group; and the
    service people S1, S2, … of `branch`."""
    book = book_of([(0.0, 0.0)], [0], [(0, 1 + j % 12, 1) for j in range(12)])
    rows = [{"staff_number": "A1", "series": "marketing", "institution_code": "B"}]
    rows += [
        {"staff_number": f"S{i}", "series": "service", "institution_code": branch}
        for i in range(1, specialists + 1)
    ]
    levels = [
        ("H", "head", None),
        ("R1", "branch", "H"),
        ("R2", "branch", "H"),
        ("B", "sub", "R1"),
        ("C", "sub", "R2"),
    ]
    listed = [{"institution_code": c, "level": level, "parent_code": parent} for c, level, parent in levels]
    books = replace(
        book.books,
        people=pl.concat([book.books.people, fill(rows, PEOPLE)]),
        institutions=fill(listed, INSTITUTIONS),
    )
    book = replace(book, books=books)
    return held_by(book, {f"P{j + 1:05d}": ("A1", "M01", "buffer")[j // 4] for j in range(12)})


def supervise(book: Book) -> Plan:
    return make_plan(book, RULES, AS_OF, 1, 0, strategy="supervise")


@pytest.mark.req("P-27")
def test_a_supervised_piece_keeps_its_custodian_and_gains_a_supervisor_and_is_counted_apart() -> None:
    book = house()
    plan = supervise(book)
    assert STRATEGIES["supervise"].relation == "supervision"  # what a release posts: custody is not touched
    assert plan.placements["number"].to_list() == [f"P{j:05d}" for j in range(1, 5)]
    assert plan.tables["supervised"]["server"].unique().to_list() == ["A1"]
    counts = plan.tables["piece_kinds"].row(0, named=True)
    assert (counts["collection"], counts["supervised"], counts["in_pool"]) == (4, 4, 4)
    assert sorted(plan.tables["specialists"]["after"]) == [1, 1, 2]
    left = plan.unplaced.group_by("reason", "custodian").len().sort("reason").rows()
    assert left == [("collection_piece", "M01", 4), ("in_pool", "buffer", 4)]
    assert (plan.certificate.objective, plan.certificate.lower_bound, plan.certificate.violations) == (
        2,
        2,
        0,
    )
    assert plan_digest(plan) == plan_digest(supervise(shuffled(book, 2)))
    for sheet in STRATEGIES["supervise"].sheets:
        conform(plan.tables[sheet.name], sheet.schema)


@pytest.mark.req("P-27")
def test_who_has_fewest_comes_first_and_who_is_supervised_stays_so() -> None:
    book = held_by(house(2), {"P00001": "S1", "P00002": "S1"}, "supervision")
    plan = supervise(book)
    assert plan.placements["receiver"].to_list() == ["S2", "S2"]
    assert plan.tables["specialists"].select("receiver", "before", "newly", "after").rows() == [
        ("S1", 2, 0, 2),
        ("S2", 0, 2, 2),
    ]
    assert plan.unplaced.filter(pl.col("reason") == "supervised_already")["custodian"].to_list() == [
        "A1",
        "A1",
    ]


@pytest.mark.req("P-27")
def test_a_specialist_of_another_branch_does_not_count() -> None:
    book = held_by(house(1, branch="C"), {"P00001": "S1"}, "supervision")
    plan = supervise(book)
    assert plan.placements.is_empty()
    assert plan.unplaced["reason"].value_counts().sort("reason").rows() == [
        ("collection_piece", 4),
        ("in_pool", 4),
        ("no_specialist", 4),
    ]
    assert plan.certificate.violations == 0


@pytest.mark.req("P-27")
def test_a_customer_has_one_specialist_and_an_agent_in_post_is_a_server() -> None:
    book = with_columns(
        house(), "policies", "policy_number", {f"P{j:05d}": {"holder_number": "C9"} for j in range(1, 5)}
    )
    plan = supervise(book)
    assert plan.placements["receiver"].n_unique() == 1
    assert (plan.certificate.objective, plan.certificate.lower_bound) == (
        4,
        2,
    )  # one customer of four pieces stays whole
    # P00009 is no orphan: its agent A1 is in post and serves it, though the ledger has no row.
    served = with_columns(house(), "classified", "policy_number", {"P00009": {"orphan": False}})
    served = with_columns(served, "policies", "policy_number", {"P00009": {"agent_number": "A1"}})
    served = replace(served, held=served.held.filter(pl.col("number") != "P00009"))
    assert "P00009" in supervise(served).placements["number"].to_list()
    ended = with_columns(house(), "policies", "policy_number", {"P00001": {"state": "lapsed"}})
    spoken = supervise(ended)
    assert "P00001" not in [*spoken.placements["number"], *spoken.unplaced["policy_number"]]


TAMPERED: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "a stranger": (
        "receiver",
        lambda p: replace(p, placements=p.placements.with_columns(receiver=pl.lit("A1"))),
    ),
    "one has all": (
        "fewest_first",
        lambda p: replace(p, placements=p.placements.with_columns(receiver=pl.lit("S1"))),
    ),
    "a piece lost": ("conservation", lambda p: replace(p, placements=p.placements.slice(1))),
    "custody moved": (
        "custodian",
        lambda p: replace(p, unplaced=p.unplaced.with_columns(custodian=pl.lit("S1"))),
    ),
    "kinds miscounted": (
        "piece_kinds",
        lambda p: replace(
            p,
            tables={
                **p.tables,
                "piece_kinds": p.tables["piece_kinds"].with_columns(collection=pl.lit(9, pl.Int64)),
            },
        ),
    ),
    "a collection piece supervised": (
        "kind",
        lambda p: replace(p, placements=p.placements.with_columns(number=pl.lit("P00005"))),
    ),
}


@pytest.mark.req("P-27")
@pytest.mark.parametrize("name", TAMPERED)
def test_a_planted_violation_is_found(name: str) -> None:
    rule, tamper = TAMPERED[name]
    plan = supervise(house())
    assert check_plan(plan, house(), RULES).is_empty()
    assert rule in check_plan(tamper(plan), house(), RULES)["rule"].to_list()
