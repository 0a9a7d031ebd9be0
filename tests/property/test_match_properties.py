"""Whatever the book: nothing lost or split, everybody qualified, own group first, the bound true, the same bytes.

And the fast path equals the one that deals row by row.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from match_books import AS_OF, Row, agent, fact, holdings, leaver, match_book, orphan, qualified, random_book
from territory_books import make_book, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.match.field import Ints
from tuogu.core.match.transport import Prices, transport
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.reference import match as by_hand
from tuogu.core.rulebook import Rulebook

RULES = standard_rules()
TIGHT = RULES.replace(holding__marketing_orphans_max=7)
OPTIONS = (
    {},
    {"order": "round_robin"},
    {"order": "snake", "groups": "complexity"},
    {"order": "round_robin", "polling": "under_loaded", "groups": "complexity"},
    {"surplus": "own_team"},
)


def sound(seed: int, rules: Rulebook, options: dict[str, str]) -> None:
    book = random_book(seed)
    plan = make_plan(book, rules, AS_OF, seed, 1, strategy="match", options=options)
    assert check_plan(plan, book, rules).is_empty()
    assert plan.certificate.violations == 0
    assert plan.certificate.lower_bound <= plan.certificate.objective
    chosen = (
        plan.candidates.filter(pl.col("verdict") == "chosen")
        .select("policy_number", "staff_number")
        .sort("policy_number")
    )
    assert chosen.rows() == plan.placements.select("number", "receiver").rows()


@pytest.mark.req("S4-07", "S4-09", "S4-12")
@pytest.mark.parametrize("seed", range(8))
def test_any_book_gives_a_sound_plan(seed: int) -> None:
    for rules in (TIGHT, TIGHT.replace(match__cap_counts="before")):
        sound(seed, rules, OPTIONS[seed % len(OPTIONS)])


@pytest.mark.req("S4-07", "S4-09", "S4-12")
@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(100, 600))
def test_a_thousand_books_give_sound_plans(seed: int) -> None:
    options = OPTIONS[seed % len(OPTIONS)]
    sound(seed, RULES if seed % 3 == 0 else TIGHT, options)
    sound(seed, TIGHT.replace(match__cap_counts="before", match__other_quota=3), options)


def same_as_by_hand(seed: int, order: str) -> None:
    book = random_book(seed, policies=30)
    plan = make_plan(
        book, TIGHT, AS_OF, seed, 1, strategy="match", options={"order": order, "surplus": "own_team"}
    )
    people = by_hand.by_productivity(by_hand.hands(book, TIGHT, AS_OF), book, AS_OF, seed)
    customers = by_hand.holders(book, TIGHT, AS_OF, seed)
    wanted = by_hand.deal(customers, people, order)
    got = dict(plan.placements.select("holder_number", "receiver").unique().iter_rows())
    assert got == {holder: receiver for holder, receiver in wanted.items() if receiver is not None}
    listed = plan.tables["eligibility"].filter("eligible")["staff_number"].to_list()
    assert listed == sorted(hand.staff_number for hand in people)


@pytest.mark.req("S4-06", "S4-08", "S4-13")
@pytest.mark.parametrize("seed", range(30, 36))
def test_named_receivers_and_own_group_equal_dealing_by_hand(seed: int) -> None:
    same_as_by_hand(seed, ("block", "round_robin", "snake")[seed % 3])


@pytest.mark.req("S4-06", "S4-08", "S4-13")
@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_a_thousand_books_equal_dealing_by_hand(seed: int) -> None:
    same_as_by_hand(seed, ("block", "round_robin", "snake")[seed % 3])


def tiny(seed: int) -> tuple[int, int, int]:
    """(value, bound, true minimum) of up to five customers and three agents in three groups, two of them near."""
    draw = np.random.default_rng(seed)
    cap = int(draw.integers(2, 6))
    rules = RULES.replace(holding__marketing_orphans_max=cap)
    seats = [f"T{1 + draw.integers(3)}" for _ in range(int(draw.integers(1, 4)))]
    people = [
        agent(f"A{i}", team, institution_code="D2" if team == "T3" else "D1") for i, team in enumerate(seats)
    ]
    people += [leaver(f"X{t}", f"T{t}") for t in (1, 2, 3)] + [leaver("X0", "T1")]
    rows: list[Row] = []
    held: list[Row] = []
    spare = []
    for i in range(len(seats)):
        count = int(draw.integers(0, cap))
        more, custody = holdings(f"A{i}", count)
        rows, held, spare = rows + more, held + custody, [*spare, cap - count]
    pieces, origin = [], []
    for c in range(int(draw.integers(1, 6))):
        team = 1 + int(draw.integers(3))
        pieces.append(int(draw.integers(1, 4)))
        origin.append(f"T{team}")
        rows += [
            orphan(f"P{c}{k}", f"X{team}", f"C{c}", type=str(draw.choice(["combination", "pure"])))
            for k in range(pieces[c])
        ]
    book = match_book(people, rows, qualified(*(f"A{i}" for i in range(len(seats)))), held)
    plan = make_plan(book, rules, AS_OF, seed, 1, strategy="match")
    prices = Prices.of(rules)
    unit = {"T1": "D1", "T2": "D1", "T3": "D2"}
    table = [
        [0 if a == o else prices.near if unit[a] == unit[o] else prices.elsewhere for a in seats]
        for o in origin
    ]
    best = by_hand.cheapest(pieces, table, spare, prices.unplaced)
    return plan.certificate.objective, plan.certificate.lower_bound, best


@pytest.mark.req("S4-12")
@pytest.mark.parametrize("seed", range(20))
def test_the_bound_is_below_the_true_minimum_of_tiny_cases(seed: int) -> None:
    value, bound, best = tiny(seed)
    assert bound <= best <= value


@pytest.mark.req("S4-12")
@pytest.mark.exhaustive
def test_the_bound_holds_and_is_mostly_met_on_a_thousand_tiny_cases() -> None:
    found = [tiny(seed) for seed in range(20, 1_020)]
    assert all(bound <= best <= value for value, bound, best in found)
    assert sum(value == best for value, _, best in found) > 800


def plain_cost(stock: Ints, room: Ints, near: Ints, prices: Prices) -> int:
    """The own, near, elsewhere, nobody cascade for one level: exact because a nearer tier never costs more."""
    stock, room = stock.copy(), room.copy()
    cost = 0
    own = np.minimum(stock, room)
    stock, room = stock - own, room - own
    for unit in {int(n) for n in near if n >= 0}:
        inside = near == unit
        moved = min(int(stock[inside].sum()), int(room[inside].sum()))
        cost += moved * prices.near
        for part in (stock, room):
            left = moved
            for i in np.flatnonzero(inside):
                step = min(left, int(part[i]))
                part[i] -= step
                left -= step
    moved = min(int(stock.sum()), int(room.sum()))
    return cost + moved * prices.elsewhere + (int(stock.sum()) - moved) * prices.unplaced


@pytest.mark.req("S4-12")
@pytest.mark.parametrize("seed", range(50))
def test_the_flow_through_hubs_costs_what_the_cascade_of_tiers_costs(seed: int) -> None:
    draw = np.random.default_rng(seed)
    groups = int(draw.integers(1, 9))
    stock, room = draw.integers(0, 12, (groups, 1)), draw.integers(0, 12, (groups, 1))
    near = draw.integers(-1, 3, groups)
    prices = Prices(1_000, 10_000, 1_000_000, 100)
    flow = transport(stock, room, near, prices, own=True, reach=True)
    assert flow.cost == plain_cost(stock[:, 0], room[:, 0], near, prices)


@pytest.mark.req("S4-12", "S4-13")
@pytest.mark.parametrize("seed", range(4))
def test_order_of_rows_never_matters(seed: int) -> None:
    book = random_book(seed)
    mixed = shuffled(book, seed + 1)
    mixed = type(book)(**{**mixed.__dict__, "facts": book.facts, "held": book.held.reverse()})
    plans = [
        make_plan(b, TIGHT, AS_OF, seed, 1, strategy="match", options={"order": "snake"})
        for b in (book, mixed)
    ]
    assert plan_digest(plans[0]) == plan_digest(plans[1])


@pytest.mark.req("S4-13")
def test_ties_follow_the_seed_and_not_the_staff_number() -> None:
    """Two agents of equal productivity, one customer: over seeds each gets it about as often."""
    book = match_book(
        [agent("A"), agent("B"), leaver("X1")], [orphan("P1")],
        [fact(n, k, 1) for n in "AB" for k in ("effective_recruits", "productivity")],
    )  # fmt: skip
    got = [
        make_plan(book, RULES, AS_OF, seed, 1, strategy="match").placements["receiver"].item()
        for seed in range(40)
    ]
    assert 8 <= got.count("A") <= 32


@pytest.mark.req("S4-11")
@pytest.mark.parametrize("coordinates", [True, False])
def test_collectors_live_much_nearer_than_chance_would_have_it(coordinates: bool) -> None:
    book = make_book(40, 12, 2_400, seed=3, coordinates=coordinates)
    plan = make_plan(book, RULES, AS_OF, 1, 1, strategy="match", options={"to": "collection"})
    assert plan.certificate.violations == 0
    assert plan.certificate.lower_bound <= plan.certificate.objective
    assert plan.certificate.gap < 0.005
    figures = dict(plan.certificate.figures)
    assert figures["mean_distance_m"] < 0.8 * figures["random_distance_m"]
    mixed = make_plan(shuffled(book, 9), RULES, AS_OF, 1, 1, strategy="match", options={"to": "collection"})
    assert plan_digest(mixed) == plan_digest(plan)


@pytest.mark.req("S4-12")
@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("receiver", {"P1": "N"}),
        ("split_customer", {"P1": "B"}),
        ("own_group", {"P1": "B", "P2": "B"}),
        ("conservation", {"P1": None}),
    ],
)  # fmt: skip
def test_the_checker_finds_what_is_wrong(rule: str, damage: dict[str, str | None]) -> None:
    people = [agent("A", "T1"), agent("B", "T2"), agent("N", "T1"), leaver("X1")]
    book = match_book(people, [orphan("P1", holder="C1"), orphan("P2", holder="C1")], qualified("A", "B"))
    plan = make_plan(book, RULES, AS_OF, 1, 1, strategy="match")
    assert plan.placements["receiver"].to_list() == ["A", "A"]
    rows = [row for row in plan.placements.to_dicts() if damage.get(row["number"], "") is not None]
    for row in rows:
        if row["number"] in damage:
            row |= {"receiver": damage[row["number"]], "lever": "near_team"}
    placements = pl.DataFrame(rows, schema=plan.placements.schema)
    spoilt = type(plan)(**{**plan.__dict__, "placements": placements})
    assert rule in set(check_plan(spoilt, book, RULES)["rule"])
