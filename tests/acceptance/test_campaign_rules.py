"""The rules of the repurchase campaign through `make_plan`: screening, owned customers, evaluation at its boundaries,
the lot, redistribution, best people.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256

import polars as pl
import pytest

from campaign_books import (
    AS_OF,
    CITY,
    COUNTY,
    Department,
    Person,
    branch,
    buys_again,
    hold,
    released,
    shuffled,
)
from territory_books import fill, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import LOCATED, LOT_ORDER, Book, Plan

JUNE, SEPTEMBER = date(2012, 6, 30), date(2012, 9, 30)
SEED_HEX = "00112233445566778899aabbccddeeff"
LOT = {"draw_id": "2012-Q2", "seed_hex": SEED_HEX}
TWO = (Department("D1", premium=60, people={"A1": 900}), Department("D2", premium=40))


def plan(book: Book, strategy: str, as_of: date = AS_OF, earlier: Plan | None = None, **options: str) -> Plan:
    """A plan by the shipped rules, and the checker's word that it is sound."""
    rules = standard_rules()
    made = make_plan(book, rules, as_of, 1, 1, strategy=strategy, options=options, earlier=earlier)
    found = check_plan(made, book, rules)
    assert found.is_empty(), found.rows()
    return made


def holders(made: Plan) -> dict[str, str]:
    return dict(made.placements.select("number", "receiver").iter_rows())


def reasons(made: Plan) -> dict[str, str]:
    return dict(made.unplaced.select("policy_number", "reason").iter_rows())


# --- screening (S2-01, A-41) ----------------------------------------------------------------------

RIDER = {"kind": "rider", "main_policy_number": "PX-1", "protection": True}


@pytest.mark.req("S2-01", "S2-03")
def test_only_singletons_without_protection_are_screened() -> None:
    people = [
        Person("none", policies=()),
        Person("one"),
        Person("two", policies=({}, {})),
        Person("ended", policies=({"state": "surrendered"},)),
        Person("matured", policies=({"state": "matured"},)),
        Person("one-and-ended", policies=({}, {"state": "paid_out"})),
        Person("protection", policies=({"protection": True, "product_type": "health"},)),
        Person("unknown", policies=({"protection": None},)),
        Person("with-rider", policies=({}, RIDER)),
        Person("insured", policies=({"holder_number": "one-other", "insured_number": "insured"},)),
        Person("one-other", policies=()),
        Person("in-post", agent="A1"),
        Person("moved", agent="A1", policies=({"source": "integrated"},)),
        Person("left", agent="L1"),
    ]
    made = plan(branch(people, TWO, leavers=["L1"]), "campaign")
    assert holders(made)["in-post"] == "A1"
    orphans = {n for n, r in holders(made).items() if r.startswith("department:")}
    assert orphans == {"one", "ended", "matured", "with-rider", "one-other", "moved", "left"}
    assert made.unplaced.is_empty()
    assert made.tables["funnel"]["customers"].to_list() == [12, 12, 10, 8, 8, 1, 7]


@pytest.mark.req("S2-01")
def test_numbers_of_one_document_are_one_customer() -> None:
    people = [
        Person("C1", id_number="330203198001011234"),
        Person("C2", id_number="330203198001011234"),
        Person("C3", id_number="330203198001015678"),
        Person("C4", id_number="330203198001015678", policies=()),
    ]
    made = plan(branch(people, TWO), "campaign")
    assert set(holders(made)) == {"C3"}
    assert made.tables["duplicates"].rows() == [("C1", "C1"), ("C1", "C2"), ("C3", "C3"), ("C3", "C4")]


@pytest.mark.req("S2-01")
def test_the_check_still_holds_when_documents_are_gone() -> None:
    """An archived book holds no documents; the checker then takes the filed list of duplicates."""
    book = branch(
        [Person("C1", id_number="X1"), Person("C2", id_number="X1"), Person("C3", id_number="X3")], TWO
    )
    made = plan(book, "campaign")
    bare = book.books.customers.with_columns(id_number=pl.lit(None, pl.String))
    archived = replace(book, books=replace(book.books, customers=bare))
    assert check_plan(made, archived, standard_rules()).is_empty()


# --- areas (S2-02, S2-04) --------------------------------------------------------------------------


