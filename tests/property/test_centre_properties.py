"""What holds for every resource centre's plan, on random books; and the fast path against its slow twin."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centre_books import AS_OF, coded, mixed, random_centre
from territory_books import standard_rules
from tuogu.core.centre.certificate import rounding_error
from tuogu.core.check import check_plan
from tuogu.core.picking import picks
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.reference import centre as slow
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

CATEGORIES = ("maturity", "renewal", "old", "not_yet_due", "other")


def planned(book: Book, rules: Rulebook | None = None, seed: int = 1, pieces: str = "") -> Plan:
    return make_plan(
        book, rules or standard_rules(), AS_OF, seed, 1, strategy="centre", options={"pieces": pieces}
    )


def drawn_rules(seed: int) -> Rulebook:
    """The standard rules with the switches thrown at random."""
    draw = np.random.default_rng(seed)
    order = [str(c) for c in draw.permutation(CATEGORIES)]
    shares = {
        "maturity": 1000,
        "renewal": 3000,
        "old": 5000,
        "not_yet_due": 433,
        "other": 567,
    }  # no two alike: no ties
    return standard_rules().replace(
        centre__quota_by=str(draw.choice(["share", "per_capita"])),
        centre__leftover_rule=str(draw.choice(["carried", "pool"])),
        centre__nobody_by=str(draw.choice(["orphan", "development"])),
        centre__leftover_order=order,
        centre__shares_bp=shares,
        centre__category_order=[str(c) for c in draw.permutation(CATEGORIES[:-1])] + ["other"],
    )


def agree(seed: int) -> None:
    """One random book: sound, conserved, monotone, and as the twin says."""
    book, rules = random_centre(seed, 10 + seed % 50, 1 + seed % 7), drawn_rules(seed)
    wanted = "" if seed % 3 else str(seed % 40)
    plan = planned(book, rules, seed, wanted)
    assert check_plan(plan, book, rules).is_empty(), seed

    true = slow.resources(book, AS_OF, rules)
    lever = {
        n: lv.removeprefix("resource_") for n, lv in plan.placements.select("number", "lever").iter_rows()
    }
    reasons = dict(plan.unplaced.select("policy_number", "reason").iter_rows())
    assert lever.keys() | reasons.keys() == true.keys()
    assert all(true[n]["category"] == c and true[n]["barred"] is None for n, c in lever.items())
    assert all((true[n]["barred"] or "pool") == reason for n, reason in reasons.items())

    stock = Counter(row["category"] for row in true.values() if row["barred"] is None)
    free = slow.available(stock, int(wanted) if wanted else None, rules)
    shown = dict(coded(plan, "per_capita").select("category", "available").iter_rows())
    weights = dict(plan.tables["quotas"].select("staff_number", "weight").iter_rows())
    pieces = dict(plan.tables["quotas"].select("staff_number", "pieces").iter_rows())
    assert shown == free
    assert sum(pieces.values()) == len(plan.placements) <= sum(free.values())
    if rules["centre.quota_by"] == "share" and any(weights.values()):
        assert sum(pieces.values()) == sum(free.values())
        if len(set(weights.values())) == len(weights):  # nobody tied
            assert pieces == slow.hamilton(sum(free.values()), weights)
    assert all(pieces[a] <= pieces[b] for a, b in product(weights, repeat=2) if weights[a] < weights[b])
    _same_picks(plan, weights)


def _same_picks(plan: Plan, weights: dict[str, int]) -> None:
    """Within a category the receivers come in the twin's order, wherever no turns coincide."""
    ranked = coded(plan, "rankings").join(plan.placements.select("number", "receiver"), on="number")
    for category in CATEGORIES:
        part = ranked.filter(pl.col("category") == category).sort(
            "amount_fen", "rank", descending=[True, False]
        )
        counts = Counter(part["receiver"].to_list())
        used = [Fraction(k, weights[name]) for name, count in counts.items() for k in range(count)]
        expected = slow.sequence(counts, weights, dict.fromkeys(counts, 0))
        signposts = []
        seen: Counter[str] = Counter()
        for name in part["receiver"]:
            signposts.append(Fraction(seen[name], weights[name]))
            seen[name] += 1
        assert signposts == sorted(used)
        if len(set(used)) == len(used):
            assert part["receiver"].to_list() == expected


@pytest.mark.req("S1-01", "S1-08", "S1-17")
@pytest.mark.parametrize("start", range(0, 60, 20))
def test_random_books_agree_with_the_twin(start: int) -> None:
    for seed in range(start, start + 20):
        agree(seed)


@pytest.mark.exhaustive
@pytest.mark.parametrize("start", range(1_000, 2_000, 100))
def test_a_thousand_random_books_agree_with_the_twin(start: int) -> None:
    for seed in range(start, start + 100):
        agree(seed)


@pytest.mark.req("S1-04", "S1-07")
def test_the_order_of_the_input_is_irrelevant_and_the_seed_is_not() -> None:
    book = random_centre(7, 120, 6, equal=True)
    plan = planned(book)
    assert plan_digest(plan) == plan_digest(planned(mixed(book, 3)))
    assert plan_digest(plan) == plan_digest(planned(book))
    assert not plan.placements.equals(planned(book, seed=2).placements)


