"""Institutions and people of the branch: who is in post, who has left, who lives where.

In: sizes, geography, the data date, a random generator. Out: `Staff`: INSTITUTIONS and PEOPLE-like
frames (PEOPLE lacks only the address, which `addresses` writes). Never: a leaver without a leaving date,
a team without exactly one supervisor in post, a collection manager without a home community.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.synth.cells import bisect
from tuogu.synth.geography import Geography
from tuogu.synth.identities import draw_names, spell_names
from tuogu.synth.institutions import Team, departments_of, list_institutions, name_teams
from tuogu.synth.sizes import (
    CITY,
    COUNTY,
    MANAGERS_PER_TEAM,
    MARKETERS_PER_TEAM,
    Group,
    Sizes,
    largest_remainder,
)
from tuogu.synth.vocabulary import (
    CITY_COLLECTION,
    CITY_DEPARTMENTS,
    COUNTY_COLLECTION,
    COUNTY_DEPARTMENTS,
    MARKETING_MANAGER_RANKS,
    MOBILE_PREFIXES,
    SALES_RANKS,
    SERVICE,
    TRAITS,
)

Ints = NDArray[np.int64]
TENURE_MIN_DAYS = 420  # sellers have been in post for a full year: any month of inception fits
TENURE_MAX_DAYS = 22 * 365
LEAVER_FIRST_HIRED = date(1999, 3, 1)
LEAVER_TENURE_DAYS = (430, 10 * 365)
TRAINEE_SHARE = 0.08  # hired within a year, have sold nothing yet
COLLECTION_LEAVER_SHARE = 0.08
MALE_SHARE = 0.42


@dataclass(frozen=True)
class Staff:
    """`people` carries PEOPLE without address, and area (0/1), community (index), seller (can have sold)."""

    people: pl.DataFrame
    institutions: pl.DataFrame
    planted: pl.DataFrame  # cell, staff_number: who serves the cell in the planted plan


def hire(sizes: Sizes, geography: Geography, data_date: date, rng: np.random.Generator) -> Staff:
    """Build the branch. Staff numbers run on in a random order that says nothing about the role."""
    departments = departments_of(geography)
    codes = {name: code for code, name, _ in departments}
    collection, planted, teams = _collection(geography, codes, data_date, rng)
    marketers, more_teams = _marketers(sizes, geography, codes, data_date, rng)
    service, service_teams = _service(sizes, geography, codes, data_date, rng)
    leavers = _leavers(sizes, geography, codes, more_teams, data_date, rng)
    people = pl.concat([collection, marketers, service, leavers], how="diagonal")
    people = _with_numbers(people, geography.city_code, rng)
    planted = planted.with_columns(staff_number=people["staff_number"].head(len(planted)))
    people = _with_recruiters(people, rng).sort("staff_number")
    institutions = list_institutions(geography, departments, teams + more_teams + service_teams)
    return Staff(people, institutions, planted.select("cell", "staff_number"))


# --- people -----------------------------------------------------------------------------------------------


def _collection(
    geography: Geography, codes: dict[str, str], data_date: date, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame, list[Team]]:
    """Collection managers, the cells they serve in the planted plan, and their teams."""
    homes = np.concatenate(geography.cell_homes)
    cells = np.repeat(np.arange(len(geography.cell_managers)), geography.cell_managers)
    area = geography.communities["area"].to_numpy()[homes]
    points = geography.communities.select("x_m", "y_m").to_numpy()[homes]
    team, supervisor, teams = _collection_teams(points, area, codes)
    frame = pl.DataFrame(
        {
            "series": ["collection"] * len(homes),
            "supervisor": supervisor,
            "team_code": [teams[t][0] for t in team],
            "institution_code": [teams[t][2] for t in team],
            "area": area,
            "community": homes,
        }
    )
    tenure = rng.integers(TENURE_MIN_DAYS, 15 * 365, len(homes))
    frame = _person_columns(frame, data_date, tenure, rng)
    return frame, pl.DataFrame({"cell": cells}), teams


def _collection_teams(
    points: NDArray[np.float64], area: Ints, codes: dict[str, str]
) -> tuple[Ints, NDArray[np.bool_], list[Team]]:
    """Team and supervisor flag of each manager: neighbours form a team, led by who lives in its middle."""
    team, supervisor = np.empty(len(points), np.int64), np.zeros(len(points), bool)
    teams: list[Team] = []
    made_in: dict[str, int] = {}
    for t, inside in enumerate(bisect(points, max(1, round(len(points) / MANAGERS_PER_TEAM)))):
        department = COUNTY_COLLECTION if area[inside].mean() > 0.5 else CITY_COLLECTION
        number = made_in[department] = made_in.get(department, 0) + 1
        code = codes[department]
        teams.append((f"{code}{number:04d}", f"{department}{number}组", code))
        offset = points[inside] - points[inside].mean(0)
        supervisor[inside[np.argmin((offset**2).sum(1))]] = True
        team[inside] = t
    return team, supervisor, teams


def _marketers(
    sizes: Sizes, geography: Geography, codes: dict[str, str], data_date: date, rng: np.random.Generator
) -> tuple[pl.DataFrame, list[Team]]:
    """Agents in post of the marketing departments, in teams with one supervisor each."""
    shares = _marketing_shares(sizes)
    counts = largest_remainder([share for _, _, share in shares], sizes.marketers)
    parts, teams = [], []
    for (name, area, _), count in zip(shares, counts, strict=True):
        made = name_teams(name, codes[name], max(1, round(count / MARKETERS_PER_TEAM)))
        teams += made
        member = np.arange(count) * len(made) // max(count, 1)
        first = np.flatnonzero(np.diff(member, prepend=-1))
        supervisor = np.zeros(count, bool)
        supervisor[first] = True
        parts.append(
            pl.DataFrame(
                {
                    "series": ["marketing"] * count,
                    "supervisor": supervisor,
                    "team_code": [made[m][0] for m in member],
                    "institution_code": [codes[name]] * count,
                    "area": np.full(count, area),
                    "community": _homes_in(geography, area, count, rng),
                }
            )
        )
    frame = pl.concat(parts)
    trainee = (rng.random(len(frame)) < TRAINEE_SHARE) & ~frame["supervisor"].to_numpy()
    trainee &= ~frame.select(pl.int_range(pl.len()).over("institution_code") < 2).to_series().to_numpy()
    tenure = rng.integers(TENURE_MIN_DAYS, TENURE_MAX_DAYS, len(frame))
    tenure = np.where(trainee, rng.integers(20, 330, len(frame)), tenure)
    return _person_columns(frame, data_date, tenure, rng), teams


def _marketing_shares(sizes: Sizes) -> list[tuple[str, int, float]]:
    """(department, area, share): an area by its customers with an agent, inside it by last year's premium."""
    result = []
    for area, table in ((CITY, CITY_DEPARTMENTS), (COUNTY, COUNTY_DEPARTMENTS)):
        customers = sizes.members[Group.IN_POST, area]
        whole = sum(table.values())
        result += [(name, area, customers * share / whole) for name, share in table.items() if customers]
    return result