@pytest.mark.req("S2-02", "S2-04")
@pytest.mark.parametrize(
    ("code", "area"), [("330201", "市区"), ("330220", "市区"), ("330221", "县区"), ("330281", "县区")]
)
def test_the_third_pair_of_the_code_says_city_or_county(code: str, area: str) -> None:
    departments = (Department("D1", CITY[:6], 50), Department("D2", COUNTY[:6], 50))
    made = plan(branch([Person("C1", lives=f"{code}001001")], departments), "campaign")
    assert made.tables["split"]["area"].to_list() == [area]
    assert holders(made) == {"C1": "department:D1" if area == "市区" else "department:D2"}


@pytest.mark.req("S2-04")
def test_without_a_coded_address_the_managing_institution_says_the_area() -> None:
    people = [
        Person("C1", lives=None, policies=({"institution_code": "D2"},)),
        Person("C2", lives=None, policies=({"institution_code": "B"},)),
    ]
    made = plan(
        branch(people, (Department("D1", CITY[:6], 50), Department("D2", COUNTY[:6], 50))), "campaign"
    )
    assert holders(made) == {"C1": "department:D2"}
    assert reasons(made) == {"C2": "no_region"}


@pytest.mark.req("S2-04")
def test_an_area_without_a_department_keeps_its_records_listed() -> None:
    made = plan(branch([Person("C1"), Person("C2", lives=COUNTY)], TWO), "campaign")
    assert set(holders(made)) == {"C1"}
    assert reasons(made) == {"C2": "no_department"}


@pytest.mark.req("S2-07", "S2-09")
def test_a_customer_whom_somebody_develops_is_not_taken_again() -> None:
    book = hold(
        branch([Person("C1"), Person("C2", agent="A1"), Person("C3")], TWO),
        {"C1": "department:D2", "C2": "A1"},
        AS_OF,
    )
    made = plan(book, "campaign")
    assert set(holders(made)) == {"C3"}
    assert reasons(made) == {"C1": "already_held", "C2": "already_held"}
    assert dict(made.unplaced.select("policy_number", "custodian").iter_rows()) == {
        "C1": "department:D2",
        "C2": "A1",
    }


# --- premium and its lack (S2-05) ------------------------------------------------------------------


@pytest.mark.req("S2-05")
def test_without_filed_premium_the_book_says_it_and_the_certificate_says_so() -> None:
    sold = [
        Person("S1", agent="A1", premium_fen=300_000, policies=({"inception_date": date(2011, 3, 1)},)),
        Person("S2", agent="A2", premium_fen=100_000, policies=({"inception_date": date(2011, 12, 31)},)),
        Person("S3", agent="A2", premium_fen=900_000, policies=({"inception_date": date(2012, 1, 1)},)),
    ]
    departments = (Department("D1", people={"A1": None}), Department("D2", people={"A2": None}))
    made = plan(branch([*sold, *(Person(f"C{i}") for i in range(8))], departments), "campaign")
    assert dict(made.tables["shares"].select("department", "quota").iter_rows()) == {
        "department:D1": 6,
        "department:D2": 2,
    }
    assert dict(made.certificate.feasibility)["保费来源"].startswith("未上报部门保费")
    other = plan(branch([*sold, Person("C0")], departments), "campaign", premium_year="2012")
    assert dict(other.tables["shares"].select("department", "quota").iter_rows()) == {"department:D2": 1}


@pytest.mark.req("S2-04")
def test_what_says_the_area_of_a_department_is_named() -> None:
    """In order: the rulebook, its region, its customers, its people's homes, the city that it belongs to."""
    departments = (
        Department("D1", COUNTY[:6], 1),
        Department("D2", COUNTY[:6], 1),
        Department("D3", None, 1, {"A3": None}),
        Department("D4", None, 1, {"A4": None}),
        Department("D5", None, 1),
    )
    book = branch(
        [Person("C3", lives=COUNTY, agent="A3"), *(Person(f"C{i}") for i in range(4, 9))], departments
    )
    home = [{"key": "A4", "community_code": COUNTY, "status": "coded"}]
    book = replace(book, homes=fill(home, LOCATED))
    rules = standard_rules().replace(campaign__department_areas={"D1": "city"})
    made = make_plan(book, rules, AS_OF, 1, 1, strategy="campaign")
    said = {
        r["department"][-2:]: (r["area"], r["area_said_by"])
        for r in made.tables["shares"].iter_rows(named=True)
    }
    assert said == {
        "D1": ("市区", "制度指定"),
        "D2": ("县区", "机构区划"),
        "D3": ("县区", "多数客户住址"),
        "D4": ("县区", "多数人员住址"),
        "D5": ("市区", "直属市级机构"),
    }
    assert check_plan(made, book, rules).is_empty()


