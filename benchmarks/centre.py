"""Resource centre benchmark: one month's resources to planners of different scores, beside dealing in blocks.

    python -m benchmarks.centre                 10,000 and 100,000 customers
    python -m benchmarks.centre 1000000         at other sizes

Customers of all five categories with heavy-tailed amounts, one planner for 250 of them, scores between 18 and 100. The
rival gives everybody the same number of pieces of each category, but in one block of the ranking by amount: the best
scored planner the dearest. Printed: seconds of the plan (its second opinion included) and of the opinion alone, pieces a
second, how the time grew, and for both ways how far the worth of one score point differs between planners.
"""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl

from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.rulebook import parse_rulebook
from tuogu.core.tables import (
    CLASSIFIED,
    COMMUNITIES,
    CUSTOMERS,
    FACTS,
    HELD,
    INSTITUTIONS,
    LOCATED,
    PEOPLE,
    POLICIES,
    Book,
    Books,
    Plan,
    Schema,
    empty,
)
from tuogu.data.rulebooks import read_shipped

AS_OF = date(2026, 3, 2)
PER_PLANNER = 250
SIZES = (10_000, 100_000)
RANKS = ("资深", "高级", "中级", "初级", "见习")


def draw_book(customers: int, seed: int) -> Book:
    """A centre whose stock is about the regulations' mix of categories; one policy a customer."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(5, customers, p=[0.1, 0.3, 0.5, 0.05, 0.05])
    days = [
        draw.integers(14, 44, customers),  # matures: released this month
        np.full(customers, 4_000),
        draw.integers(-1_500, -61, customers),  # paid before this year
        draw.integers(60, 365, customers),
        draw.integers(400, 4_000, customers),
    ]
    end = np.datetime64(AS_OF) + np.choose(kind, days)
    number = pl.Series([f"C{i:07d}" for i in range(customers)])
    regular = kind == 1
    amount = (draw.lognormal(13, 1, customers)).astype(np.int64)
    inception = np.where(
        regular,
        np.datetime64(date(2020, 4, 1)) + draw.integers(0, 30, customers),
        np.datetime64(AS_OF - timedelta(days=3_000)) + draw.integers(0, 1_000, customers),
    )
    policies = pl.DataFrame(
        {
            "policy_number": "P" + number,
            "kind": "main",
            "protection": False,
            "premium_mode": np.where(regular, "regular", "single"),
            "payments_per_year": regular.astype(np.int64),
            "premium_fen": amount,
            "sum_insured_fen": amount,
            "payment_term_years": np.where(regular, 20, 1),
            "inception_date": inception.astype("datetime64[D]"),
            "end_date": end.astype("datetime64[D]"),
            "state": np.where(kind == 2, "paid_out", "in_force"),
            "holder_number": number,
            "institution_code": "B1",
        }
    )
    people, facts = draw_planners(max(customers // PER_PLANNER, 2), draw)
    times = draw.integers(0, 4, customers)
    held = pl.DataFrame({"number": number, "kind": "customer", "relation": "development", "receiver": "buffer",
                         "times": times}).filter(pl.col("times") > 0)  # fmt: skip
    phone = pl.when(pl.Series(draw.random(customers) < 0.9)).then(pl.lit("13800000000"))
    code = pl.when(pl.Series(draw.random(customers) < 0.8)).then(pl.lit("330203001001"))
    return Book(
        books=Books(
            policies=widened(policies, POLICIES),
            customers=widened(pl.DataFrame({"customer_number": number}).with_columns(phone=phone), CUSTOMERS),
            people=people,
            institutions=empty(INSTITUTIONS),
            data_date=AS_OF,
        ),
        located=widened(pl.DataFrame({"key": number}).with_columns(community_code=code), LOCATED),
        homes=empty(LOCATED),
        classified=widened(
            pl.DataFrame({"policy_number": "P" + number}).with_columns(orphan=True, nature=pl.lit("normal")),
            CLASSIFIED,
        ),
        communities=empty(COMMUNITIES),
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
        facts=facts,
        held=widened(held, HELD),
    )


def draw_planners(count: int, draw: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """PEOPLE and last month's FACTS."""
    names = [f"M{i:06d}" for i in range(count)]
    people = pl.DataFrame({"staff_number": names, "series": "planner", "rank": draw.choice(RANKS, count)})
    facts = [
        pl.DataFrame({"subject": names, "key": key, "value": draw.integers(0, most, count), "source_ref": "名册",
                      "author": "D1"})
        for key, most in (("task_completion", 13_000), ("attendance", 10_001), ("log_pass_rate", 10_001),
                          ("discretion", 1_001))
    ]  # fmt: skip
    month = pl.lit(date(AS_OF.year, AS_OF.month - 1, 1))
    return widened(people, PEOPLE), widened(pl.concat(facts).with_columns(month=month), FACTS)


