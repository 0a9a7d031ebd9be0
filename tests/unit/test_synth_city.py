"""The synthetic city keeps its promises: counts, references, ages, seasons, a feasible plan known beforehand.

Answers are computed here from the books alone, by other code than the generator's own truth.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from tuogu.core.address import Gazetteer, locate
from tuogu.core.classify import classify
from tuogu.core.dues import due_months
from tuogu.core.identity import resident_id
from tuogu.core.plan import make_plan
from tuogu.core.prepare import prepare
from tuogu.core.rulebook import parse_rulebook
from tuogu.core.tables import COORDINATES, CUSTOMERS, INSTITUTIONS, MONTH_COLUMNS, PEOPLE, POLICIES, conform
from tuogu.data.codebook import load
from tuogu.data.rulebooks import read_shipped
from tuogu.synth import City, UnknownCityError, campaign, make_city
from tuogu.synth.truth import planted_loads, planted_territories, truth_of_customers, truth_of_policies

CITY_DISTRICTS = {"330203", "330205", "330206", "330211", "330212", "330213"}
NINGBO_DISTRICTS = CITY_DISTRICTS | {"330225", "330226", "330281", "330282"}
RULES = parse_rulebook(read_shipped())


@pytest.fixture(scope="module")
def ningbo() -> City:
    """The demo: 26,000 customers, seed 7."""
    return make_city("330200", 26_000, 7, load(["330200"]))


@pytest.fixture(scope="module")
def small() -> City:
    return make_city("330200", 2_000, 3, load(["330200"]))


def screen(city: City) -> dict[tuple[bool, str], tuple[int, int]]:
    """S2-01 and S2-02 from the books alone: (orphan, area) → customers, premium in fen."""
    books = city.books
    mains = books.policies.filter(pl.col("kind") == "main")
    held = mains.with_columns(ever=pl.len().over("holder_number"))
    single = held.filter((pl.col("ever") == 1) & ~pl.col("protection"))
    agents = books.people.select(agent_number="staff_number", in_post=pl.col("left_date").is_null())
    urban = pl.col("institution_code").str.slice(2, 6).is_in(CITY_DISTRICTS)
    found = (
        single.join(agents, on="agent_number", how="left")
        .with_columns(
            orphan=~pl.col("in_post").fill_null(False) | pl.col("source").is_not_null(),
            area=pl.when(urban).then(pl.lit("city")).otherwise(pl.lit("county")),
        )
        .group_by("orphan", "area")
        .agg(n=pl.len(), fen=pl.col("premium_fen").sum())
    )
    return {(o, a): (n, fen) for o, a, n, fen in found.select("orphan", "area", "n", "fen").iter_rows()}


@pytest.mark.req("N-19")
def test_the_campaign_of_the_source_comes_out_to_the_fen(ningbo: City) -> None:
    assert screen(ningbo) == {
        (False, "city"): (7_533, 3_101_186_271),
        (False, "county"): (4_896, 1_286_467_363),
        (True, "city"): (3_936, 1_113_221_100),
        (True, "county"): (3_395, 459_207_444),
    }
    told = campaign(ningbo)
    assert told["screened"] == 19_760
    assert told["orphans"]["county"] == {"customers": 3_395, "premium_fen": 459_207_444}


@pytest.mark.req("N-19")
def test_other_sizes_are_in_proportion(small: City) -> None:
    found = screen(small)
    assert {key: n for key, (n, _) in found.items()} == {
        (False, "city"): 579,  # 2,000 × 7,533 / 26,000 = 579.46, by largest remainder
        (False, "county"): 377,
        (True, "city"): 303,
        (True, "county"): 261,
    }
    assert len(small.books.customers) == 2_000


def test_tables_follow_the_contract(ningbo: City) -> None:
    books = ningbo.books
    for frame, schema in (
        (books.policies, POLICIES),
        (books.customers, CUSTOMERS),
        (books.people, PEOPLE),
        (books.institutions, INSTITUTIONS),
        (books.coordinates, COORDINATES),
    ):
        assert conform(frame, schema).equals(frame)
        assert not frame[frame.columns[0]].is_duplicated().any()
    assert books.policies["policy_number"].str.len_chars().unique().to_list() == [15]


def test_every_reference_leads_somewhere(ningbo: City) -> None:
    books = ningbo.books
    policies, customers = books.policies, books.customers["customer_number"]
    assert policies["holder_number"].is_in(customers.implode()).all()
    assert policies["insured_number"].is_in(customers.implode()).all()
    mains = policies.filter(pl.col("kind") == "main")
    riders = policies.filter(pl.col("kind") == "rider")
    joined = riders.join(mains, left_on="main_policy_number", right_on="policy_number", suffix="_of_main")
    assert len(joined) == len(riders) > 3_000
    assert (joined["holder_number"] == joined["holder_number_of_main"]).all()
    assert (joined["inception_date"] == joined["inception_date_of_main"]).all()
    institutions = books.institutions["institution_code"].implode()
    assert policies["institution_code"].is_in(institutions).all()
    assert books.people["team_code"].is_in(institutions).all()
    known = policies["agent_number"].drop_nulls().is_in(books.people["staff_number"].implode())
    assert 0 < (~known).sum() < 0.01 * len(policies)  # some agents have been struck from the roster


def test_people_could_have_lived(ningbo: City) -> None:
    books = ningbo.books
    read = resident_id(pl.col("id_number"))
    papers = books.customers.filter(pl.col("id_type") == "resident_id").select(
        good=read.shape_ok & read.check_ok,
        born=read.birth_date == pl.col("birth_date"),
        sex=read.sex == pl.col("sex"),
    )
    assert papers["good"].all()
    assert papers["born"].all()
    assert papers["sex"].all()
    twice = books.customers.filter(pl.col("id_number").is_duplicated())
    assert 20 <= len(twice) <= 90  # one person under two numbers, each holding one protection policy
    assert twice.select("id_number", "name", "birth_date", "phone").n_unique() == len(twice) // 2
    known = truth_of_customers(ningbo).join(twice, on="customer_number")
    assert set(known["group"]) == {"protection_only"}
    born = books.customers.select("customer_number", "birth_date")
    sold = books.policies.join(born, left_on="holder_number", right_on="customer_number")
    age = sold.select((pl.col("inception_date") - pl.col("birth_date")).dt.total_days() / 365.25).to_series()
    assert age.min() >= 19.9
    assert sold["birth_date"].min() > date(1925, 1, 1)
    insured = books.policies.join(born, left_on="insured_number", right_on="customer_number")
    assert (insured["birth_date"] < insured["inception_date"]).all()


def test_nobody_sold_before_or_after_his_time(ningbo: City) -> None:
    books = ningbo.books
    sold = books.policies.join(books.people, left_on="agent_number", right_on="staff_number")
    assert (sold["inception_date"] >= sold["hired_date"]).all()
    assert (sold["inception_date"] < sold["left_date"]).fill_null(True).all()
    assert sold["inception_date"].max() <= books.data_date
    assert books.people["left_date"].max() <= books.data_date


def test_states_agree_with_their_dates(ningbo: City) -> None:
    policies, today = ningbo.books.policies, ningbo.data_date
    lapsed = pl.col("state") == "lapsed"
    assert (policies.select(lapsed == pl.col("lapse_date").is_not_null()).to_series()).all()
    assert policies.filter(lapsed & (pl.col("lapse_date") <= pl.col("inception_date"))).is_empty()
    alive = policies.filter((pl.col("state") == "in_force") & (pl.col("kind") == "main"))
    assert (alive["end_date"] > today).fill_null(True).all()
    ended = policies.filter(pl.col("state").is_in(["matured", "paid_out"]) & (pl.col("kind") == "main"))
    assert (ended["end_date"] <= today).all()
    assert ((policies["payments_per_year"] == 0) == (policies["premium_mode"] == "single")).all()
    assert policies["premium_fen"].min() >= 1_000


@pytest.mark.req("N-19")
def test_the_planned_policies_are_the_ones_that_the_rules_find(ningbo: City) -> None:
    codebook, books = load(["330200"]), ningbo.books
    gazetteer = Gazetteer.build(codebook.regions, codebook.events, traditional=codebook.traditional)
    keyed = books.customers.select(key="customer_number", address="address")
    located = locate(keyed, gazetteer, RULES, "330200")
    known = truth_of_customers(ningbo).rename({"customer_number": "key", "community_code": "lives"})
    compared = located.join(known, on="key", validate="1:1")
    assert ((compared["status"] == "coded") == compared["codable"]).all()
    coded = compared.filter("codable")
    assert (coded["community_code"] == coded["lives"]).all()
    assert 0.92 < len(coded) / len(compared) < 0.935
    classified = classify(books, located, RULES, date(2026, 11, 1))
    found = classified.filter(pl.col("route") == "territory")["policy_number"].sort()
    planned = truth_of_policies(ningbo).filter("planned")["policy_number"].sort()
    assert found.equals(planned)
    assert len(found) == 5_310  # 18 managers × 295
    orphans = truth_of_policies(ningbo).filter(pl.col("main") & pl.col("orphan"))["policy_number"]
    assert orphans.is_in(classified.filter("orphan")["policy_number"].implode()).all()


@pytest.mark.req("N-19")
def test_the_planted_territories_keep_the_month_band(ningbo: City) -> None:
    loads = planted_loads(ningbo)
    assert loads["managers"].to_list() == [1] * 18
    assert loads["policies"].sum() == 5_310
    assert loads["policies"].is_between(275, 320).all()
    low, high = RULES["territory.month_load_min"], RULES["territory.month_load_max"]
    assert loads.select(pl.min_horizontal(MONTH_COLUMNS).min()).item() >= low
    assert loads.select(pl.max_horizontal(MONTH_COLUMNS).max()).item() <= high
    planned = truth_of_policies(ningbo).filter("planned").select("policy_number")
    policies = ningbo.books.policies.join(planned, on="policy_number")
    whole = due_months(policies, date(2026, 11, 1)).select(MONTH_COLUMNS).sum()
    assert whole.row(0) == loads.select(MONTH_COLUMNS).sum().row(0)
    assert max(whole.row(0)) / min(whole.row(0)) < 1.3


@pytest.mark.req("N-19")
def test_a_known_optimum_serves_everybody_from_the_nearest_home() -> None:
    city = make_city("330200", 26_000, 11, load(["330200"]), known_optimum=True)
    geography, planted = city.codes.geography, planted_territories(city)
    homes = np.concatenate(geography.cell_homes)
    assert len(set(homes.tolist())) == 18
    points = geography.communities.select("x_m", "y_m").to_numpy()
    distance = np.sqrt(((points[:, None, :] - points[None, homes, :]) ** 2).sum(2))
    served = city.codes.staff.planted.sort("cell")["staff_number"]
    nearest = served.gather(distance.argmin(1))
    assert planted["optimal"].all()
    assert planted.sort("community_code")["staff_number"].equals(nearest)
    loads = planted_loads(city)
    assert loads["policies"].max() <= 320
    assert loads.select(pl.min_horizontal(MONTH_COLUMNS).min()).item() >= 25


def test_the_map_is_of_real_places_in_all_ten_districts(ningbo: City) -> None:
    regions = load(["330200"]).regions
    places = ningbo.codes.geography.communities
    assert len(places) == 160
    assert set(places["district_code"]) == NINGBO_DISTRICTS
    assert places["community_code"].is_in(regions["code"].implode()).all()
    assert places["street"].n_unique() > 25
    assert places["planned"].max() > 100  # three units of 50
    coordinates = ningbo.books.coordinates
    assert coordinates["datum"].unique().to_list() == ["WGS-84"]
    assert coordinates["source"].unique().to_list() == ["synthetic"]
    assert coordinates["longitude"].is_between(120.9, 122.2).all()
    assert coordinates["latitude"].is_between(29.2, 30.4).all()
    assert not places.select("x_m", "y_m").is_duplicated().any()


def test_the_branch_has_its_teams(ningbo: City) -> None:
    people = ningbo.books.people
    in_post = people.filter(pl.col("left_date").is_null())
    assert dict(in_post.group_by("series").len().iter_rows()) == {
        "collection": 18,
        "marketing": 120,
        "service": 6,
        "planner": 20,
    }
    assert len(people) - len(in_post) == 264
    supervisors = in_post.group_by("team_code").agg(n=pl.col("supervisor").sum())
    assert supervisors["n"].to_list() == [1] * len(supervisors)
    collection = in_post.filter(pl.col("series") == "collection")
    assert sorted(collection.group_by("team_code").len()["len"].to_list()) == [6, 6, 6]
    planners = in_post.filter(pl.col("series") == "planner")
    assert sorted(planners.group_by("team_code").len()["len"].to_list()) == [6, 7, 7]
    assert (
        planners["staff_number"].min() > in_post.filter(pl.col("series") != "planner")["staff_number"].max()
    )
    known = people["recruiter_number"].drop_nulls()
    brought = people.filter(pl.col("recruiter_number").is_not_null()).join(
        people.select(recruiter_number="staff_number", first="hired_date"), on="recruiter_number"
    )
    assert len(brought) == len(known)
    assert (brought["first"] <= brought["hired_date"]).all()


def test_every_source_nature_and_state_occurs(ningbo: City) -> None:
    policies, customers = ningbo.books.policies, ningbo.books.customers
    assert policies["source"].drop_nulls().n_unique() == 7
    assert policies["state"].n_unique() == 7
    assert policies["product_type"].n_unique() == 7
    assert policies["components"].n_unique() == 4
    assert set(policies["payments_per_year"]) == {0, 1, 2, 4, 12}
    assert (customers["contact_attempts"] == 6).sum() > 100
    assert customers["complaint"].sum() > 100
    assert customers["misconduct"].sum() > 30
    reasons = set(truth_of_customers(ningbo)["manual_reason"].drop_nulls())
    assert reasons == {"no_community", "no_address", "ambiguous", "unknown_community", "outside_city"}
    held = policies.filter(pl.col("kind") == "main").group_by("holder_number").len()["len"]
    assert held.max() == 4
    address = customers["address"].drop_nulls()
    assert address.is_duplicated().sum() > 2_000  # families
    assert address.str.contains("江东区").sum() > 50
    assert address.str.contains("[區縣鎮]").sum() > 500


@pytest.mark.req("N-19")
def test_the_seed_decides_everything(small: City) -> None:
    codebook = load(["330200"])
    assert make_city("3302", 2_000, 3, codebook).digest() == small.digest()
    assert make_city("330200", 2_000, 4, codebook).digest() != small.digest()


def test_a_slice_is_the_same_text_as_the_whole(small: City) -> None:
    from tuogu.synth.render import render_customers, render_policies

    whole = render_policies(small.codes)
    parts = pl.concat([render_policies(small.codes, i, 700) for i in range(0, len(whole), 700)])
    assert parts.equals(whole)
    customers = render_customers(small.codes)
    assert pl.concat([render_customers(small.codes, i, 999) for i in (0, 999, 1998)]).equals(customers)


@pytest.mark.parametrize("customers", [60, 61, 500])
def test_tiny_cities_hold_together(customers: int) -> None:
    city = make_city("330200", customers, 1, load(["330200"]))
    assert len(city.books.customers) == customers
    assert campaign(city)["screened"] == sum(n for n, _ in screen(city).values())
    assert city.books.people["series"].n_unique() == 4


@pytest.mark.parametrize("code", ["110100", "330100", "441900", "540200"])
def test_other_cities_work(code: str) -> None:
    """A municipality without counties, a provincial capital, a city without districts, a plateau."""
    if code == "441900":
        with pytest.raises(UnknownCityError, match="没有"):
            make_city(code, 800, 1, load([code]))
        return
    city = make_city(code, 800, 1, load([code]))
    assert len(city.books.customers) == 800
    assert city.books.coordinates["region_code"].str.starts_with(code[:4]).all()


def test_impossible_sizes_are_refused() -> None:
    codebook = load(["330200"])
    with pytest.raises(ValueError, match="客户数"):
        make_city("330200", 10, 1, codebook)
    with pytest.raises(UnknownCityError, match="3309"):
        make_city("330900", 1_000, 1, codebook)


@pytest.mark.req("N-19")
def test_the_planner_finds_the_known_optimum() -> None:
    """Nobody lives nearer to another manager and every bound is kept: no plan can be better."""
    codebook = load(["330200"])
    city = make_city("330200", 6_000, 7, codebook, known_optimum=True)
    gazetteer = Gazetteer.build(codebook.regions, codebook.events, traditional=codebook.traditional)
    as_of = date(2026, 11, 1)
    book = prepare(city.books, codebook.regions, gazetteer, RULES, as_of, home_city="330200")
    plan = make_plan(book, RULES, as_of, 1, 100_000)
    planted = planted_territories(city).select("community_code", planted="staff_number")
    compared = plan.assignments.join(planted, on="community_code", validate="m:1")
    assert len(compared) == 4 * 295
    assert (compared["staff_number"] == compared["planted"]).all()
    assert plan.certificate.objective == plan.certificate.lower_bound
    assert plan.certificate.violations == 0