@pytest.mark.req("S2-05")
def test_missing_premium_and_unknown_area_are_refused_in_words() -> None:
    with pytest.raises(StrategyError, match="没有任何部门 2011 年的保费"):
        plan(branch([Person("C1")], (Department("D1"),)), "campaign")
    nowhere = branch([Person("C1")], (Department("D9", region=None, premium=1),))
    bare = nowhere.books.institutions.with_columns(region_code=pl.lit(None, pl.String))
    nowhere = replace(nowhere, books=replace(nowhere.books, institutions=bare))
    with pytest.raises(StrategyError, match="部门 D9 属市区还是县区无从判断"):
        plan(nowhere, "campaign")
    with pytest.raises(StrategyError, match="保费年度"):
        plan(branch([Person("C1")], TWO), "campaign", premium_year="去年")


# --- evaluation (S2-10, S2-11) and the lot (N-05) --------------------------------------------------


@cache
def ten_thousand() -> Book:
    """Department D1 with 10,000 customers in its pool since 1 April."""
    book = branch([Person(f"C{i:05d}") for i in range(10_000)], TWO)
    return hold(book, {f"C{i:05d}": "department:D1" for i in range(10_000)}, AS_OF)


def evaluated(completions: int, stage: str, day: date) -> dict[str, object]:
    book = buys_again(ten_thousand(), [f"C{i:05d}" for i in range(completions)], date(2012, 5, 1))
    made = plan(book, "reclaim", day, stage=stage, **LOT)
    (row,) = made.tables["evaluation"].rows(named=True)
    assert len(made.placements) == row["draw"]
    return row


@pytest.mark.req("S2-10")
@pytest.mark.parametrize(
    ("completions", "verdict", "draw", "exactly"),
    [
        (1_999, "低于回收线，回收", 800, "800.1"),
        (2_000, "未达标，未到回收线", 0, "0"),
        (3_999, "未达标，未到回收线", 0, "0"),
        (4_000, "达标", 0, "0"),
    ],
)
def test_the_second_quarter_reclaims_below_half_of_the_target(
    completions: int, verdict: str, draw: int, exactly: str
) -> None:
    row = evaluated(completions, "q2", JUNE)
    assert (row["verdict"], row["draw"], row["draw_exact"]) == (verdict, draw, exactly)
    assert (row["rate_bp"], row["target_bp"], row["threshold_bp"]) == (completions, 4_000, 2_000)
    assert row["remaining"] == 10_000 - completions


@pytest.mark.req("S2-11")
@pytest.mark.parametrize(
    ("completions", "verdict", "draw"),
    [
        (5_599, "低于回收线，回收", 880),
        (5_600, "未达标，未到回收线", 0),
        (6_999, "未达标，未到回收线", 0),
        (7_000, "达标", 0),
    ],
)
def test_the_third_quarter_reclaims_below_80_percent_of_the_target(
    completions: int, verdict: str, draw: int
) -> None:
    row = evaluated(completions, "q3", SEPTEMBER)
    assert (row["verdict"], row["draw"]) == (verdict, draw)


def quarter() -> tuple[Book, Plan]:
    """A campaign of 100 city orphans (D1 60, D2 40) and its first wave released on 1 April."""
    book = branch([Person(f"C{i:03d}", premium_fen=1_000 * i) for i in range(100)], TWO)
    campaign = plan(book, "campaign", date(2012, 3, 20))
    return released(book, campaign, 1, AS_OF), campaign


def wave(campaign: Plan, department: str, instalment: int) -> list[str]:
    rows = campaign.placements.filter(receiver=f"department:{department}", instalment=instalment)
    return rows["number"].sort().to_list()