def _service(
    sizes: Sizes, geography: Geography, codes: dict[str, str], data_date: date, rng: np.random.Generator
) -> tuple[pl.DataFrame, list[Team]]:
    """The preservation group (保全), which also stands behind the buffer."""
    teams = name_teams("保全", codes[SERVICE], 1)
    frame = pl.DataFrame(
        {
            "series": ["service"] * sizes.service,
            "supervisor": [i == 0 for i in range(sizes.service)],
            "team_code": [teams[0][0]] * sizes.service,
            "institution_code": [codes[SERVICE]] * sizes.service,
            "area": np.full(sizes.service, CITY),
            "community": _homes_in(geography, CITY, sizes.service, rng),
        }
    )
    tenure = rng.integers(TENURE_MIN_DAYS, 15 * 365, sizes.service)
    return _person_columns(frame, data_date, tenure, rng), teams


def _leavers(
    sizes: Sizes,
    geography: Geography,
    codes: dict[str, str],
    teams: list[Team],
    data_date: date,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """People who sold and left; their old team stays on their row."""
    shares = _marketing_shares(sizes)
    weight = np.array([share for _, _, share in shares])
    pick = rng.choice(len(shares), sizes.leavers, p=weight / weight.sum())
    pick[: len(shares)] = np.arange(len(shares))[
        : sizes.leavers
    ]  # every department, so each area has a leaver
    area = np.array([a for _, a, _ in shares])[pick]
    department = np.array([codes[name] for name, _, _ in shares])[pick]
    in_department: dict[str, list[str]] = {}
    for code, _, parent in teams:
        in_department.setdefault(parent, []).append(code)
    team = [
        options[int(u * len(options))]
        for options, u in zip((in_department[d] for d in department), rng.random(sizes.leavers), strict=True)
    ]
    home = np.where(
        area == CITY,
        _homes_in(geography, CITY, sizes.leavers, rng),
        _homes_in(geography, COUNTY, sizes.leavers, rng) if (area == COUNTY).any() else 0,
    )
    frame = pl.DataFrame(
        {
            "series": np.where(
                rng.random(sizes.leavers) < COLLECTION_LEAVER_SHARE, "collection", "marketing"
            ),
            "supervisor": np.zeros(sizes.leavers, bool),
            "team_code": team,
            "institution_code": department,
            "area": area,
            "community": home,
        }
    )
    span = (data_date - LEAVER_FIRST_HIRED).days - LEAVER_TENURE_DAYS[0] - 30
    hired = (rng.random(sizes.leavers) * span).astype(np.int64)
    tenure = rng.integers(*LEAVER_TENURE_DAYS, sizes.leavers)
    last = (data_date - LEAVER_FIRST_HIRED).days - 12
    left = np.minimum(hired + tenure, last - rng.integers(0, 20, sizes.leavers))
    frame = _person_columns(frame, data_date, (data_date - LEAVER_FIRST_HIRED).days - hired, rng)
    return frame.with_columns(
        left_date=pl.Series([LEAVER_FIRST_HIRED + timedelta(days=int(d)) for d in left], dtype=pl.Date),
        seller=pl.lit(True),
    )


def _person_columns(
    frame: pl.DataFrame, data_date: date, tenure_days: Ints, rng: np.random.Generator
) -> pl.DataFrame:
    """Add name, rank, phone, trait, hired_date, left_date (null) and seller."""
    n = len(frame)
    prefix = pl.Series(MOBILE_PREFIXES).gather(rng.integers(0, len(MOBILE_PREFIXES), n))
    leads = frame["supervisor"].to_numpy()
    rank = np.array(SALES_RANKS)[rng.choice(len(SALES_RANKS), n, p=(0.08, 0.18, 0.3, 0.34, 0.1))]
    rank = np.where(tenure_days < 365, SALES_RANKS[-1], rank)
    lead_rank = np.array(MARKETING_MANAGER_RANKS)[rng.integers(0, len(MARKETING_MANAGER_RANKS), n)]
    trait = pl.Series([*TRAITS, None]).gather(rng.integers(0, len(TRAITS) + 3, n).clip(0, len(TRAITS)))
    name = draw_names(rng.random(n) < MALE_SHARE, rng)
    return frame.with_columns(
        name=spell_names(pl.Series(name.surname), pl.Series(name.first), pl.Series(name.second)),
        rank=pl.Series(np.where(leads, lead_rank, rank)),
        phone=prefix + pl.Series(rng.integers(0, 10**8, n)).cast(pl.String).str.zfill(8),
        trait=trait,
        hired_date=pl.Series([data_date - timedelta(days=int(d)) for d in tenure_days], dtype=pl.Date),
        left_date=pl.lit(None, pl.Date),
        seller=pl.Series(tenure_days >= TENURE_MIN_DAYS) & (pl.col("series") == "marketing"),
    )


def _homes_in(geography: Geography, area: int, count: int, rng: np.random.Generator) -> Ints:
    """Community indices in an area, by where people live."""
    frame = geography.communities
    weight = np.where(frame["area"].to_numpy() == area, frame["pull"].to_numpy(), 0.0)
    if weight.sum() == 0:
        raise ValueError(f"no community in area {area}")
    return np.asarray(rng.choice(len(weight), count, p=weight / weight.sum()), np.int64)


def _with_numbers(people: pl.DataFrame, city_code: str, rng: np.random.Generator) -> pl.DataFrame:
    serial = pl.Series(rng.permutation(len(people)) + 1).cast(pl.String).str.zfill(6)
    return people.with_columns(staff_number=pl.lit(city_code) + serial)


def _with_recruiters(people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Everybody was brought in by somebody who was in the department before; the first by nobody."""
    ordered = people.sort("institution_code", "hired_date", "staff_number")
    turn = ordered.select(pl.int_range(pl.len()).over("institution_code")).to_series().to_numpy()
    row = np.arange(len(ordered))
    earlier = row - turn + (rng.random(len(ordered)) * turn).astype(np.int64)
    recruiter = ordered["staff_number"].gather(earlier)
    return ordered.with_columns(
        recruiter_number=pl.when(pl.Series(turn > 0)).then(recruiter).otherwise(pl.lit(None, pl.String))
    )