names = st.text("abcdef", min_size=1, max_size=3)


@given(
    st.dictionaries(names, st.tuples(st.integers(0, 9), st.integers(1, 12)), max_size=6), st.integers(-9, 9)
)
@settings(max_examples=150, deadline=None)
def test_picks_are_the_twins_and_nobody_envies_by_more_than_rounding(
    drawn: dict[str, tuple[int, int]], seed: int
) -> None:
    counts, weights = ({name: pair[i] for name, pair in drawn.items()} for i in (0, 1))
    standing = {name: place for place, name in enumerate(sorted(drawn), 1)}
    order = picks(counts, weights, seed, standing)
    taking = {name: count for name, count in counts.items() if count}
    assert order == slow.sequence(taking, weights, standing)
    assert Counter(order) == taking
    assert order == picks(
        dict(reversed(counts.items())), {n: 7 * w for n, w in weights.items()}, seed, standing
    )


@given(
    st.lists(st.integers(1, 60), min_size=2, max_size=6),
    st.lists(st.integers(0, 99), min_size=1, max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_the_free_picking_sequence_is_envy_free_up_to_one_piece(weights: list[int], worth: list[int]) -> None:
    """Without quotas: everybody may go on picking, so the sequence is cut after as many picks as there are pieces."""
    named = {f"M{i}": weight for i, weight in enumerate(weights)}
    order = picks(dict.fromkeys(named, len(worth)), named, 1)[: len(worth)]
    values = sorted(worth, reverse=True)
    got = {name: [v for v, who in zip(values, order, strict=True) if who == name] for name in named}
    assert min(slow.envy(got, named).values()) >= 0


@pytest.mark.req("S1-17")
@pytest.mark.parametrize("seed", range(12))
def test_the_margins_shown_are_those_of_every_pair(seed: int) -> None:
    plan = planned(random_centre(seed, 80, 5))
    amounts = dict(plan.tables["rankings"].select("number", "amount_fen").iter_rows())
    shown = {row["staff_number"]: row for row in plan.tables["worth"].iter_rows(named=True)}
    weights = {name: row["score"] for name, row in shown.items() if row["score"]}
    got: dict[str, list[int]] = {name: [] for name in weights}
    for number, receiver in plan.placements.select("number", "receiver").iter_rows():
        got[receiver].append(amounts[number])
    margins = slow.envy(got, weights)
    assert {name: shown[name]["margin_fen"] for name in margins} == {
        n: m.__floor__() for n, m in margins.items()
    }
    assert all(shown[name]["worth_fen"] == sum(got[name]) for name in got)
    assert dict(plan.certificate.figures)["wef1_violations"] == 0


@pytest.mark.req("S1-17", "N-02")
@pytest.mark.parametrize("seed", range(40))
def test_the_bound_is_the_best_table_found_by_trying_all(seed: int) -> None:
    draw = np.random.default_rng(seed)
    people, kinds = int(draw.integers(1, 4)), int(draw.integers(1, 4))
    rows = draw.integers(1, 7, people)
    columns = draw.multinomial(rows.sum(), np.ones(kinds) / kinds)
    exact = [[Fraction(int(r * c), int(rows.sum())) for c in columns] for r in rows]
    best, worst = None, None
    for up in product((0, 1), repeat=people * kinds):
        table = [[exact[i][j].__floor__() + up[i * kinds + j] for j in range(kinds)] for i in range(people)]
        if any(table[i][j] - exact[i][j] >= 1 for i in range(people) for j in range(kinds)):
            continue
        if [sum(row) for row in table] != rows.tolist() or [
            sum(c) for c in zip(*table, strict=True)
        ] != columns.tolist():
            continue
        cells = {(f"M{i}", f"c{j}"): table[i][j] for i in range(people) for j in range(kinds)}
        value, bound = rounding_error(cells)
        off = sum(abs(table[i][j] - exact[i][j]) for i in range(people) for j in range(kinds))
        assert value == (off * 1_000_000).__floor__()
        best = min(value, value if best is None else best)
        worst = bound if worst is None else max(worst, bound)
    assert best is not None
    assert worst is not None
    assert worst == best  # the bound of the best table closes the gap, and that of no table is too high


@pytest.mark.req("S1-05")
def test_each_release_lowers_an_old_customer() -> None:
    """The circulation count rises by one at each release; the points fall by the rulebook's weight."""
    book = random_centre(11, 150, 4)
    before = coded(planned(book), "rankings").filter(pl.col("category") == "old")
    again = replace(book, held=book.held.with_columns(times=pl.col("times") + 1))
    after = coded(planned(again), "rankings").filter(pl.col("category") == "old")
    both = before.join(after, on="number", suffix="_after")
    circulated = both.filter(pl.col("times") > 0)
    assert len(circulated) > 3
    assert ((circulated["points"] - circulated["points_after"]) == 500).all()
    rest = both.filter(pl.col("times") == 0)
    assert (rest["points"] == rest["points_after"]).all()