@pytest.mark.req("S2-10")
def test_rate_counts_the_full_quota_and_shows_the_released_one() -> None:
    book, campaign = quarter()
    book = buys_again(book, wave(campaign, "D1", 1)[:9], date(2012, 5, 2))
    made = plan(book, "reclaim", JUNE, campaign, stage="q2", **LOT)
    first, second = made.tables["evaluation"].rows(named=True)
    assert (first["quota"], first["released"], first["completions"]) == (60, 36, 9)
    assert (first["rate_bp"], first["released_rate_bp"], first["verdict"]) == (
        1_500,
        2_500,
        "低于回收线，回收",
    )
    assert (first["remaining"], first["draw_exact"], first["draw"]) == (51, "5.1", 5)
    assert (second["quota"], second["remaining"], second["draw"]) == (40, 40, 4)


@pytest.mark.req("S2-10")
def test_half_a_record_is_rounded_as_the_rulebook_says() -> None:
    book = hold(
        branch([Person(f"C{i}") for i in range(5)], TWO), {f"C{i}": "department:D1" for i in range(5)}, AS_OF
    )
    for how, draw in (("half_up", 1), ("down", 0), ("up", 1)):
        rules = standard_rules().replace(campaign__draw_rounding=how)
        made = make_plan(book, rules, JUNE, 1, 1, strategy="reclaim", options={"stage": "q2", **LOT})
        assert made.tables["evaluation"]["draw"].to_list() == [draw]
        assert made.tables["evaluation"]["draw_exact"].to_list() == ["0.5"]
        assert check_plan(made, book, rules).is_empty()


@pytest.mark.req("S2-10", "N-05")
def test_who_is_drawn_follows_from_the_published_seed_alone() -> None:
    book, campaign = quarter()
    made = plan(book, "reclaim", JUNE, campaign, stage="q2", **LOT)
    listed = sorted(wave(campaign, "D1", 1) + wave(campaign, "D1", 2))
    seed = bytes.fromhex(SEED_HEX)
    order = sorted(listed, key=lambda n: hmac.new(seed, f"2012-Q2|{n}".encode(), sha256).digest())
    lots = made.tables["lots"].filter(department="department:D1")
    assert lots["number"].to_list() == order
    assert lots.filter("drawn")["number"].to_list() == order[:6]
    digest = sha256("".join(f"{n}\n" for n in listed).encode()).hexdigest()
    assert made.tables["draws"].filter(department="department:D1")["list_digest"].to_list() == [digest]
    assert {holders(made)[n] for n in order[:6]} == {"pool:campaign-city"}


@pytest.mark.req("S2-10")
def test_unreleased_records_first_is_a_choice() -> None:
    book, campaign = quarter()
    made = plan(book, "reclaim", JUNE, campaign, stage="q2", first="unreleased", **LOT)
    drawn = set(made.placements["number"])
    assert drawn <= set(wave(campaign, "D1", 2) + wave(campaign, "D2", 2))
    both = plan(book, "reclaim", JUNE, campaign, stage="q2", **LOT)
    assert not set(both.placements["number"]) <= set(wave(campaign, "D1", 2) + wave(campaign, "D2", 2))


@pytest.mark.req("S2-10")
def test_customers_are_counted_not_policies_and_only_of_the_period() -> None:
    book, campaign = quarter()
    one = wave(campaign, "D1", 1)
    early, late = date(2012, 3, 31), date(2012, 7, 1)
    for number, day in ((one[0], AS_OF), (one[1], JUNE), (one[2], early), (one[3], late)):
        book = buys_again(book, [number], day)
    book = buys_again(book, [one[0]], date(2012, 5, 5))
    made = plan(book, "reclaim", date(2012, 7, 2), campaign, stage="q2", until="2012-06-30", **LOT)
    assert made.tables["evaluation"]["completions"].to_list() == [2, 0]
    assert reasons(made)[one[0]] == reasons(made)[one[1]] == "converted"


@pytest.mark.req("S2-03", "S2-10")
def test_what_own_agents_hold_is_in_no_quota() -> None:
    people = [Person("C1"), Person("C2"), Person("C3", agent="A1")]
    book = hold(branch(people, TWO), {"C1": "department:D1", "C2": "A1", "C3": "A1"}, AS_OF)
    made = plan(book, "reclaim", JUNE, stage="q2", **LOT)
    assert made.tables["records"]["number"].to_list() == ["C1", "C2"]
    assert made.tables["evaluation"]["quota"].to_list() == [2]


