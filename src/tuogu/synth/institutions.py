"""Institutions of the branch: 总, 分, 中支, one 支公司 a district, departments and teams.

In: geography, teams. Out: INSTITUTIONS. Never: a district without a sub-branch.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.tables import INSTITUTIONS, conform
from tuogu.synth.geography import Geography
from tuogu.synth.sizes import CITY, COUNTY
from tuogu.synth.vocabulary import (
    CITY_COLLECTION,
    CITY_DEPARTMENTS,
    COMPANY,
    COUNTY_COLLECTION,
    COUNTY_DEPARTMENTS,
    SERVICE,
)

HEAD = "86"
Team = tuple[str, str, str]  # code, name, department code


def sub_code(district_code: str) -> str:
    """Institution code of the sub-branch (支公司) that serves a district."""
    return f"86{district_code}"


def departments_of(geography: Geography) -> list[tuple[str, str, int]]:
    """(code, name, area) of every department."""
    areas = geography.districts["area"].unique().to_list()
    names = [(n, CITY) for n in (*CITY_DEPARTMENTS, CITY_COLLECTION)]
    if COUNTY in areas:
        names += [(n, COUNTY) for n in (*COUNTY_DEPARTMENTS, COUNTY_COLLECTION)]
    names.append((SERVICE, CITY))
    return [(f"86{geography.city_code}9{i}", name, area) for i, (name, area) in enumerate(names, start=1)]


def list_institutions(
    geography: Geography, departments: list[tuple[str, str, int]], teams: list[Team]
) -> pl.DataFrame:
    """INSTITUTIONS, from the head office down to teams (code, name, department code)."""
    province, city = geography.city_code[:2], geography.city_code
    central = f"86{city}"
    rows: list[tuple[str, str, str, str | None, str | None]] = [
        (HEAD, COMPANY, "head", None, None),
        (f"86{province}", f"{geography.province}分公司", "branch", HEAD, province),
        (central, f"{geography.city}中心支公司", "central", f"86{province}", city),
    ]
    for code, name in geography.districts.select("district_code", "district").iter_rows():
        rows.append((sub_code(code), f"{name}支公司", "sub", central, code))
    rows += [(code, name, "department", central, None) for code, name, _ in departments]
    rows += [(code, name, "team", parent, None) for code, name, parent in teams]
    return conform(pl.DataFrame(rows, schema=INSTITUTIONS, orient="row"), INSTITUTIONS)


def name_teams(department: str, code: str, count: int) -> list[Team]:
    """`count` teams of a department."""
    return [(f"{code}{i:04d}", f"{department}{i}组", code) for i in range(1, count + 1)]
