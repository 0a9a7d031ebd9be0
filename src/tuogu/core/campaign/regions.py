"""Urban district or county: of customers, of departments, and which department an institution or a person belongs to.

In: a book, the rulebook. Out: frames with `area` city | county (null = nothing says it). Never: a department whose area
is guessed without saying from what.

A six-digit district code says it by its third pair (S2-02): up to `campaign.urban_district_max` an urban district, above
it a county or county-level city. A code of a whole city (third pair 00) says nothing of an institution; a customer whose
community carries it lives in a city without districts, which is urban.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.labels import CAMPAIGN_AREAS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

CITY, COUNTY = "city", "county"
AREAS = CAMPAIGN_AREAS
POOLS = {CITY: "pool:campaign-city", COUNTY: "pool:campaign-county"}  # where reclaimed customers wait
DEPARTMENT = "department:"  # the receiver that is a department's pool
_CITY_DIGITS, _DISTRICT_DIGITS = 4, 6  # GB/T 2260


def area_of(code: pl.Expr, rulebook: Rulebook) -> pl.Expr:
    """The area that an official code of six or more digits names; null for a shorter one."""
    pair = code.str.slice(_CITY_DIGITS, 2).cast(pl.Int64, strict=False)
    urban = pair <= rulebook["campaign.urban_district_max"]  # S2-02, S2-04
    named = code.str.len_chars() >= _DISTRICT_DIGITS
    return pl.when(named & urban).then(pl.lit(CITY)).when(named & ~urban).then(pl.lit(COUNTY))


def ancestry(institutions: pl.DataFrame) -> pl.DataFrame:
    """institution_code, above, steps: every institution with itself (0 steps) and all above it."""
    parents = institutions.select(above="institution_code", parent="parent_code").unique("above")
    step = institutions.select("institution_code", above="institution_code").unique()
    found = [step.with_columns(steps=pl.lit(0, pl.Int64))]
    for steps in range(1, len(institutions)):  # a ring of parents ends here as well
        step = step.join(parents, on="above").filter(pl.col("parent").is_not_null())
        step = step.select("institution_code", above="parent")
        if not len(step):
            break
        found.append(step.with_columns(steps=pl.lit(steps, pl.Int64)))
    return pl.concat(found)


def districts_of_institutions(book: Book) -> pl.DataFrame:
    """institution_code, district_code: of the institution's own region, else of the nearest one above that names one."""
    tree, institutions = ancestry(book.books.institutions), book.books.institutions
    code = pl.col("region_code")
    named = (code.str.len_chars() >= _DISTRICT_DIGITS) & (code.str.slice(_CITY_DIGITS, 2) != "00")
    regions = institutions.filter(named).select(
        above="institution_code", district_code=code.str.head(_DISTRICT_DIGITS)
    )
    near = tree.join(regions, on="above").sort("institution_code", "steps")
    return near.unique("institution_code", keep="first", maintain_order=True).select(
        "institution_code", "district_code"
    )


def departments_of_institutions(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """institution_code, department: the nearest campaign department that an institution is or belongs to."""
    departments = book.books.institutions.filter(
        pl.col("level").is_in(rulebook["campaign.department_levels"])
    )
    tree = ancestry(book.books.institutions).join(
        departments.select(above="institution_code"), on="above", how="semi"
    )
    near = tree.sort("institution_code", "steps").unique(
        "institution_code", keep="first", maintain_order=True
    )
    return near.select("institution_code", department="above")


def departments_of_people(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """staff_number, department: by the person's institution, else by the team; nobody without one."""
    owner = departments_of_institutions(book, rulebook)
    people = book.books.people.select("staff_number", "institution_code", "team_code")
    by_team = owner.select(team_code="institution_code", by_team="department")
    people = people.join(owner, on="institution_code", how="left").join(by_team, on="team_code", how="left")
    found = people.select("staff_number", department=pl.coalesce("department", "by_team"))
    return found.drop_nulls().sort("staff_number")


# What says where a department belongs, the strongest first, and how it is named in the table of shares.
_SAID_BY = {
    "by_rule": "制度指定",
    "by_region": "机构区划",
    "by_customers": "多数客户住址",
    "by_homes": "多数人员住址",
    "by_seat": "直属市级机构",
}


def departments(book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """department, name, area, said_by: every campaign department, by code.

    The area is what the rulebook names, else the region of the department or of an institution above it, else where most
    of the customers live to whom its people sold, else where most of its people live, else the city where it belongs to
    an institution of a whole city and to no county's. `said_by` tells which (Chinese), null where none does.
    """
    levels = pl.col("level").is_in(rulebook["campaign.department_levels"])
    frame = book.books.institutions.filter(levels).select("name", department="institution_code")
    named = rulebook["campaign.department_areas"]
    by_rule = pl.col("department").replace_strict(named or {"": ""}, default=None, return_dtype=pl.String)
    frame = frame.with_columns(by_rule=by_rule)
    own = departments_of_people(book, rulebook)
    sold = book.books.policies.filter(pl.col("kind") == "main")
    sold = sold.select(key="holder_number", staff_number="agent_number").join(book.located, on="key")
    region = area_of(pl.col("district_code"), rulebook)
    for evidence in (
        districts_of_institutions(book).select(department="institution_code", by_region=region),
        _most(sold, own, rulebook).rename({"area": "by_customers"}),
        _most(book.homes.rename({"key": "staff_number"}), own, rulebook).rename({"area": "by_homes"}),
        _at_the_seat(book),
    ):
        frame = frame.join(evidence, on="department", how="left")
    said = (pl.when(pl.col(name).is_not_null()).then(pl.lit(word)) for name, word in _SAID_BY.items())
    found = frame.select("department", "name", area=pl.coalesce(*_SAID_BY), said_by=pl.coalesce(said))
    return found.sort("department")


def _at_the_seat(book: Book) -> pl.DataFrame:
    """department, by_seat: institutions at or below one whose region is a whole city."""
    code = pl.col("region_code")
    whole = (code.str.len_chars() == _CITY_DIGITS) | (code.str.slice(_CITY_DIGITS) == "00")
    cities = book.books.institutions.filter(whole).select(above="institution_code")
    below = ancestry(book.books.institutions).join(cities, on="above", how="semi")
    return below.select(department="institution_code", by_seat=pl.lit(CITY)).unique()


def _most(places: pl.DataFrame, own: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """department, area: the one where more than half of `places` (staff_number, community_code) of its people lie."""
    counted = places.group_by("staff_number", "community_code").agg(n=pl.len().cast(pl.Int64))
    area = area_of(pl.col("community_code"), rulebook)
    lies = counted.join(own, on="staff_number").with_columns(area=area)
    urban, rural = (pl.col("n").filter(pl.col("area") == name).sum() for name in (CITY, COUNTY))
    most = pl.when(urban > rural).then(pl.lit(CITY)).when(rural > urban).then(pl.lit(COUNTY))
    return lies.group_by("department").agg(area=most)
