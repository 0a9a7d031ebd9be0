"""Campaign benchmark: fixed books and seeds, one line a size and way to deal.

    python -m benchmarks.campaign             10,000, 100,000 and 1,000,000 customers
    python -m benchmarks.campaign 100000      one size

The greedy rival gives out the list in blocks, as people do in a spreadsheet: the first department takes the first so many
rows, each wave the next. Prints processor seconds (plan with its digest; checker), growth against the size before, the
spread of mean premium between 30 departments, how far a department's districts differ from the area's, violations.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.rulebook import parse_rulebook
from tuogu.core.tables import (
    COMMUNITIES,
    CUSTOMERS,
    FACTS,
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

SIZES = (10_000, 100_000, 1_000_000)
DEPARTMENTS, DISTRICTS, AGENTS = 30, 12, 500
AS_OF = date(2026, 4, 1)
RULES = parse_rulebook(read_shipped())
LINE = "{:>10} {:<8}{:>9}{:>10}{:>8}{:>10}{:>13}{:>7}"


def framed(columns: dict[str, object], rows: int, schema: Schema) -> pl.DataFrame:
    """A frame of `schema`; a column that is not named is null."""
    base = pl.DataFrame({"_": range(rows)})
    given = {
        name: column if isinstance(column, pl.Expr) else pl.Series(column) for name, column in columns.items()
    }
    missing = {name: pl.lit(None, kind) for name, kind in schema.items() if name not in given}
    return base.with_columns(**given, **missing).select(pl.col(n).cast(t) for n, t in schema.items())


def draw_book(customers: int, seed: int) -> Book:
    """Half of the customers have an agent in post; premiums are skewed and rise along the list, which stands by district."""
    draw = np.random.default_rng(seed)
    number = [f"C{i:07d}" for i in range(customers)]
    district = np.sort(draw.integers(0, DISTRICTS, customers))
    premium = (draw.lognormal(12, 1.0, customers) * (1 + district / DISTRICTS)).astype(np.int64)
    agent = np.where(draw.random(customers) < 0.5, draw.integers(0, AGENTS, customers), -1)
    community = [f"3302{1 + d:02d}001001" for d in range(DISTRICTS)]
    policies = framed(
        {
            "policy_number": [f"P{i:07d}" for i in range(customers)],
            "kind": pl.lit("main"),
            "protection": pl.lit(False),
            "premium_fen": premium,
            "inception_date": pl.lit(date(2015, 1, 1)),
            "state": pl.lit("in_force"),
            "holder_number": number,
            "agent_number": [f"A{a:04d}" if a >= 0 else None for a in agent],
            "institution_code": pl.lit("B"),
        },
        customers,
        POLICIES,
    )
    codes = [f"D{i:02d}" for i in range(DEPARTMENTS)]
    departments = framed(
        {
            "institution_code": ["B", *codes],
            "level": ["central"] + ["department"] * DEPARTMENTS,
            "parent_code": [None] + ["B"] * DEPARTMENTS,
            "region_code": ["3302"] + ["330203"] * DEPARTMENTS,
        },
        DEPARTMENTS + 1,
        INSTITUTIONS,
    )
    people = framed(
        {
            "staff_number": [f"A{a:04d}" for a in range(AGENTS)],
            "series": pl.lit("marketing"),
            "institution_code": [codes[a % DEPARTMENTS] for a in range(AGENTS)],
        },
        AGENTS,
        PEOPLE,
    )
    facts = framed(
        {
            "subject": codes,
            "month": pl.lit(date(2025, 1, 1)),
            "key": pl.lit("premium"),
            "value": draw.integers(1_000_000, 9_000_000, DEPARTMENTS),
        },
        DEPARTMENTS,
        FACTS,
    )
    located = framed(
        {"key": number, "community_code": [community[d] for d in district], "status": pl.lit("coded")},
        customers,
        LOCATED,
    )
    identity = {"customer_number": number, "id_type": pl.lit("resident_id"), "id_number": number}
    books = Books(policies, framed(identity, customers, CUSTOMERS), people, departments, data_date=AS_OF)
    pairs = pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String})
    empty_classes = pl.DataFrame(schema={"policy_number": pl.String})
    return Book(books, located, empty(LOCATED), empty_classes, empty(COMMUNITIES), pairs, facts)


@dataclass(frozen=True)
class Evenness:
    """Spread of mean premium between departments and the largest difference of a district's share, both in percent."""

    premium: float
    districts: float


def evenness(dealt: pl.DataFrame) -> Evenness:
    """Of a frame number, receiver, premium_fen, district."""
    means = dealt.group_by("receiver").agg(mean=pl.col("premium_fen").mean())["mean"]
    share = dealt.group_by("receiver", "district").agg(n=pl.len())
    share = share.with_columns(share=pl.col("n") / pl.col("n").sum().over("receiver"))
    whole = dealt.group_by("district").agg(n=pl.len()).with_columns(whole=pl.col("n") / len(dealt))
    grid = dealt.select("receiver").unique().join(whole.select("district", "whole"), how="cross")
    grid = grid.join(share, on=["receiver", "district"], how="left")
    off = (grid["share"].fill_null(0.0) - grid["whole"]).abs().max()
    spread = (means.max() - means.min()) / dealt["premium_fen"].mean()  # type: ignore[operator]  # never empty
    return Evenness(100 * float(spread), 100 * float(off))  # type: ignore[arg-type]


def in_blocks(orphans: pl.DataFrame, plan: Plan) -> tuple[pl.DataFrame, float]:
    """The greedy rival: the same quotas, handed out down the list; (number, receiver …, seconds)."""
    start = time.process_time()
    quotas = plan.tables["shares"].select("department", "quota")
    receiver = [name for name, count in quotas.iter_rows() for _ in range(count)]
    dealt = orphans.sort("number").with_columns(receiver=pl.Series(receiver))
    return dealt, time.process_time() - start


def run(size: int, before: float | None) -> float:
    """Print the two lines of one size; seconds of the plan without its check."""
    book = draw_book(size, 1)
    start = time.process_time()
    plan = make_plan(book, RULES, AS_OF, 1, 1, strategy="campaign")
    whole = time.process_time() - start
    start = time.process_time()
    wrong = len(check_plan(plan, book, RULES))
    checked = time.process_time() - start
    policies = book.books.policies.select(number="holder_number", premium_fen="premium_fen")
    where = book.located.select(number="key", district=pl.col("community_code").str.head(6))
    given = plan.placements.filter(lever="quota").select("number", "receiver")
    given = given.join(policies, on="number").join(where, on="number")
    fair, planned = evenness(given), whole - checked
    rival, seconds = in_blocks(given.drop("receiver"), plan)
    other = evenness(rival)
    growth = f"x{planned / before:.1f}" if before else ""
    print(LINE.format(f"{size:,}", "tuogu", f"{planned:.2f}", f"{checked:.2f}", growth,
        f"{fair.premium:.3f}", f"{fair.districts:.3f}", wrong), flush=True)  # fmt: skip
    print(LINE.format("", "blocks", f"{seconds:.2f}", "", "", f"{other.premium:.3f}", f"{other.districts:.3f}", "")
        + f"  spread x{other.premium / fair.premium:,.0f}", flush=True)  # fmt: skip
    return planned


def main(arguments: list[str]) -> None:
    """Print the table."""
    print(
        LINE.format("customers", "way", "plan cpu", "check cpu", "growth", "spread %", "districts %", "wrong")
    )
    before: float | None = None
    for size in [int(a) for a in arguments] or SIZES:
        before = run(size, before)


if __name__ == "__main__":
    main(sys.argv[1:])