@pytest.mark.req("S2-12")
def test_reported_completions_are_a_choice_and_shown_beside() -> None:
    book, campaign = quarter()
    filed = [("D1", date(2012, 4, 1), 10), ("D1", date(2012, 6, 1), 14), ("D2", date(2012, 5, 1), 7)]
    facts = pl.DataFrame(
        [{"subject": s, "month": m, "key": "completions", "value": v} for s, m, v in filed],
        schema=book.facts.schema,
    )
    book = replace(book, facts=pl.concat([book.facts, facts]))
    made = plan(book, "reclaim", JUNE, campaign, stage="q2", completions="facts", **LOT)
    rows = made.tables["evaluation"].select("completions", "reported", "verdict", "draw").rows()
    assert rows == [(24, 24, "达标", 0), (7, 7, "低于回收线，回收", 3)]
    derived = plan(book, "reclaim", JUNE, campaign, stage="q2", **LOT)
    assert derived.tables["evaluation"].select("completions", "reported").rows() == [(0, 24), (0, 7)]


def test_a_lot_without_a_proper_seed_or_stock_is_refused() -> None:
    book, campaign = quarter()
    with pytest.raises(StrategyError, match="十六进制"):
        plan(book, "reclaim", JUNE, campaign, stage="q2", draw_id="x", seed_hex="zz")
    with pytest.raises(StrategyError, match="种子至少"):
        plan(book, "reclaim", JUNE, campaign, stage="q2", draw_id="x", seed_hex="00")
    with pytest.raises(StrategyError, match="没有任何部门持有活动客户"):
        plan(branch([Person("C1")], TWO), "reclaim", JUNE, stage="q2", **LOT)
    with pytest.raises(StrategyError, match="考核期"):
        plan(book, "reclaim", JUNE, campaign, stage="q2", until="2012-03-01", **LOT)


@pytest.mark.req("S2-09", "S2-10")
def test_customers_whom_another_strategy_took_count_in_their_quota_and_are_never_drawn() -> None:
    """The resource centre gave 6 of D1's first wave to P1 of a department without quota, 4 of the second to D2's B1."""
    departments = (
        *TWO[:1],
        Department("D2", premium=40, people={"B1": None}),
        Department("D9", people={"P1": None}),
    )
    book = branch([Person(f"C{i:03d}", premium_fen=1_000 * i) for i in range(100)], departments)
    campaign = plan(book, "campaign", date(2012, 3, 20))
    book = released(book, campaign, 1, AS_OF)
    first, second = wave(campaign, "D1", 1)[:6], wave(campaign, "D1", 2)[:4]
    gone = set(first) | set(second)
    book = hold(book, dict.fromkeys(first, "P1") | dict.fromkeys(second, "B1"), date(2012, 5, 1))
    made = plan(book, "reclaim", JUNE, campaign, stage="q2", **LOT)
    rows = made.tables["evaluation"].select("department", "quota", "taken", "remaining", "draw").rows()
    assert rows == [("department:D1", 60, 10, 50, 5), ("department:D2", 40, 0, 40, 4)]
    assert gone.isdisjoint(made.tables["lots"]["number"])
    assert {reasons(made)[number] for number in gone} == {"taken_elsewhere"}
    assert set(made.tables["records"].filter(where="taken")["number"]) == gone
    assert ("已由其他分配取走", "10 位，计入配额，不计入剩余，不抽签") in made.certificate.feasibility


@pytest.mark.req("S2-09", "S2-12")
def test_a_person_of_another_department_holds_for_the_campaign_only_after_four_releases() -> None:
    book, campaign = quarter()
    mine = wave(campaign, "D2", 1)[0]
    book = hold(book, {mine: "A1"}, date(2012, 6, 1))  # A1 works for D1
    for times, quotas in ((3, [60, 40]), (4, [61, 39])):
        held = book.held.with_columns(times=pl.when(pl.col("number") == mine).then(times).otherwise("times"))
        made = plan(replace(book, held=held), "reclaim", JUNE, campaign, stage="q2", **LOT)
        assert made.tables["evaluation"]["quota"].to_list() == quotas


