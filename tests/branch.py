"""A tiny branch for tests: rows are written short; a column that a test does not name has a default."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from typing import Any

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.classify import classify
from tuogu.core.dues import due_months
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.tables import (
    ASSIGNMENTS,
    BREAKS,
    CANDIDATES,
    COMMUNITIES,
    CUSTOMERS,
    INSTITUTIONS,
    LOADS,
    LOCATED,
    MONTH_COLUMNS,
    PEOPLE,
    POLICIES,
    UNITS,
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

AS_OF = date(2026, 11, 22)
RULEBOOK: Rulebook = parse_rulebook(read_shipped())
BAISHA, BAIHE, JIANGXIA = "330203001003", "330203001002", "330203002001"

POLICY: dict[str, Any] = {
    "main_policy_number": None,
    "kind": "main",
    "product_name": "鑫享两全保险（分红型）",
    "product_type": "participating",
    "protection": False,
    "premium_mode": "regular",
    "payments_per_year": 1,
    "premium_fen": 100_000,
    "sum_insured_fen": 1_000_000,
    "payment_term_years": 20,
    "inception_date": date(2015, 5, 9),
    "end_date": None,
    "state": "in_force",
    "lapse_date": None,
    "holder_number": "C1",
    "insured_number": "C1",
    "agent_number": "A1",
    "institution_code": "T1",
    "source": None,
    "components": "single",
}
CUSTOMER: dict[str, Any] = {
    "name": "张三",
    "sex": "M",
    "birth_date": date(1980, 1, 1),
    "id_type": "resident_id",
    "id_number": "330203198001011234",
    "phone": "13812341234",
    "address": "宁波市海曙区白云街道白沙社区1幢101室",
    "employer": None,
    "info_accurate": True,
    "complaint": False,
    "misconduct": False,
    "contactable": True,
    "contact_attempts": 0,
}
PERSON: dict[str, Any] = {
    "name": "林晓东",
    "series": "collection",
    "rank": "中级",
    "supervisor": False,
    "team_code": "T1",
    "institution_code": "T1",
    "phone": "13900000000",
    "address": "宁波市海曙区白云街道白沙社区2幢",
    "trait": None,
    "hired_date": date(2010, 1, 1),
    "left_date": None,
    "recruiter_number": None,
}


def frame(rows: list[dict[str, Any]], default: dict[str, Any], schema: Schema) -> pl.DataFrame:
    """`rows` over `default` with exactly the columns of `schema`."""
    return pl.DataFrame([default | row for row in rows], schema=schema, orient="row")


def policies(*rows: dict[str, Any]) -> pl.DataFrame:
    """POLICIES; each row needs policy_number."""
    return frame(list(rows), POLICY, POLICIES)


def customers(*rows: dict[str, Any]) -> pl.DataFrame:
    """CUSTOMERS; each row needs customer_number."""
    return frame(list(rows), CUSTOMER, CUSTOMERS)


def people(*rows: dict[str, Any]) -> pl.DataFrame:
    """PEOPLE; each row needs staff_number."""
    return frame(list(rows), PERSON, PEOPLE)


def located(**communities: str | None) -> pl.DataFrame:
    """LOCATED: key = community code, or None for the manual queue."""
    rows = [
        {
            "key": key,
            "community_code": code,
            "status": "coded" if code else "manual",
            "reason": None if code else "no_community",
            "confidence": 0.97 if code else 0.4,
            "candidates": code or f"{BAISHA},{BAIHE}",
        }
        for key, code in communities.items()
    ]
    return pl.DataFrame(rows, schema=LOCATED)


def institutions() -> pl.DataFrame:
    """A branch with two teams."""
    rows = [
        {"institution_code": "B", "name": "宁波分公司", "level": "branch"},
        {"institution_code": "T1", "name": "收展一组", "level": "team", "parent_code": "B"},
        {"institution_code": "T2", "name": "收展二组", "level": "team", "parent_code": "B"},
    ]
    return pl.DataFrame(rows, schema=INSTITUTIONS)


def communities(*, with_coordinates: bool = True) -> pl.DataFrame:
    """Three communities in two streets of one district."""
    names = [
        (BAIHE, "白鹤社区", "01010202"),
        (BAISHA, "白沙社区", "01010203"),
        (JIANGXIA, "江厦社区", "01010301"),
    ]
    rows = [
        {
            "community_code": code,
            "community": name,
            "street_code": code[:9],
            "street": "白云街道" if code[:9].endswith("001") else "江厦街道",
            "district_code": code[:6],
            "district": "海曙区",
            "city_code": "3302",
            "city": "宁波市",
            "display_code": display,
            "x_m": index * 800.0 if with_coordinates else None,
            "y_m": index % 2 * 500.0 if with_coordinates else None,
        }
        for index, (code, name, display) in enumerate(names)
    ]
    return pl.DataFrame(rows, schema=COMMUNITIES)


def books(policies: pl.DataFrame, customers: pl.DataFrame, people: pl.DataFrame) -> Books:
    """Books of the tiny branch, dated AS_OF."""
    return Books(policies, customers, people, institutions(), data_date=AS_OF)


def book(given: Books, places: pl.DataFrame, homes: pl.DataFrame, *, with_coordinates: bool = True) -> Book:
    """The Book of the tiny branch, classified by the standard rulebook on AS_OF."""
    return Book(
        books=given,
        located=places,
        homes=homes,
        classified=classify(given, places, RULEBOOK, AS_OF),
        communities=communities(with_coordinates=with_coordinates),
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
    )


def hand_made_plan(given: Book, staff: list[str], *, moved: Set[str] = frozenset()) -> Plan:
    """A plan without a solver: each community is one unit, unit n goes to person n (round robin).

    `moved` policies are handed to the next person in a unit of their own, as month repair would do.
    """
    mains = given.books.policies.join(given.classified, on="policy_number").filter(
        pl.col("route") == "territory"
    )
    places = policy_communities(mains, given.located, "holder")
    names = given.communities.select("community_code", "display_code")
    rows = mains.join(places, on="policy_number").join(names, on="community_code").sort("policy_number")
    codes = rows["community_code"].unique().sort().to_list()
    handed = pl.col("policy_number").is_in(sorted(moved))
    turn = pl.col("community_code").replace_strict(codes, list(range(len(codes))), return_dtype=pl.Int64)
    number = (turn + handed.cast(pl.Int64)) % len(staff)
    rows = rows.with_columns(
        unit_code=pl.col("display_code") + pl.when(handed).then(pl.lit("02")).otherwise(pl.lit("01")),
        staff_number=number.replace_strict(list(range(len(staff))), staff, return_dtype=pl.String),
        lever=pl.when(handed).then(pl.lit("adjacent")).otherwise(pl.lit("unit")),
        instalment=pl.int_range(pl.len()) % 4 + 1,
    ).join(due_months(rows, AS_OF), on="policy_number")
    assignments = conform(rows.select(*ASSIGNMENTS), ASSIGNMENTS)
    return Plan(
        assignments=assignments,
        unplaced=_left_over(given),
        units=_units_of(assignments, given),
        loads=_loads_of(assignments),
        breaks=pl.DataFrame(
            [{"level": "team", "key": "T1", "pieces": 2, "detail": "收展一组的片区分成2块"}], schema=BREAKS
        ),
        candidates=empty(CANDIDATES),
        certificate=certificate(),
        as_of=AS_OF,
        seed=7,
        effort=1,
        rulebook_version=RULEBOOK.version,
        book_digest="9c41" * 16,
    )


def certificate(**changes: Any) -> Certificate:
    """A certificate with a gap of 1.7 %."""
    given: dict[str, Any] = {
        "metric": "metres",
        "objective": 1_842_600,
        "lower_bound": 1_811_300,
        "gap": 1_842_600 / 1_811_300 - 1,
        "violations": 0,
        "moved_adjacent": 1,
        "limits_hit": (),
        "binding": (),
        "feasibility": (("客户经理", "2人"), ("3月应收", "80件，需2–3人")),
        "contiguity": "judged",
        "figures": (("mean_distance_m", 812.0),),
    }
    return Certificate(**(given | changes))


def _left_over(given: Book) -> pl.DataFrame:
    live = given.classified.filter(pl.col("orphan") & ~pl.col("route").is_in(["territory", "closed"]))
    reasons = {"specialist": "hard", "investigation": "problem"}
    reason = pl.col("route").replace_strict(reasons, default="no_address_code")
    return conform(
        live.select(
            "policy_number", reason=reason, detail=pl.lit("由保全组负责"), custodian=pl.lit("buffer")
        ),
        UNPLACED,
    )


def _units_of(assignments: pl.DataFrame, given: Book) -> pl.DataFrame:
    sums = [pl.col(month).sum() for month in MONTH_COLUMNS]
    units = assignments.group_by("unit_code", "community_code", "staff_number").agg(
        *sums, policies=pl.len().cast(pl.Int64)
    )
    positions = given.communities.select("community_code", "x_m", "y_m")
    return conform(units.join(positions, on="community_code").select(*UNITS).sort("unit_code"), UNITS)


def _loads_of(assignments: pl.DataFrame) -> pl.DataFrame:
    sums = assignments.group_by("staff_number").agg(pl.col(month).sum() for month in MONTH_COLUMNS)
    tall = sums.unpivot(MONTH_COLUMNS, index="staff_number", variable_name="month", value_name="due")
    tall = tall.with_columns(pl.col("month").str.slice(1).cast(pl.Int64))
    return conform(tall.select(*LOADS).sort("staff_number", "month"), LOADS)
