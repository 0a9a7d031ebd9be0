"""The demo's people: one for each post, nobody twice, where the post is held; the READMEs name those of the demo city."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tuogu import synth
from tuogu.cli.demo_people import choose
from tuogu.data.codebook import load
from tuogu.org.roles import Role

ROOT = Path(__file__).parents[2]
CITY, SEED, CUSTOMERS = "330200", 7, 26_000  # the defaults of `tuogu demo`


def people_in_post(customers: int, data_date: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Staff in post and institutions of a synthetic city."""
    city = synth.make_city(CITY, customers, SEED, load([CITY]), data_date=data_date)
    return city.people.filter(pl.col("left_date").is_null()), city.codes.staff.institutions


@pytest.mark.parametrize("customers", [3_000, 6_000])
def test_every_role_has_its_own_person_even_in_a_small_city(customers: int):
    staff, institutions = people_in_post(customers, date(2026, 10, 31))
    chosen = choose(staff, institutions)
    assert {c.role for c in chosen} == set(Role.values)
    assert len({c.staff_number for c in chosen}) == len(Role)
    at = {c.role: c.institution_code for c in chosen}
    teams = dict(staff.select("staff_number", "team_code").iter_rows())
    assert at["team_lead"] == teams[next(c.staff_number for c in chosen if c.role == "team_lead")]
    assert {at[r] for r in ("resource_clerk", "branch_manager", "auditor", "inspector", "administrator")} == {
        "863302"
    }
    by_region = {c.role: c.region_code for c in chosen if c.region_code}
    assert by_region == {"province_officer": "33"}


def test_the_readmes_name_the_people_of_the_demo_whatever_the_day():
    numbers = {}
    for day in (date(2026, 10, 31), date(2027, 2, 28)):
        staff, institutions = people_in_post(CUSTOMERS, day)
        numbers[day] = {c.role: c.staff_number for c in choose(staff, institutions)}
    first, second = numbers.values()
    assert first == second, "the seed alone decides who they are"
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for role, number in first.items():
            row = next(
                (line for line in text.splitlines() if number in line and Role(role).label in line), None
            )
            assert row, f"{name} does not name {Role(role).label} {number}"