@pytest.mark.req("S2-10", "S2-11")
@pytest.mark.parametrize("stage", ["q2", "q3"])
def test_a_period_shorter_than_the_rulebooks_is_judged_only_when_asked_for(stage: str) -> None:
    book, campaign = quarter()
    last_short, first_long = AS_OF + timedelta(days=58), AS_OF + timedelta(days=59)
    with pytest.raises(StrategyError, match="只有 59 天，不足 60 天"):
        plan(book, "reclaim", last_short, campaign, stage=stage, **LOT)
    early = plan(book, "reclaim", last_short, campaign, stage=stage, early="yes", **LOT)
    assert ("提前考核", "考核期只有 59 天，不足 60 天，按提前考核办理") in early.certificate.feasibility
    due = plan(book, "reclaim", first_long, campaign, stage=stage, early="yes", **LOT)
    assert "提前考核" not in dict(due.certificate.feasibility)


def drawn_before(lists: dict[str, list[str]]) -> pl.DataFrame:
    """LOT_ORDER of one draw for each list."""
    rows = [
        {"draw_id": code, "place": i, "pseudonym": f"{code}-{n}", "number": n}
        for code, numbers in lists.items()
        for i, n in enumerate(numbers, start=1)
    ]
    return fill(rows, LOT_ORDER)


@pytest.mark.req("N-05", "S2-10")
def test_a_reclaim_says_which_lists_still_lack_a_draw_and_when_a_list_has_changed() -> None:
    book, campaign = quarter()
    first, second = ([*wave(campaign, code, 1), *wave(campaign, code, 2)] for code in ("D1", "D2"))
    one = replace(book, lots=drawn_before({"X1": first}))
    with pytest.raises(StrategyError, match=r"还有 1 份名单没有抽签：D2（全部）40 位"):
        plan(one, "reclaim", JUNE, campaign, stage="q2", draw_id="X1")
    short = replace(book, lots=drawn_before({"X1": first[:-2], "X2": second}))
    with pytest.raises(StrategyError, match=r"名单有变动：.*D1（全部）增加 2 位，已不在剩余之列 0 位"):
        plan(short, "reclaim", JUNE, campaign, stage="q2", draw_id="X1,X2")
    both = replace(book, lots=drawn_before({"X1": first, "X2": second}))
    made = plan(both, "reclaim", JUNE, campaign, stage="q2", draw_id="X1,X2")
    digests = {
        code: sha256("".join(f"{code}-{n}\n" for n in sorted(numbers)).encode()).hexdigest()
        for code, numbers in (("X1", first), ("X2", second))
    }
    assert dict(made.tables["draws"].select("draw_id", "list_digest").iter_rows()) == digests


# --- redistribution (S2-12, A-23) ------------------------------------------------------------------


def pools(completions: dict[str, int], pooled: int, county: int = 0) -> Book:
    """City departments D1, D2, D3 with 10 customers each, county K1 with 10; so many of each bought again; pools."""
    codes = {"D1": CITY, "D2": CITY, "D3": CITY, "K1": COUNTY}
    people = [Person(f"{code}-{i:02d}", lives=lives) for code, lives in codes.items() for i in range(10)]
    people += [Person(f"R-{i:02d}") for i in range(pooled)]
    people += [Person(f"S-{i:02d}", lives=COUNTY) for i in range(county)]
    departments = [Department(code, lives[:6], 1) for code, lives in codes.items()]
    book = branch(people, departments)
    held = {p.number: f"department:{p.number[:2]}" for p in people if p.number[:2] in codes}
    held |= {p.number: "pool:campaign-city" for p in people if p.number.startswith("R")}
    held |= {p.number: "pool:campaign-county" for p in people if p.number.startswith("S")}
    again = [f"{code}-{i:02d}" for code, count in completions.items() for i in range(count)]
    return buys_again(hold(book, held, AS_OF), again, date(2012, 5, 1))


