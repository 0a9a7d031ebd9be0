"""Which units give the policies that the month repair hands over: the nearest to the receiver, borders
first.

In: amounts by giver, taker and due type. Out: amounts by unit, due type and taker, at the least extra
distance. Never: more of a type than the unit can give, another amount than the repair decided.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from tuogu.core.territory.flow import FlowError
from tuogu.core.territory.instance import Flags, Instance, Ints

INLAND_PRICE_M = (
    20_000  # metres added where the unit does not touch the receiver: only when no border unit is left
)


def pick(
    instance: Instance,
    labels: Ints,
    amounts: tuple[Ints, Ints, Ints, Ints, Ints],
    movable: Ints,
    sides: tuple[Ints, Ints],
) -> tuple[Ints, Ints, Ints, Ints, Flags]:
    """(unit, kind, receiver, count, inland) for `amounts` = (unit or -1, giver, taker, kind, count).

    A taker or giver numbered `managers` is the common pool: then any giver may serve any taker of the same
    type. `sides` are the (unit, manager) pairs that touch; `inland` marks what comes from a unit that does
    not touch.
    """
    names = ("unit", "giver", "taker", "kind", "amount")
    frame = pl.DataFrame(dict(zip(names, amounts, strict=True))).filter(pl.col("amount") > 0)
    decided = frame.filter(pl.col("unit") >= 0).select("unit", "kind", "taker", "amount")
    frame = frame.filter(pl.col("unit") < 0).drop("unit")
    pool = instance.managers
    pooled = bool(((frame["giver"] == pool) | (frame["taker"] == pool)).any())
    supply, demand, on = _net(frame, pool) if pooled else _direct(frame)
    unit, kind = np.nonzero(movable)
    stock = pl.DataFrame({"unit": unit, "kind": kind, "giver": labels[unit], "stock": movable[unit, kind]})
    stock = stock.join(supply, on=["giver", "kind"]).sort("source", "unit").with_row_index("shelf")
    border = pl.DataFrame(
        {"unit": sides[0], "taker": sides[1], "border": np.ones(len(sides[0]), dtype=np.bool_)}
    )
    ways = stock.join(demand, on=on).join(border, on=["unit", "taker"], how="left").sort("shelf", "sink")
    from_unit, taker = ways["unit"].to_numpy(), ways["taker"].to_numpy()
    extra = instance.metres[from_unit, taker].astype(np.int64) - instance.metres[from_unit, labels[from_unit]]
    inland = ways["border"].is_null().to_numpy()
    amount = pl.Series(
        "amount", _flow(supply, demand, stock, ways, extra + np.where(inland, INLAND_PRICE_M, 0))
    )
    chosen = ways.select("unit", "kind", "taker").with_columns(amount).filter(pl.col("amount") > 0)
    every = pl.concat([chosen, decided]).join(border, on=["unit", "taker"], how="left")
    every = every.sort("unit", "kind", "taker").with_columns(inland=pl.col("border").is_null())
    found = [every[name].to_numpy() for name in ("unit", "kind", "taker", "amount", "inland")]
    return found[0], found[1], found[2], found[3], found[4]


def _direct(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Supply by giver and type; demand by giver, taker and type."""
    supply = (
        frame.group_by("giver", "kind")
        .agg(pl.col("amount").sum())
        .sort("giver", "kind")
        .with_row_index("source")
    )
    demand = frame.sort("giver", "taker", "kind").with_row_index("sink").rename({"amount": "wanted"})
    return supply, demand, ["giver", "kind"]


def _net(frame: pl.DataFrame, pool: int) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Supply and demand through the pool; what a manager would both give and take cancels."""
    out = frame.filter(pl.col("taker") == pool).select(
        pl.col("giver").alias("who"), "kind", -pl.col("amount")
    )
    into = frame.filter(pl.col("giver") == pool).select(pl.col("taker").alias("who"), "kind", "amount")
    net = pl.concat([out, into]).group_by("who", "kind").agg(pl.col("amount").sum()).sort("who", "kind")
    supply = net.filter(pl.col("amount") < 0).select(
        pl.col("who").alias("giver"), "kind", amount=-pl.col("amount")
    )
    demand = net.filter(pl.col("amount") > 0).select(pl.col("who").alias("taker"), "kind", wanted="amount")
    return supply.with_row_index("source"), demand.with_row_index("sink"), ["kind"]


def _flow(
    supply: pl.DataFrame, demand: pl.DataFrame, stock: pl.DataFrame, ways: pl.DataFrame, cost: Ints
) -> Ints:
    """Amount on each way: sources (giver, type) → shelves (unit, type) → sinks (taker, type)."""
    sources, shelves = len(supply), len(stock)
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        stock["source"].to_numpy().astype(np.int64),
        sources + np.arange(shelves),
        stock["stock"].to_numpy(),
        np.zeros(shelves, dtype=np.int64),
    )
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        sources + ways["shelf"].to_numpy().astype(np.int64),
        sources + shelves + ways["sink"].to_numpy().astype(np.int64),
        ways["stock"].to_numpy(),
        cost,
    )
    flow.set_nodes_supplies(np.arange(sources), supply["amount"].to_numpy())
    flow.set_nodes_supplies(sources + shelves + np.arange(len(demand)), -demand["wanted"].to_numpy())
    if (status := flow.solve()) != flow.OPTIMAL:
        raise FlowError(f"choosing units for the hand-over ended with status {status}")
    return np.asarray(flow.flows(arcs), dtype=np.int64)