def widened(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """`frame` with all columns of `schema`; what it does not name is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def in_blocks(plan: Plan) -> pl.DataFrame:
    """score, worth of every planner when each category is cut into blocks: the best scored takes the dearest."""
    amounts = plan.tables["rankings"].select("number", "category", "amount_fen")
    given = plan.placements.select("number", "receiver").join(amounts, on="number")
    scores = plan.tables["worth"].select("staff_number", "score")
    counts = (
        given.group_by("receiver", "category").len().join(scores, left_on="receiver", right_on="staff_number")
    )
    order = counts.sort("category", "score", "receiver", descending=[False, True, False])
    owners = order.select(pl.col("receiver", "score").repeat_by("len").explode())
    dearest_first = given.sort("category", "amount_fen", descending=[False, True])
    blocks = pl.concat([dearest_first.select("amount_fen"), owners], how="horizontal")
    return blocks.group_by("receiver", "score").agg(worth=pl.col("amount_fen").sum())


def spread(score: pl.Series, worth: pl.Series) -> float:
    """How much more a score point is worth to the luckiest planner than to the unluckiest."""
    per_point = worth / score
    return float(per_point.max() / per_point.min() - 1)  # type: ignore[operator, arg-type]  # never null: it has rows


def main(sizes: list[int]) -> None:
    rules = parse_rulebook(read_shipped())
    make_plan(draw_book(500, 0), rules, AS_OF, 1, 1, strategy="centre")  # loads what is loaded once
    print(f"{'customers':>10}{'planners':>10}{'s':>8}{'cpu s':>8}{'check s':>9}{'pieces/s':>10}{'growth':>8}{'spread':>9}"
          f"{'blocks':>10}{'gap':>8}{'WEF1':>6}{'rounding':>10}{'overall':>9}")  # fmt: skip
    before = None
    for customers in sizes:
        book = draw_book(customers, 1)
        start, cpu_start = time.perf_counter(), time.process_time()
        plan = make_plan(book, rules, AS_OF, 1, 1, strategy="centre")
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
        check_start = time.perf_counter()
        assert check_plan(plan, book, rules).is_empty()
        checked = time.perf_counter() - check_start
        worth = plan.tables["worth"].filter(pl.col("pieces") > 0)
        rival = in_blocks(plan)
        figures = dict(plan.certificate.figures)
        growth = f"{seconds / before:.1f}x" if before else ""
        print(
            f"{customers:>10,}{len(plan.tables['worth']):>10,}{seconds:>8.2f}{cpu:>8.2f}{checked:>9.2f}"
            f"{len(plan.placements) / seconds:>10,.0f}{growth:>8}{spread(worth['score'], worth['worth_fen']):>9.1%}"
            f"{spread(rival['score'], rival['worth']):>10.1%}{plan.certificate.gap:>8.1%}"
            f"{figures['wef1_violations']:>6.0f}{figures['wef1_rounding']:>10.0f}{figures['wef1_overall']:>9.0f}",
            flush=True,
        )
        before = seconds


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