@pytest.mark.req("S2-12")
def test_the_pool_goes_to_departments_that_met_the_target_by_completions() -> None:
    """10 records, completions 4 and 6 of departments at or above 40 %: 4 and 6; the third department gets none."""
    made = plan(pools({"D1": 4, "D2": 6, "D3": 3, "K1": 9}, pooled=10), "redistribute", JUNE, stage="q2")
    rows = made.tables["redistribution"].select("department", "completions", "quota").rows()
    assert rows == [("department:D1", 4, 4), ("department:D2", 6, 6)]
    counts = dict(made.placements.group_by("receiver").agg(pl.len()).iter_rows())
    assert counts == {"department:D1": 4, "department:D2": 6}
    assert made.tables["pool"].rows() == [
        ("市区", "pool:campaign-city", 10, 10, 0),
        ("县区", "pool:campaign-county", 0, 0, 0),
    ]


@pytest.mark.req("S2-12")
def test_remainders_go_to_the_largest_and_nothing_is_lost() -> None:
    """7 records by 4 : 5 : 6 = 1.87, 2.33, 2.8: the pieces left go to D1 and D3."""
    made = plan(pools({"D1": 4, "D2": 5, "D3": 6}, pooled=7), "redistribute", JUNE, stage="q2")
    assert made.tables["redistribution"]["quota"].to_list() == [2, 2, 3]
    assert len(made.placements) == 7
    assert made.certificate.objective == made.certificate.lower_bound


@pytest.mark.req("S2-12")
def test_no_department_met_keeps_the_pool_even_when_one_of_the_other_area_did() -> None:
    made = plan(pools({"D1": 3, "K1": 9}, pooled=5, county=2), "redistribute", JUNE, stage="q2")
    assert set(holders(made).values()) == {"department:K1"}
    kept = made.unplaced
    assert kept["reason"].to_list() == ["no_department_met"] * 5
    assert kept["custodian"].unique().to_list() == ["pool:campaign-city"]


@pytest.mark.req("S2-09", "S2-12")
def test_a_quarter_from_wave_to_redistribution_leaves_every_customer_with_one_department() -> None:
    book, campaign = quarter()
    book = buys_again(book, wave(campaign, "D2", 1)[:16], date(2012, 5, 1))  # D2 meets 40 %, D1 sells nothing
    reclaim = plan(book, "reclaim", JUNE, campaign, stage="q2", **LOT)
    assert len(reclaim.placements) == 6
    book = released(book, reclaim, 1, JUNE)
    again = plan(book, "redistribute", JUNE, campaign, stage="q2")
    assert set(again.placements["number"]) == set(reclaim.placements["number"])
    assert set(holders(again).values()) == {"department:D2"}
    book = released(book, again, 1, JUNE)
    later = campaign.placements.filter(instalment=2)
    waiting = set(later["number"]) - set(book.held["number"])
    assert len(waiting) + len(book.held) == 100
    assert book.held["number"].is_unique().all()
    stand = plan(book, "reclaim", SEPTEMBER, campaign, stage="q3", **LOT).tables["evaluation"]
    assert stand["quota"].to_list() == [54, 46]


# --- best people (S2-07) ---------------------------------------------------------------------------


def staffed(count: int = 20) -> Book:
    """D1 holds `count` customers; of its five people in post the productivities are 900, 600, 300, 100 and unknown."""
    people = {"A1": 900, "A2": 600, "A3": 300, "A4": 100, "A5": None}
    departments = (
        Department("D1", premium=1, people=people),
        Department("D2", premium=1, people={"B1": 5000}),
    )
    listed = [Person(f"C{i:02d}", premium_fen=1_000 * i) for i in range(count)]
    book = branch([*listed, Person("X1")], departments)
    held = {p.number: "department:D1" for p in listed} | {"X1": "A4"}
    return hold(book, held, AS_OF - timedelta(days=20))


@pytest.mark.req("S2-07")
def test_best_people_receive_by_productivity_and_others_nothing() -> None:
    """30 % of four people with figures is two, rounded up: 900 and 600 share 20 as 12 and 8."""
    made = plan(staffed(), "department")
    ranking = made.tables["best_people"].select("staff_number", "rank", "chosen", "quota").rows()
    assert ranking == [
        ("A1", 1, True, 12),
        ("A2", 2, True, 8),
        ("A3", 3, False, 0),
        ("A4", 4, False, 0),
        ("B1", 1, True, 0),
    ]
    assert dict(made.placements.group_by("receiver").agg(pl.len()).iter_rows()) == {"A1": 12, "A2": 8}
    assert made.tables["stock"].rows()[0] == ("department:D1", 20, 20, 0, 1, 4, 2)


