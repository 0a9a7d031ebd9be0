"""The resource centre: categories at their edges, who may be handed out, shares per head, quotas, and the archive."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from centre_books import (
    AS_OF,
    NOW,
    Row,
    centre_book,
    coded,
    fact,
    planner,
    policy,
    random_centre,
    scored,
)
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.checks import centre as checks
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.rulebook import Rulebook
from tuogu.core.sheets import Sheet
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.core.tables import VIOLATIONS, Book, Plan, conform
from tuogu.plans.archive import pack, unpack

SHARES = {"maturity": 100, "renewal": 300, "old": 500, "not_yet_due": 50, "other": 50}


def planned(
    book: Book, rules: Rulebook | None = None, as_of: date = AS_OF, pieces: str = "", seed: int = 1
) -> Plan:
    options = {"pieces": pieces}
    plan = make_plan(book, rules or standard_rules(), as_of, seed, 1, strategy="centre", options=options)
    assert plan.certificate.violations == 0
    return plan


def category(row: Row, as_of: date = AS_OF, rules: Rulebook | None = None) -> str | None:
    """The category that one policy makes of its holder."""
    frame = coded(planned(centre_book([row], [planner("M1")]), rules, as_of), "rankings")
    return frame["category"][0] if len(frame) else None


def filled(stock: dict[str, int]) -> list[Row]:
    return [policy(f"{c}{i:04d}", c, 1_000 + i) for c, n in stock.items() for i in range(n)]


def column(plan: Plan, table: str, name: str, key: str = "category") -> dict[str, object]:
    return dict(coded(plan, table).select(key, name).iter_rows())


# --- categories -------------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-03")
@pytest.mark.parametrize(
    ("end", "found", "release"),
    [
        (date(2026, 3, 15), "not_yet_due", None),  # released on 28 February
        (date(2026, 3, 16), "maturity", date(2026, 3, 1)),
        (date(2026, 4, 15), "maturity", date(2026, 3, 31)),
        (date(2026, 4, 16), "not_yet_due", None),  # released on 1 April
    ],
)
def test_a_maturity_resource_is_released_fifteen_days_before(
    end: date, found: str, release: date | None
) -> None:
    rows = coded(planned(centre_book([policy("P", "maturity", end_date=end)], [planner("M1")])), "rankings")
    assert (rows["category"][0], rows["release_date"][0], rows["date"][0]) == (found, release, end)


@pytest.mark.req("S1-03")
def test_the_days_of_notice_are_a_parameter() -> None:
    rules = standard_rules().replace(centre__maturity_lead_days=20)
    assert category(policy("P", "maturity", end_date=date(2026, 3, 20)), rules=rules) == "not_yet_due"
    assert category(policy("P", "maturity", end_date=date(2026, 3, 21)), rules=rules) == "maturity"


@pytest.mark.req("S1-06")
@pytest.mark.parametrize(
    ("as_of", "end", "found"),
    [
        (date(2025, 6, 1), date(2026, 6, 1), "not_yet_due"),  # 365 days: the last day counts
        (date(2025, 6, 1), date(2026, 6, 2), "other"),  # 366 days
        (date(2023, 6, 1), date(2024, 6, 1), "not_yet_due"),  # 366 days, 29 February between
        (date(2023, 6, 1), date(2024, 6, 2), "other"),
        (date(2024, 2, 29), date(2025, 2, 28), "not_yet_due"),  # from 29 February: the month's last day
        (date(2024, 2, 29), date(2025, 3, 1), "other"),
        (date(2023, 2, 28), date(2024, 2, 28), "not_yet_due"),
        (date(2023, 2, 28), date(2024, 2, 29), "other"),
        (date(2025, 6, 1), date(2025, 6, 1), "other"),  # matures today: no longer ahead
    ],
)
def test_the_horizon_is_one_year_to_the_day(as_of: date, end: date, found: str) -> None:
    assert category(policy("P", "not_yet_due", end_date=end), as_of) == found


@pytest.mark.req("S1-06")
def test_the_horizon_is_a_parameter() -> None:
    rules = standard_rules().replace(centre__horizon_months=24)
    assert category(policy("P", "not_yet_due", end_date=date(2028, 3, 2)), rules=rules) == "not_yet_due"
    assert category(policy("P", "not_yet_due", end_date=date(2028, 3, 3)), rules=rules) == "other"


@pytest.mark.req("S1-05")
@pytest.mark.parametrize(
    ("end", "state", "mode", "found"),
    [
        (date(2025, 12, 31), "paid_out", "single", "old"),
        (date(2025, 12, 31), "matured", "single", "old"),
        (date(2026, 1, 1), "paid_out", "single", "other"),  # of this year
        (date(2025, 12, 31), "paid_out", "regular", "other"),
        (date(2025, 12, 31), "surrendered", "single", None),
        (date(2025, 12, 31), "terminated", "single", None),
    ],
)
def test_old_customers_were_paid_before_this_year(
    end: date, state: str, mode: str, found: str | None
) -> None:
    assert category(policy("P", "old", end_date=end, state=state, premium_mode=mode)) == found


@pytest.mark.req("S1-04")
@pytest.mark.parametrize(
    ("inception", "payments", "state", "found"),
    [
        (date(2020, 4, 1), 1, "in_force", "renewal"),
        (date(2020, 4, 30), 1, "in_force", "renewal"),
        (date(2020, 3, 31), 1, "in_force", "other"),
        (date(2020, 5, 1), 1, "in_force", "other"),
        (date(2020, 1, 31), 4, "in_force", "renewal"),  # a quarter later there is no 31st: 30 April
        (date(2020, 4, 10), 1, "lapsed", "other"),
        (date(2006, 4, 10), 1, "in_force", "other"),  # twenty years are paid
        (date(2007, 4, 10), 1, "in_force", "renewal"),  # the last one
    ],
)
def test_renewal_premiums_fall_due_next_month(inception: date, payments: int, state: str, found: str) -> None:
    row = policy("P", "renewal", inception_date=inception, payments_per_year=payments, state=state)
    assert category(row) == found


@pytest.mark.req("S1-01")
def test_pure_protection_pays_nothing_at_its_end() -> None:
    assert category(policy("P", "maturity", protection=True)) == "other"
    assert category(policy("P", "maturity", protection=None)) == "maturity"


@pytest.mark.req("S1-01")
def test_a_customer_with_several_policies_has_the_first_category_of_the_rulebook() -> None:
    rows = [policy(f"P{c}", c, 100 + i, "C1") for i, c in enumerate(SHARES)]
    assert sum(len(planned(centre_book(rows[i:], [planner("M1")])).placements) for i in range(5)) == 5
    for i, name in enumerate(SHARES):
        shown = coded(planned(centre_book(rows[i:], [planner("M1")])), "rankings")
        assert (shown["category"].to_list(), shown["amount_fen"].to_list()) == ([name], [100 + i])
    rules = standard_rules().replace(
        centre__category_order=["old", "maturity", "renewal", "not_yet_due", "other"]
    )
    assert coded(planned(centre_book(rows, [planner("M1")]), rules), "rankings")["category"].to_list() == [
        "old"
    ]


# --- who may be handed out --------------------------------------------------------------------------------------------


@pytest.mark.req("S1-01")
def test_customers_who_are_somebodys_or_difficult_are_left_alone() -> None:
    rows = [policy(f"P{i}", "renewal") for i in range(8)]
    classes: dict[str, Row] = {"P1": {"orphan": False}, "P2": {"nature": "problem"}, "P3": {"nature": "hard"}}
    held = [
        {"number": f"CP{i}", "kind": "customer", "relation": relation, "receiver": who, "times": 1}
        for i, relation, who in (
            (4, "development", "M1"),
            (5, "development", "GONE"),
            (6, "development", "department:D1"),
            (7, "custody", "M1"),
        )
    ]
    book = centre_book(
        rows, [planner("M1"), planner("GONE", left_date=date(2026, 1, 1))], held=held, classes=classes
    )
    plan = planned(book)
    assert plan.placements["number"].to_list() == ["CP0", "CP5", "CP6", "CP7"]
    left = plan.unplaced.select("policy_number", "reason", "custodian").rows()
    assert left == [("CP2", "problem", "buffer"), ("CP3", "hard", "buffer")]
    assert plan.tables["funnel"]["customers"].to_list() == [8, 8, 7, 6, 4]
    widened = planned(book, standard_rules().replace(centre__nobody_by="development"))
    assert widened.placements["number"].to_list() == ["CP0", "CP1", "CP5", "CP6", "CP7"]
    none = planned(book, pieces="0").unplaced.filter(pl.col("reason") == "pool")
    assert none.select("policy_number", "custodian").rows() == [
        ("CP0", "buffer"), ("CP5", "buffer"), ("CP6", "department:D1"), ("CP7", "buffer"),
    ]  # fmt: skip


def test_what_is_missing_is_said() -> None:
    rows = [policy("P1", "renewal")]
    with pytest.raises(StrategyError, match=r"没有在职的保险规划师.*planner.*centre.planner_series"):
        planned(centre_book(rows, [planner("M1", left_date=AS_OF)]))
    with pytest.raises(StrategyError, match="本月分配件数"):
        planned(centre_book(rows, [planner("M1")]), pieces="-3")
    rules = standard_rules().replace(centre__shares_bp={**SHARES, "maturity": 1000})
    with pytest.raises(StrategyError, match=r"centre.shares_bp.*合计须为100%，现为19%"):
        planned(centre_book(rows, [planner("M1")]), rules)


# --- ranking ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-03", "S1-04", "S1-05")
@pytest.mark.parametrize(
    ("kind", "better", "key"),
    [
        ("maturity", {"sum_insured_fen": 200_000}, "amount"),
        ("maturity", {"end_date": date(2026, 3, 18)}, "date"),
        ("renewal", {"inception_date": date(2020, 4, 2)}, "date"),
        ("renewal", {"premium_fen": 200_000}, "amount"),
        ("renewal", {"inception_date": date(2019, 4, 10)}, "inception"),
        ("renewal", {"payment_term_years": 30}, "payment_time"),
        ("old", {"end_date": date(2025, 6, 1)}, "date"),
        ("not_yet_due", {"end_date": date(2026, 8, 1)}, "date"),
        ("other", {"premium_fen": 200_000}, "amount"),
    ],
)
def test_each_key_lifts_its_customer(kind: str, better: Row, key: str) -> None:
    rows = [policy("PA", kind), policy("PB", kind, **better), policy("PC", kind)]
    shown = planned(centre_book(rows, [planner("M1")])).tables["rankings"]
    first, rest = shown.row(0, named=True), shown.tail(2)
    assert first["number"] == "CPB"
    assert first[f"{key}_points"] == standard_rules()[f"centre.rank_points.{kind}"][key]
    assert (rest[f"{key}_points"] < first[f"{key}_points"]).all()
    assert shown["rank"].to_list() == [1, 2, 3]


@pytest.mark.req("S1-03", "S1-05")
def test_completeness_institution_and_repurchase_count() -> None:
    rows = [policy(f"P{i}", "maturity") for i in range(5)] + [policy("P5", "maturity", institution_code="B9")]
    customers: dict[str, Row] = {"CP1": {"phone": None}}
    located: dict[str, Row] = {
        "CP2": {"community_code": None, "status": "manual", "reason": "ambiguous"},
        "CP3": {"community_code": None, "status": "manual", "reason": "no_address"},
        "CP4": {"community_code": None, "status": "manual", "reason": None},
    }
    rules = standard_rules().replace(centre__favoured_institutions=["B9"])
    book = centre_book(rows, [planner("M1")], customers=customers, located=located)
    shown = {row["number"]: row for row in planned(book, rules).tables["rankings"].iter_rows(named=True)}
    assert {n: r["phone_points"] for n, r in shown.items()} == {**dict.fromkeys(shown, 1500), "CP1": 0}
    assert [shown[f"CP{i}"]["address_points"] for i in range(6)] == [1500, 1500, 750, 0, 750, 1500]
    assert [n for n, r in shown.items() if r["institution_points"] == 1000] == ["CP5"]
    assert shown["CP5"]["rank"] == 1
    old = [
        policy("PA", "old"),
        policy("PB", "old"), policy("PB2", "other", 1, "CPB", inception_date=date(2024, 6, 1), state="surrendered"),
        policy("PC", "old"), policy("PC2", "other", 1, "CPC", inception_date=date(2024, 5, 31), state="surrendered"),
    ]  # fmt: skip
    again = column(planned(centre_book(old, [planner("M1")])), "rankings", "bought_again_points", "number")
    assert again == {"CPA": 0, "CPB": 1500, "CPC": 0}


@pytest.mark.req("S1-05")
def test_what_has_been_handed_out_before_comes_later() -> None:
    rows = [policy(f"P{i}", "old") for i in range(3)]
    held = [
        {
            "number": f"CP{i}",
            "kind": "customer",
            "relation": "development",
            "receiver": "buffer",
            "times": times,
        }
        for i, times in ((0, 2), (1, 1))
    ]
    shown = planned(centre_book(rows, [planner("M1")], held=held)).tables["rankings"]
    assert shown.select("number", "times", "circulation_points").rows() == [
        ("CP2", 0, 0), ("CP1", 1, -500), ("CP0", 2, -1000),
    ]  # fmt: skip


# --- shares per head --------------------------------------------------------------------------------------------------


@pytest.mark.req("S1-02", "S1-08", "S1-17")
def test_a_thousand_pieces_for_twenty_people_are_fifty_each() -> None:
    plan = planned(centre_book(filled(SHARES), [planner(f"M{i:02d}") for i in range(20)]))
    assert column(plan, "per_capita", "target") == SHARES
    each = {"maturity": "5", "renewal": "15", "old": "25", "not_yet_due": "2.5", "other": "2.5"}
    assert column(plan, "per_capita", "target_each") == each == column(plan, "per_capita", "available_each")
    grid = plan.tables["grid"]
    assert grid.select("maturity", "renewal", "old", "pieces").unique().rows() == [(5, 15, 25, 50)]
    assert set((grid["not_yet_due"] + grid["other"]).to_list()) == {5}
    assert plan.placements.group_by("receiver").len()["len"].unique().to_list() == [50]
    facts = dict(plan.certificate.feasibility)
    assert facts["人均可分配件数"] == "50.00 件"
    assert (plan.certificate.gap, len(plan.unplaced)) == (0.0, 0)


@pytest.mark.req("S1-02", "S1-08")
def test_shares_are_a_target_and_what_lacks_is_carried_in_the_stated_order() -> None:
    stock = {"maturity": 3, "renewal": 20, "old": 60, "not_yet_due": 7, "other": 10}
    book = centre_book(filled(stock), [planner("M1"), planner("M2")])
    whole = planned(book)
    assert column(whole, "per_capita", "target") == {
        "maturity": 10, "renewal": 30, "old": 50, "not_yet_due": 5, "other": 5,
    }  # fmt: skip
    assert column(whole, "per_capita", "within_target") == {
        "maturity": 3, "renewal": 20, "old": 50, "not_yet_due": 5, "other": 5,
    }  # fmt: skip
    assert column(whole, "per_capita", "available") == stock  # everything is handed out: the pool is empty
    part = planned(book, pieces="40")
    assert column(part, "per_capita", "target") == {
        "maturity": 4, "renewal": 12, "old": 20, "not_yet_due": 2, "other": 2,
    }  # fmt: skip
    assert column(part, "per_capita", "carried") == {
        "maturity": 0, "renewal": 1, "old": 0, "not_yet_due": 0, "other": 0,
    }  # fmt: skip
    order = ["other", "old", "renewal", "not_yet_due", "maturity"]
    last = planned(book, standard_rules().replace(centre__leftover_order=order), pieces="40")
    assert column(last, "per_capita", "carried")["other"] == 1
    pooled = planned(book, standard_rules().replace(centre__leftover_rule="pool"))
    assert column(pooled, "per_capita", "left") == {
        "maturity": 0, "renewal": 0, "old": 10, "not_yet_due": 2, "other": 5,
    }  # fmt: skip
    assert pooled.unplaced["reason"].to_list() == ["pool"] * 17
    ranked = coded(pooled, "rankings").filter(pl.col("category") == "old")
    assert set(ranked["number"].tail(10)) <= set(
        pooled.unplaced["policy_number"]
    )  # the last of the ranking stay


# --- from scores to pieces --------------------------------------------------------------------------------------------

PEOPLE = [planner(f"M{i}") for i in range(1, 5)]


def four() -> Book:
    """1,000 pieces; scores 60, 40, 22 and 60 (M4's resources are withheld this month)."""
    facts = [
        *scored("M1", 6000),
        *scored("M2", 4000),
        fact("M4", "withheld", 1, month=NOW),
        *scored("M4", 6000),
    ]
    return centre_book(filled(SHARES), PEOPLE, facts)


@pytest.mark.req("S1-17")
def test_pieces_follow_the_scores_by_largest_remainder() -> None:
    plan = planned(four())
    # 1000 x 60/122 = 491.80, 40/122 = 327.87, 22/122 = 180.33
    assert column(plan, "quotas", "pieces", "staff_number") == {"M1": 492, "M2": 328, "M3": 180, "M4": 0}
    assert column(plan, "quotas", "note", "staff_number")["M4"] == "停发客户资源"
    assert len(plan.placements) + len(plan.unplaced) == 1_000
    assert plan.unplaced.is_empty()


@pytest.mark.req("S1-17")
def test_pieces_per_head_times_score_leave_the_rest_in_the_pool() -> None:
    plan = planned(four(), standard_rules().replace(centre__quota_by="per_capita"))
    # 1000 / 4 = 250 a head
    assert column(plan, "quotas", "pieces", "staff_number") == {"M1": 150, "M2": 100, "M3": 55, "M4": 0}
    assert plan.unplaced["reason"].to_list() == ["pool"] * 695
    assert column(plan, "grid", "maturity", "staff_number")["M1"] == 15


@pytest.mark.req("S1-17")
def test_a_score_of_zero_gives_no_piece() -> None:
    book = centre_book(filled({"renewal": 9}), [planner("M1"), planner("M2", "见习"), planner("M3", None)],
                       [fact("M2", "extended_probation_months", 2), fact("M2", "attendance", 0)])  # fmt: skip
    plan = planned(book)
    assert column(plan, "quotas", "pieces", "staff_number") == {"M1": 9, "M2": 0, "M3": 0}
    nobody = planned(centre_book(filled({"renewal": 9}), [planner("M3", None)]))
    assert (len(nobody.placements), nobody.unplaced["reason"].to_list()) == (0, ["pool"] * 9)
    assert (nobody.certificate.objective, nobody.certificate.gap) == (0, 0.0)


@pytest.mark.req("S1-17")
def test_equal_scores_get_equal_worth() -> None:
    """400 customers of very different worth for eight people of equal score."""
    rows = [policy(f"P{i:03d}", "old", int(1.02**i * 10_000)) for i in range(400)]
    plan = planned(centre_book(rows, [planner(f"M{i}") for i in range(8)]))
    worth = plan.tables["worth"]
    assert worth["pieces"].unique().to_list() == [50]
    low, high = worth["worth_fen"].min(), worth["worth_fen"].max()
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert high / low < 1.02
    assert (worth["margin_fen"] >= 0).all()
    assert dict(plan.certificate.figures)["wef1_overall"] == 0


def test_each_list_begins_with_the_most_important() -> None:
    plan = planned(random_centre(3, 200, 5))
    points = plan.tables["rankings"].select("number", "points")
    listed = plan.placements.join(points, on="number").sort("receiver", "place")
    for _, part in listed.group_by("receiver"):
        assert part["place"].to_list() == list(range(1, len(part) + 1))
        assert part["points"].is_sorted(descending=True)


# --- the archive, the tables, the second opinion ----------------------------------------------------------------------


@pytest.mark.req("S1-07")
def test_the_month_end_figures_are_reproduced_from_the_archived_book() -> None:
    book = random_centre(5, 150, 5)
    book = replace(book, books=replace(book.books, customers=book.books.customers.with_columns(
        phone=pl.when(pl.int_range(pl.len()) % 3 > 0).then("phone"))))  # fmt: skip
    plan = planned(book)
    stored = pack(plan, book, pl.DataFrame(schema=VIOLATIONS))
    frames = {name: pl.read_parquet(content) for name, content in stored.items()}
    assert set(frames["books.customers"]["phone"].drop_nulls()) == {"*"}
    archived = [unpack(frames, _head(plan), book.books.data_date)[1] for _ in range(2)]
    again = [planned(one) for one in archived]
    assert plan_digest(again[0]) == plan_digest(again[1])
    for name, table in plan.tables.items():
        assert table.equals(again[0].tables[name]), name
    assert plan.placements.equals(again[0].placements)
    assert sum(plan.tables["stock"]["customers"]) == len(plan.tables["rankings"])


def _head(plan: Plan) -> dict[str, object]:
    certificate = {name: getattr(plan.certificate, name) for name in plan.certificate.__dataclass_fields__}
    names = ("as_of", "seed", "effort", "rulebook_version", "book_digest", "strategy", "options")
    return {"certificate": certificate, **{name: getattr(plan, name) for name in names}}


def test_every_table_has_its_sheet() -> None:
    plan = planned(random_centre(2, 60, 3))
    sheets: dict[str, Sheet] = {sheet.name: sheet for sheet in STRATEGIES["centre"].sheets}
    assert plan.tables.keys() == sheets.keys()
    for name, table in plan.tables.items():
        assert conform(table, sheets[name].schema).equals(table)


def swapped(plan: Plan) -> Plan:
    """The richest planner takes the dearest customer of another and gives the cheapest of the same category."""
    amounts = plan.tables["rankings"].select("number", "amount_fen")
    frame = plan.placements.join(amounts, on="number").filter(pl.col("lever") == "resource_other")
    who = frame.group_by("receiver").agg(pl.col("amount_fen").sum()).sort("amount_fen")["receiver"].to_list()
    poor, rich = who[0], who[-1]
    of = {
        name: frame.filter(pl.col("receiver") == name).sort("amount_fen")["number"].to_list()
        for name in (poor, rich)
    }
    n = min(map(len, of.values()))
    moves = dict.fromkeys(of[poor][-n:], rich) | dict.fromkeys(of[rich][:n], poor)
    return replace(plan, placements=plan.placements.with_columns(
        receiver=pl.col("number").replace_strict(moves, default=pl.col("receiver"))))  # fmt: skip


def table_with(plan: Plan, name: str, change: pl.Expr) -> Plan:
    """One cell of a table changed, in its first row."""
    frame, column = plan.tables[name], change.meta.output_name()
    first = pl.int_range(pl.len()) == 0
    changed = frame.with_columns(pl.when(first).then(change).otherwise(pl.col(column)).alias(column))
    return replace(plan, tables={**plan.tables, name: changed})


def placements_with(plan: Plan, change: pl.Expr) -> Plan:
    column = change.meta.output_name()
    first = pl.int_range(pl.len()) == 0
    changed = plan.placements.with_columns(
        pl.when(first).then(change).otherwise(pl.col(column)).alias(column)
    )
    return replace(plan, placements=changed)


@pytest.mark.parametrize(
    ("tamper", "rules"),
    [
        (lambda p: replace(p, placements=p.placements.tail(-1)), {"conservation", "quota"}),
        (lambda p: replace(p, placements=pl.concat([p.placements, p.placements.head(1)])), {"conservation"}),
        (lambda p: placements_with(p, pl.lit("X9").alias("receiver")), {"receiver"}),
        (lambda p: placements_with(p, pl.lit("resource_maturity").alias("lever")), {"category"}),
        (lambda p: replace(p, unplaced=p.unplaced.with_columns(reason=pl.lit("pool"))), {"reason"}),
        (lambda p: table_with(p, "score_cards", pl.lit(1).alias("task_points")), {"score"}),
        (lambda p: table_with(p, "score_cards", (pl.col("score") + 1).alias("score")), {"score"}),
        (lambda p: table_with(p, "per_capita", (pl.col("target") + 1).alias("target")), {"share"}),
        (lambda p: table_with(p, "per_capita", (pl.col("left") + 1).alias("left")), {"share"}),
        (lambda p: table_with(p, "quotas", (pl.col("pieces") + 1).alias("pieces")), {"quota"}),
        (lambda p: table_with(p, "grid", (pl.col("other") + 1).alias("other")), {"grid"}),
        (lambda p: table_with(p, "stock", (pl.col("customers") + 1).alias("customers")), {"stock"}),
        (lambda p: table_with(p, "rankings", (pl.col("points") + 1).alias("points")), {"ranking"}),
        (lambda p: table_with(p, "rankings", (pl.col("amount_fen") + 1).alias("amount_fen")), {"ranking"}),
        (lambda p: replace(p, certificate=replace(p.certificate, lower_bound=p.certificate.objective + 1)), {"bound"}),
        (swapped, {"worth"}),
    ],
)  # fmt: skip
def test_every_planted_breach_is_found(tamper: object, rules: set[str]) -> None:
    book = random_centre(8, 200, 4)
    plan = planned(book)
    assert callable(tamper)
    found = check_plan(tamper(plan), book, standard_rules())
    assert rules <= set(found["rule"]), found


def test_the_second_opinion_shares_no_code_with_the_planner() -> None:
    for path in sorted(Path(checks.__file__).parent.glob("centre*.py")):
        tree = ast.parse(path.read_text())
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [
            name
            for name in modules
            if name.startswith(("tuogu.core.centre", "tuogu.core.plan", "tuogu.core.picking"))
        ]
