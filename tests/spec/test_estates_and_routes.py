"""Estates with many and few orphan customers, service radius of sites, and the order of a day's visits."""

from __future__ import annotations

import random
from datetime import time
from itertools import permutations

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu.core import day_route, estates
from tuogu.core.rulebook import Rulebook

RULES = standard_rules()

# 小区的客户数 → 做法（30位起进入开拓）；半径3000米
ESTATES = """
小区 | 客户 | 件数 | 做法
欣欣 | 30   | 30   | community_work
欣欣 | 29   | 29   | publicity
欣欣 | 29   | 60   | publicity
-    | 30   | 30   | community_work
"""

RADIUS = """
距离   | 判断
2999   | within
3000   | within
3000.4 | within
3001   | beyond
-      | no_coordinates
"""

# 起点0，9:00出发，每分钟200米，每次40分钟，提前5分钟到。站=位置千米@约定
ROUTES = """
各站                     | 次序  | 米    | 迟到
a=1 b=2 c=3              | a b c | 3000  | 0
c=1 a=3 b=2              | c b a | 3000  | 0
a=1 b=-2                 | a b   | 4000  | 0
a=1 b=-2@9:30            | b a   | 5000  | 0
a=1 b=2@9:54             | b a   | 3000  | 0
a=1 b=2@9:55             | a b   | 2000  | 0
a=0.1@9:06               | a     | 100   | 0
a=0.1@9:05               | a     | 100   | 1
a=2@9:15 b=-2@9:15       | a b   | 6000  | 65
a=2@9:15 b=4@10:10       | a b   | 4000  | 0
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def placed(estate: str | None, customers: int, policies: int, x_m: float | None = 0.0) -> pl.DataFrame:
    rows = [
        (f"P{n}", f"K{n % customers}", "330203001001", estate, x_m, None if x_m is None else 0.0)
        for n in range(policies)
    ]
    return pl.DataFrame(rows, schema=estates.PLACED, orient="row")


@pytest.mark.req("S4-32")
@pytest.mark.parametrize(("name", "customers", "policies", "work"), table(ESTATES))
def test_many_customers_call_for_work_in_the_estate_few_for_publicity(
    name: str, customers: str, policies: str, work: str
) -> None:
    found = estates.estates(placed(None if name == "-" else name, int(customers), int(policies)), RULES)
    assert found.select("estate", "customers", "policies", "work").rows() == [
        ("" if name == "-" else name, int(customers), int(policies), work)
    ]


@pytest.mark.req("S4-32")
@pytest.mark.parametrize(("metres", "standing"), table(RADIUS))
def test_a_site_reaches_as_far_as_its_radius(metres: str, standing: str) -> None:
    x_m = None if metres == "-" else float(metres)
    places = estates.estates(placed("欣欣", 3, 3, x_m), RULES)
    sites = pl.DataFrame([("远", -900.0, 0.0), ("近", 0.0, 0.0)], schema=estates.SITES, orient="row")
    covered = estates.coverage(places, sites, RULES)
    assert covered["standing"].item() == standing
    assert covered["site"].item() == (None if standing == "no_coordinates" else "近")
    summary = estates.coverage_summary(covered)
    assert summary.filter(pl.col("standing") == standing).row(0)[1:] == (1, 3, 10_000)
    assert summary["customers"].sum() == 3
    nowhere = pl.DataFrame([("无", None, None)], schema=estates.SITES, orient="row")
    without = estates.coverage(places, nowhere, RULES)["standing"].item()
    assert without == ("no_coordinates" if standing == "no_coordinates" else "no_site")


def stops(cell: str) -> pl.DataFrame:
    rows = []
    for word in cell.split():
        key, _, rest = word.partition("=")
        where, _, when = rest.partition("@")
        rows.append((key, float(where) * 1000, 0.0, minutes(when) if when else None))
    return pl.DataFrame(rows, schema=day_route.STOPS, orient="row")


def minutes(clock: str) -> int:
    at = time.fromisoformat(clock.zfill(5))
    return at.hour * 60 + at.minute


def route(frame: pl.DataFrame, rules: Rulebook = RULES) -> day_route.Route:
    return day_route.day_route(frame, (0.0, 0.0), 9 * 60, rules)


@pytest.mark.req("S1-25")
@pytest.mark.parametrize(("cell", "order", "metres", "late"), table(ROUTES))
def test_the_shortest_order_that_keeps_the_appointments(
    cell: str, order: str, metres: str, late: str
) -> None:
    found = route(stops(cell))
    assert found.legs["key"].to_list() == order.split()
    assert (found.metres, found.late, found.exact) == (int(metres), int(late), True)
    assert found.legs["metres"].sum() == found.metres == found.bound_m
    assert found.legs["late"].sum() == found.late


@pytest.mark.req("S1-25")
def test_a_stop_without_coordinates_is_named_and_the_way_back_may_count() -> None:
    frame = pl.concat(
        [stops("a=1 b=2"), pl.DataFrame([("z", None, None, 600)], schema=day_route.STOPS, orient="row")]
    )
    found = route(frame)
    assert found.unplaced == ("z",)
    assert found.legs["key"].to_list() == ["a", "b"]
    assert route(frame, RULES.replace(day_route__returns=True)).metres == 4000
    nothing = route(frame.filter(pl.col("key") == "z"))
    assert (nothing.metres, nothing.legs.height) == (0, 0)


@pytest.mark.req("S1-25")
@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_all_is_better_than_the_exact_one_and_the_bound_holds(seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        (f"s{n}", chance.uniform(-5000, 5000), chance.uniform(-5000, 5000),
         chance.choice([None, None, chance.randrange(560, 900)]))
        for n in range(6)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=day_route.STOPS, orient="row")
    exact = route(frame)
    best = min(walked(order) for order in permutations(rows))
    assert (exact.late, exact.metres) == best
    rough = route(frame, RULES.replace(day_route__exact_stops=1))
    assert not rough.exact
    assert (rough.late, rough.metres) >= best
    assert rough.bound_m <= exact.metres
    assert rough.metres >= rough.bound_m


def walked(order: tuple[tuple[str, float, float, int | None], ...]) -> tuple[int, int]:
    """Minutes late and metres of an order, walked step by step."""
    x, y, now, late, metres = 0.0, 0.0, 9 * 60, 0, 0
    for _key, to_x, to_y, due in order:
        way = round(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5)
        metres, now, x, y = metres + way, now + -(-way // 200), to_x, to_y
        if due is not None:
            late += max(0, now - (due - 5))
            now = max(now, due)
        now += 40
    return late, metres


@pytest.mark.req("S1-25")
def test_a_long_day_is_ordered_well_and_keeps_its_appointments() -> None:
    chance = random.Random(1)
    rows = [(f"s{n:02}", chance.uniform(0, 4000), chance.uniform(0, 4000), None) for n in range(14)]
    rows[3] = (*rows[3][:3], 12 * 60)
    found = route(pl.DataFrame(rows, schema=day_route.STOPS, orient="row"))
    assert (found.exact, found.late, found.legs.height) == (False, 0, 14)
    assert found.bound_m <= found.metres <= 2 * found.bound_m