@pytest.mark.req("S2-07")
def test_a_second_claim_on_an_owned_customer_is_refused() -> None:
    made = plan(staffed(), "department")
    assert reasons(made) == {"X1": "already_held"}
    assert made.unplaced["custodian"].to_list() == ["A4"]


@pytest.mark.req("S2-07", "N-03")
def test_the_ranking_says_why_others_were_not_chosen() -> None:
    made = plan(staffed(), "department", department="D1")
    rows = made.candidates.filter(policy_number="C00").rows(named=True)
    assert [r["verdict"] for r in rows] == ["chosen", "other_turn", "not_best"]
    assert rows[2]["staff_number"] == "A3"
    assert rows[2]["detail"] == "部门内产能第 3 名，上月产能 3 元"


@pytest.mark.req("S2-07")
def test_idle_customers_are_listed_after_the_rulebooks_days() -> None:
    book = staffed(2)
    assert plan(book, "department", AS_OF + timedelta(days=0)).tables["idle"].is_empty()
    on_day = AS_OF - timedelta(days=20) + timedelta(days=30)
    month = book.facts.with_columns(month=pl.lit(on_day.replace(day=1)).dt.offset_by("-1mo"))
    book = replace(book, facts=month)
    assert plan(book, "department", on_day).tables["idle"].is_empty()
    late = on_day + timedelta(days=1)
    bought = buys_again(book, ["C00"], AS_OF)
    idle = plan(bought, "department", late).tables["idle"]
    assert idle.select("number", "receiver", "days").rows() == [
        ("X1", "A4", 31),
        ("C01", "department:D1", 31),
    ]


@pytest.mark.req("S2-07")
def test_a_department_without_figures_keeps_its_pool_and_says_so() -> None:
    book = hold(staffed(), {"C00": "department:D2"}, AS_OF)
    book = replace(book, facts=book.facts.filter(pl.col("subject") != "B1"))
    made = plan(book, "department", department="D2")
    assert reasons(made) == {"C00": "no_best_people"}
    with pytest.raises(StrategyError, match="没有 2012-03 的人员产能"):
        plan(replace(book, facts=book.facts.clear()), "department")
    with pytest.raises(StrategyError, match="没有部门 D7"):
        plan(book, "department", department="D7")


@pytest.mark.req("S2-07")
@pytest.mark.parametrize(("changes", "shares"), [
    ({"campaign__best_weights": "equal"}, [10, 10]),
    ({"campaign__best_count": 3}, [10, 7, 3]),
    ({"campaign__best_count": 9}, [10, 6, 3, 1]),
    ({"campaign__best_share_bp": 2_500}, [20]),
])  # fmt: skip
def test_how_many_and_how_much_is_the_rulebooks(changes: dict[str, object], shares: list[int]) -> None:
    rules = standard_rules().replace(**changes)
    made = make_plan(staffed(), rules, AS_OF, 1, 1, strategy="department", options={"department": "D1"})
    counts = made.tables["best_people"].filter("chosen")["quota"].to_list()
    assert counts == shares
    assert check_plan(made, staffed(), rules).is_empty()


# --- any order of rows ------------------------------------------------------------------------------


@pytest.mark.req("S2-05")
def test_shuffled_rows_give_the_same_bytes_for_every_strategy() -> None:
    book, campaign = quarter()
    pooled = pools({"D1": 4, "D2": 5, "D3": 6}, pooled=7)
    cases = (
        (
            branch([Person(f"C{i:03d}", premium_fen=7 * i % 50) for i in range(60)], TWO),
            "campaign",
            AS_OF,
            None,
            {},
        ),
        (book, "reclaim", JUNE, campaign, {"stage": "q2", **LOT}),
        (pooled, "redistribute", JUNE, None, {"stage": "q2"}),
        (staffed(), "department", AS_OF, None, {}),
    )
    for given, strategy, day, earlier, options in cases:
        digests = {
            plan_digest(plan(b, strategy, day, earlier, **options))
            for b in (given, shuffled(given, 1), shuffled(given, 2))
        }
        assert len(digests) == 1, strategy
