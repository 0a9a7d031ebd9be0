"""Arrivals benchmark: new orphans of a month in towns of three sizes, beside a greedy list worker in the same run.

    python -m benchmarks.arrivals                 10,000 and 100,000 customers
    python -m benchmarks.arrivals 1000000         one size

The town is a grid of communities of about twenty pieces, dealt in serpentines to managers of 400 each; three in a hundred
pieces are new, most of them around a few estates and in spring, so that months overflow. Greedy: piece after piece to the
manager of the community while the month has room, else to the touching manager with most room, else to the first; nothing
is handed over. Prints seconds of the second run (the first compiles), growth against the size before, pieces outside the
month band of both, and what was moved.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from tuogu.core.arrivals import planner
from tuogu.core.arrivals.levels import serving_persons
from tuogu.core.arrivals.smoothing import outside_band
from tuogu.core.arrivals.standing import standing
from tuogu.core.neighbourhood import near_communities, reach
from tuogu.core.proposal import Request
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.tables import (
    ASSIGNMENTS,
    CLASSIFIED,
    COMMUNITIES,
    CUSTOMERS,
    INSTITUTIONS,
    LOCATED,
    MONTH_COLUMNS,
    PEOPLE,
    POLICIES,
    UNPLACED,
    Book,
    Books,
    Certificate,
    Plan,
    Schema,
    conform,
    empty,
)
from tuogu.data.rulebooks import read_shipped

AS_OF = date(2025, 12, 2)
PIECES, EACH, NEW = 20, 400, 0.03  # pieces of a community, of a manager, share of new ones
NOTHING = Certificate("metres", 0, 0, 0.0, 0, 0, (), (), (), "judged")


def _frame(schema: Schema, rows: int, **columns: object) -> pl.DataFrame:
    """A frame of `schema`: what is not named is null."""
    given = {name: pl.Series(name, value) for name, value in columns.items()}
    frame = pl.DataFrame({"_": np.zeros(rows, dtype=np.int8)}).with_columns(
        given[name].cast(kind) if name in given else pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
    )
    return conform(frame.drop("_"), schema)


def draw_town(customers: int, seed: int) -> tuple[Book, Plan]:
    """One policy a customer; the book of today and the plan of before."""
    draw = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(customers / PIECES)))
    managers = max(2, round(customers * (1 - NEW) / EACH))
    rows, columns = np.divmod(np.arange(side * side), side)
    snake = np.where(rows % 2 == 0, columns, side - 1 - columns) + rows * side
    owner_of = np.empty(side * side, dtype=np.int64)
    owner_of[np.argsort(snake)] = np.arange(side * side) * managers // (side * side)
    new = np.zeros(customers, dtype=bool)
    new[: int(customers * NEW)] = True
    hot = draw.choice(side * side, max(1, side * side // 40), replace=False)
    where = draw.integers(0, side * side, customers)
    where[new] = np.where(draw.random(int(new.sum())) < 0.8, draw.choice(hot, int(new.sum())), where[new])
    month = draw.integers(1, 13, customers)
    month[new] = np.where(draw.random(int(new.sum())) < 0.5, draw.integers(3, 5, int(new.sum())), month[new])
    numbers = pl.Series([f"P{i:08d}" for i in range(customers)])
    holders = pl.Series([f"C{i:08d}" for i in range(customers)])
    codes = pl.Series(
        [f"33020{1 + r * 8 // side}{r * 97 // side:03d}{i % 1000:03d}{i:07d}" for i, r in enumerate(rows)]
    )
    staff = pl.Series([f"M{i:05d}" for i in range(managers)])
    inception = pl.select(pl.date(2020, pl.Series(month), 15)).to_series()
    policies = _frame(
        POLICIES, customers, policy_number=numbers, holder_number=holders, insured_number=holders,
        inception_date=inception, kind=["main"] * customers, premium_mode=["regular"] * customers,
        payments_per_year=np.ones(customers, dtype=np.int64), payment_term_years=np.full(customers, 30),
        state=["in_force"] * customers, agent_number=["X"] * customers, institution_code=["B"] * customers,
    )  # fmt: skip
    people = _frame(
        PEOPLE, managers, staff_number=staff, series=["collection"] * managers, team_code=["T"] * managers,
    )  # fmt: skip
    book = Book(
        Books(policies, _frame(CUSTOMERS, customers, customer_number=holders), people, empty(INSTITUTIONS)),
        _frame(LOCATED, customers, key=holders, community_code=codes.gather(where)),
        _frame(LOCATED, managers, key=staff),
        _frame(
            CLASSIFIED,
            customers,
            policy_number=numbers,
            orphan=np.ones(customers, dtype=bool),
            nature=["normal"] * customers,
            service_class=["normal"] * customers,
            route=["territory"] * customers,
        ),
        _frame(
            COMMUNITIES,
            side * side,
            community_code=codes,
            street_code=codes.str.head(9),
            district_code=codes.str.head(6),
            city_code=["3302"] * side * side,
            x_m=columns * 400.0 + draw.random(side * side),
            y_m=rows * 400.0 + draw.random(side * side),
        ),
        pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
    )
    planned = _frame(
        ASSIGNMENTS, customers, policy_number=numbers, holder_number=holders, community_code=codes.gather(where),
        unit_code=codes.gather(where), staff_number=staff.gather(owner_of[where]), lever=["unit"] * customers,
        instalment=np.ones(customers, dtype=np.int64),
        **{name: (month == m).astype(np.int64) for m, name in enumerate(MONTH_COLUMNS, 1)},
    )  # fmt: skip
    earlier = Plan(empty(UNPLACED), NOTHING, AS_OF, 1, 0, "", "", assignments=planned.filter(pl.Series(~new)))
    return book, earlier


def greedy(request: Request) -> tuple[int, float]:
    """(pieces outside the band, seconds) of the list worker."""
    start = time.perf_counter()
    assert request.earlier is not None
    today = standing(request.book, request.rulebook, request.as_of, request.earlier)
    serving_persons(request, today)
    near = near_communities(request.book, request.rulebook, today.populated)
    reached = reach(today.pieces.filter("ground"), near).sort(
        "community_code", "owns", descending=[False, True]
    )
    names = {name: column for column, name in enumerate(today.managers["staff_number"])}
    people: dict[str, list[tuple[int, bool]]] = {}
    for code, who, owns in reached.rows():
        people.setdefault(code, []).append((names[who], owns))
    room = planner.room_of(today, request.rulebook["territory.month_load_max"])
    due = room.due.copy()
    months = today.arriving.select(MONTH_COLUMNS).to_numpy().argmax(axis=1)
    for code, month in zip(today.arriving["community_code"], months, strict=True):
        allowed = people.get(code, [])
        fit = [a for a, owns in allowed if owns and due[a, month] < room.month_max]
        taker = fit[0] if fit else max((a for a, _ in allowed), key=lambda a: -due[a, month], default=-1)
        if taker >= 0:
            due[taker, month] += 1
    low = request.rulebook["territory.month_load_min"]
    return outside_band(due, low, room.month_max), time.perf_counter() - start


def main(sizes: list[int]) -> None:
    rulebook: Rulebook = parse_rulebook(read_shipped())
    print(
        f"{'customers':>10}{'new':>8}{'s':>8}{'growth':>8}{'greedy s':>10}{'outside':>9}{'bound':>7}{'greedy':>8}  moved"
    )
    before = 0.0
    planner.propose(_request(*draw_town(2_000, 0), rulebook))  # compiles
    for size in sizes:
        request = _request(*draw_town(size, 1), rulebook)
        start = time.perf_counter()
        found = planner.propose(replace(request, seed=2))
        seconds = time.perf_counter() - start
        outside, slow = greedy(request)
        proof, figures = found.certificate, dict(found.certificate.figures)
        moved = f"new {figures['moved_new']:.0f}, adjacent {figures['moved_adjacent']:.0f} {' '.join(proof.limits_hit)}"
        growth = f"×{seconds / before:.1f}" if before else "—"
        print(
            f"{size:>10,}{figures['arriving']:>8,.0f}{seconds:>8.1f}{growth:>8}{slow:>10.1f}{proof.objective:>9,}"
            f"{proof.lower_bound:>7,}{outside:>8,}  {moved}",
            flush=True,
        )
        before = seconds


def _request(book: Book, earlier: Plan, rulebook: Rulebook) -> Request:
    options = {"singles": "", "keywords": "", "smooth": "yes"}
    return Request(book, rulebook, AS_OF, 1, 0, options, earlier)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
