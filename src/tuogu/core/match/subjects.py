"""Which orphan policies are matched, as whole customers in handling order.

In: a book, the rulebook, the as-of date, the seed. Out: `Subjects`. Never: a policy that a person in post holds already; a
customer split; an order that depends on the rows of the input or on a customer's number.

A customer's type is that of the best-ranked policy (combination → non_pure → pure, A-51); that policy's selling agent names
the original group. Ties: higher yearly premium, then keyed hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, UNPLACED, Book, conform
from tuogu.core.ties import tie_rank

_ASIDE = {  # order = which reason is named
    "problem": "问题件：销售人员有违规，转调查，不分给营销员",
    "hard": "困难件：联系不上或有未了结投诉，由保单服务专员跟进",
    "difficult": "疑难件：多种方式均联系不上，报分公司确认",
    "lapsed": "失效件，本次不分配",
    "not_normal": "不在本次可分配的件别内",
    "no_holder": "保单没有投保人客户号，无法按客户分配",
    "too_large": "该客户的孤儿保单件数超过一人一期能面访的件数，须人工安排",
}


@dataclass(frozen=True)
class Subjects:
    """`live`: every live orphan main policy with its fate before matching (step: entrusted | aside | matched).
    `policies`: the matched ones with `row`, the place of their customer in `customers`.
    `customers`: row, holder_number, pieces, type, value_fen, agent_number, team_code, non_pure, level, community_code, in
    handling order. `aside`: UNPLACED.
    """

    live: pl.DataFrame
    policies: pl.DataFrame
    customers: pl.DataFrame
    aside: pl.DataFrame


def survey(book: Book, rulebook: Rulebook, as_of: date, seed: int, *, levels: bool, largest: int) -> Subjects:
    """Sort the live orphan main policies into those to match and the rest. `levels`: grade the customers (P-16);
    `largest`: most pieces that one release can hand to one person (N-20)."""
    live = _not_too_large(_live(book, rulebook, as_of), largest)
    matched = live.filter(pl.col("step") == "matched")
    customers = _customers(matched, book, rulebook, seed, levels=levels)
    policies = matched.join(customers.select("holder_number", "row"), on="holder_number").sort(
        "row", "policy_number"
    )
    aside = live.filter(pl.col("step") == "aside")
    detail = pl.col("reason").replace_strict(_ASIDE, return_dtype=pl.String)
    rows = aside.with_columns(detail=detail, custodian=pl.lit(rulebook["match.custodian"]))
    return Subjects(live, policies, customers, conform(rows.sort("policy_number"), UNPLACED))


def entrusted(book: Book, as_of: date) -> pl.DataFrame:
    """policy_number, staff_number: policies whose custodian is a person in post."""
    people = book.books.people.filter(pl.col("left_date").is_null() | (pl.col("left_date") > as_of))
    custody = book.held.filter((pl.col("kind") == "policy") & (pl.col("relation") == "custody"))
    return custody.join(people, left_on="receiver", right_on="staff_number", how="semi").select(
        policy_number="number", staff_number="receiver"
    )


def _live(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """Live orphan mains with type, yearly premium, reason to be left aside, and step."""
    policies = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    facts = ("nature", "service_class", "non_pure")
    order = rulebook["orphan.type_order"]
    types = book.classified.filter("orphan").select(
        "policy_number", *facts, type=pl.col("orphan_type").fill_null(order[-1])
    )
    frame = policies.join(types, on="policy_number").join(
        entrusted(book, as_of).select("policy_number", taken=pl.lit(True)), on="policy_number", how="left"
    )
    yearly = (
        pl.when(pl.col("premium_mode") == "single")
        .then(pl.col("premium_fen") * rulebook["match.single_value_bp"] // 10_000)
        .otherwise(pl.col("premium_fen") * pl.col("payments_per_year").fill_null(1))
    )
    tests = {
        "problem": (pl.col("nature") == "problem") & ~pl.lit("problem" in rulebook["match.natures"]),
        "hard": (pl.col("nature") == "hard") & ~pl.lit("hard" in rulebook["match.natures"]),
        "difficult": (pl.col("service_class") == "difficult")
        & ~pl.lit("difficult" in rulebook["match.service_classes"]),
        "lapsed": (pl.col("service_class") == "lapsed")
        & ~pl.lit("lapsed" in rulebook["match.service_classes"]),
        "not_normal": ~pl.col("nature").fill_null("normal").is_in(rulebook["match.natures"])
        | ~pl.col("service_class").fill_null("normal").is_in(rulebook["match.service_classes"]),
        "no_holder": pl.col("holder_number").is_null(),
    }
    reason = pl.coalesce(*(pl.when(test).then(pl.lit(name)) for name, test in tests.items()))
    frame = frame.select(
        "policy_number",
        "holder_number",
        "insured_number",
        "agent_number",
        "inception_date",
        "type",
        "components",
        "state",
        pl.col("non_pure").fill_null(False),
        pl.col("taken").fill_null(False),
        value_fen=yearly.fill_null(0),
        type_rank=pl.col("type").replace_strict(
            {name: rank for rank, name in enumerate(order)}, return_dtype=pl.Int64
        ),
        reason=reason,
    )
    step = (
        pl.when("taken").then(pl.lit("entrusted")).when(pl.col("reason").is_not_null()).then(pl.lit("aside"))
    )
    frame = frame.with_columns(step=step.otherwise(pl.lit("matched")))
    places = policy_communities(frame, book.located, rulebook["territory.address_basis"])
    return frame.join(places, on="policy_number")


def _not_too_large(live: pl.DataFrame, largest: int) -> pl.DataFrame:
    """Customers whom no single release could hand over go aside."""
    together = (pl.col("step") == "matched").sum().over("holder_number")
    large = (pl.col("step") == "matched") & (together > largest)
    return live.with_columns(
        step=pl.when(large).then(pl.lit("aside")).otherwise("step"),
        reason=pl.when(large).then(pl.lit("too_large")).otherwise("reason"),
    )


def _customers(
    policies: pl.DataFrame, book: Book, rulebook: Rulebook, seed: int, *, levels: bool
) -> pl.DataFrame:
    """One row a customer, in handling order: type, harder first, more premium first, keyed hash (S4-01, S4-13)."""
    first = ["holder_number", "type_rank", "value_fen"]
    best = _ranked(policies, first, "policy_number", seed, "match.best_policy")
    best = best.sort(
        "holder_number", "type_rank", pl.col("value_fen"), "tie", descending=[False, False, True, False]
    )
    points = rulebook["match.complexity_points"]
    grade = (
        points["piece"]
        + points["combination"] * (pl.col("type") == "combination").cast(pl.Int64)
        + points["lapsed"] * (pl.col("state") == "lapsed").cast(pl.Int64)
    )
    together = best.group_by("holder_number", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("pieces"),
        pl.col("type", "type_rank", "agent_number", "community_code").first(),
        pl.col("non_pure").any(),
        pl.col("value_fen").sum(),
        grade.sum().alias("points"),
    )
    level = _level(pl.col("points"), rulebook["match.complexity_levels"]) if levels else pl.lit(0, pl.Int64)
    teams = book.books.people.select(agent_number="staff_number", team_code="team_code")
    frame = together.with_columns(level=level).join(teams, on="agent_number", how="left")
    keys = ["type_rank", "level", "value_fen"]
    frame = _ranked(frame, keys, "holder_number", seed, "match.customers")
    frame = frame.sort(*keys, "tie", descending=[False, True, True, False])
    return frame.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64)).drop("tie", "points")


def _level(points: pl.Expr, starts: list[int]) -> pl.Expr:
    """0-based level: how many of the later starts are reached."""
    return pl.sum_horizontal(
        [(points >= start).cast(pl.Int64) for start in starts[1:]] or [pl.lit(0, pl.Int64)]
    )


def _ranked(frame: pl.DataFrame, keys: list[str], number: str, seed: int, salt: str) -> pl.DataFrame:
    """`frame` with `tie`, the keyed rank among rows that are equal in `keys`; 0 where nothing is tied."""
    tied = frame.filter(pl.struct(keys).is_duplicated()).select(number)
    ranks = tied.with_columns(tie=tie_rank(seed, salt, tied[number]))
    joined = frame.join(ranks.unique(number), on=number, how="left")
    return joined.with_columns(pl.col("tie").fill_null(0))
