"""Block moves (P-24): whole units in one step, the neighbours' load before and after, one release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import polars as pl
import pytest

from arrivals_books import with_columns
from territory_books import AS_OF, make_book, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.core.tables import MONTH_COLUMNS, Book, Plan, conform

RULES = standard_rules()


@cache
def city() -> tuple[Book, Plan]:
    """Eight managers of about 290 pieces: seven can take the eighth's."""
    book = make_book(communities=60, managers=8, policies=2_300, seed=3)
    return book, make_plan(book, RULES, AS_OF, 1, 200_000)


def block(**options: str) -> Plan:
    book, earlier = city()
    named = {key.rstrip("_"): value for key, value in options.items()}
    return make_plan(book, RULES, AS_OF, 1, 0, strategy="block", options=named, earlier=earlier)


@pytest.mark.req("P-24")
def test_a_leavers_units_go_whole_to_the_touching_managers_in_one_instalment() -> None:
    book, earlier = city()
    plan = block(from_="M03")
    before = earlier.assignments.filter(pl.col("staff_number") == "M03")
    assert sorted(plan.placements["number"]) == sorted(before["policy_number"])
    assert plan.placements["instalment"].unique().to_list() == [1]  # one release, one ledger batch
    owners = plan.placements.group_by("unit_code").agg(n=pl.col("receiver").n_unique())
    assert owners["n"].max() == 1
    assert "M03" not in plan.placements["receiver"].to_list()
    loads = plan.tables["neighbours"]
    assert loads.group_by("receiver").len()["len"].unique().to_list() == [12]
    said = loads.filter(pl.col("role") != "移出人").select("receiver", "month", "before")
    told = earlier.loads.join(said, left_on=["staff_number", "month"], right_on=["receiver", "month"])
    assert told["due"].equals(told["before"], check_names=False)
    assert (
        loads["lost"].sum()
        == loads["gained"].sum()
        == before.select(pl.sum_horizontal(MONTH_COLUMNS)).sum().item()
    )
    assert check_plan(plan, book, RULES)["rule"].is_in(["month_band"]).all()


@pytest.mark.req("P-24", "N-02")
def test_no_way_of_giving_out_the_units_leaves_fewer_pieces_outside() -> None:
    _book, earlier = city()
    units = earlier.units.filter(pl.col("staff_number") == "M02").sort("unit_code").head(4)
    plan = block(units=",".join(units["unit_code"]))
    assert plan.certificate.objective == plan.certificate.lower_bound
    takers = plan.candidates["staff_number"].unique().sort().to_list()
    loads = earlier.loads.pivot("month", index="staff_number", values="due").sort("staff_number")
    staff, due = loads["staff_number"].to_list(), loads.drop("staff_number").to_numpy()
    months = units.select(MONTH_COLUMNS).to_numpy()
    rest = due.copy()
    rest[staff.index("M02")] -= months.sum(axis=0)
    best = min(
        _outside(rest, months, [staff.index(t) for t in choice]) for choice in product(takers, repeat=4)
    )
    assert plan.certificate.objective == best


def _outside(rest: np.ndarray, months: np.ndarray, takers: list[int]) -> int:
    load = rest.copy()
    np.add.at(load, takers, months)
    return int((np.maximum(load - 60, 0) + np.maximum(25 - load, 0)).sum())


@pytest.mark.req("P-24")
def test_a_list_of_units_goes_to_the_newcomer_who_is_named() -> None:
    book, earlier = city()
    units = (
        earlier.units.filter(pl.col("staff_number").is_in(["M01", "M02"]))
        .sort("unit_code")["unit_code"]
        .to_list()[:3]
    )
    plan = block(units="，".join(units), to="M08")
    assert plan.placements["receiver"].unique().to_list() == ["M08"]
    assert sorted(plan.placements["unit_code"].unique()) == sorted(units)
    assert plan.tables["units"]["receiver"].to_list() == ["M08"] * 3
    again = make_plan(
        shuffled(book, 4), RULES, AS_OF, 1, 0, strategy="block", options=dict(plan.options), earlier=earlier
    )
    assert plan_digest(plan) == plan_digest(again)
    for sheet in STRATEGIES["block"].sheets:
        conform(plan.tables[sheet.name], sheet.schema)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "须给出移出人"),
        ({"from_": "M01", "units": "0101010101"}, "二者只给一个"),
        ({"from_": "M99"}, "没有在管"),
        ({"units": "9999999901"}, "没有单元 9999999901"),
        ({"from_": "M01", "to": "M01"}, "就是移出人"),
        ({"from_": "M01", "to": "M99"}, "不是在职客户经理"),
    ],
)
def test_what_cannot_be_done_says_why(options: dict[str, str], why: str) -> None:
    with pytest.raises(StrategyError, match=why):
        block(**options)


def test_without_an_earlier_plan_there_are_no_units() -> None:
    with pytest.raises(StrategyError, match="须有前一区域规划方案"):
        make_plan(city()[0], RULES, AS_OF, 1, 0, strategy="block", options={"from": "M01"})


TAMPERED: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "a unit torn apart": (
        "unit_staff",
        lambda p: replace(
            p,
            placements=pl.concat(
                [p.placements.head(1).with_columns(receiver=pl.lit(_another(p))), p.placements.slice(1)]
            ),
        ),
    ),
    "a policy left behind": ("conservation", lambda p: replace(p, placements=p.placements.slice(1))),
    "two instalments": (
        "one_batch",
        lambda p: replace(p, placements=p.placements.with_columns(instalment=pl.lit(2, pl.Int64))),
    ),
    "back to the giver": (
        "giver",
        lambda p: replace(p, placements=p.placements.with_columns(receiver=pl.lit("M03"))),
    ),
    "loads that do not add up": (
        "loads",
        lambda p: replace(
            p,
            tables={**p.tables, "neighbours": p.tables["neighbours"].with_columns(after=pl.col("after") + 1)},
        ),
    ),
}


def _another(plan: Plan) -> str:
    first = plan.placements["receiver"][0]
    return next(who for who in plan.placements["receiver"].unique().sort() if who != first)


@pytest.mark.req("P-24")
@pytest.mark.parametrize("name", TAMPERED)
def test_a_planted_violation_is_found(name: str) -> None:
    rule, tamper = TAMPERED[name]
    assert rule in check_plan(tamper(block(from_="M03")), city()[0], RULES)["rule"].to_list()


@pytest.mark.req("P-24")
def test_a_named_receiver_is_checked_and_a_leaver_who_has_gone_has_nothing_to_move() -> None:
    book, earlier = city()
    plan = block(from_="M03", to="M01")
    other = replace(plan, placements=plan.placements.with_columns(receiver=pl.lit("M02")))
    assert "receiver" in check_plan(other, book, RULES)["rule"].to_list()
    gone = with_columns(book, "people", "staff_number", {"M03": {"left_date": AS_OF}})
    with pytest.raises(StrategyError, match="新增孤儿保单安置"):
        make_plan(gone, RULES, AS_OF, 1, 0, strategy="block", options={"from": "M03"}, earlier=earlier)
