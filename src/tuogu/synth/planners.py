"""The bank-insurance centre (银保理财中心) and its planners, who came to the branch after everybody else.

In: sizes, geography, the staff before, the data date, a random generator of its own. Out: `Staff` with the centre's
department, teams and planners behind all others. Never: a row, a number or a draw of anybody else changed by it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from tuogu.core.tables import INSTITUTIONS, conform
from tuogu.synth.geography import Geography
from tuogu.synth.identities import draw_names, spell_names
from tuogu.synth.institutions import name_teams
from tuogu.synth.sizes import CITY, PLANNERS_PER_TEAM, Sizes
from tuogu.synth.staff import Staff
from tuogu.synth.vocabulary import CENTRE, MANAGEMENT_LADDER, MOBILE_PREFIXES, SALES_RANKS

SERIES = "planner"
TENURE_DAYS = (40, 9 * 365)
MALE_SHARE = 0.3
SALES_SHARES = (0.1, 0.2, 0.3, 0.25, 0.15)  # of SALES_RANKS


def with_planners(
    staff: Staff, sizes: Sizes, geography: Geography, data_date: date, rng: np.random.Generator
) -> Staff:
    """`staff` with the centre; its planners stand last, under the numbers after the last one."""
    central = f"86{geography.city_code}"
    code = f"{central}9{len(staff.institutions.filter(level='department')) + 1}"
    teams = name_teams(CENTRE, code, max(1, round(sizes.planners / PLANNERS_PER_TEAM)))
    rows = [(code, CENTRE, "department", central, None)]
    rows += [(team, name, "team", parent, None) for team, name, parent in teams]
    institutions = pl.concat([staff.institutions, pl.DataFrame(rows, schema=INSTITUTIONS, orient="row")])
    planners = _planners(sizes.planners, [team for team, _, _ in teams], code, geography, data_date, rng)
    serial = pl.int_range(1, pl.len() + 1) + len(staff.people)
    numbered = planners.with_columns(
        staff_number=pl.lit(geography.city_code) + serial.cast(pl.String).str.zfill(6),
        recruiter_number=pl.lit(None, pl.String),
    )
    people = pl.concat([staff.people, numbered.select(staff.people.columns)], how="vertical_relaxed")
    return replace(staff, people=people, institutions=conform(institutions, INSTITUTIONS))


def _planners(
    count: int, teams: list[str], centre: str, geography: Geography, data_date: date, rng: np.random.Generator
) -> pl.DataFrame:
    """PEOPLE-like rows: the first of a team leads it on the management ladder, the second of the first team assists."""
    team = np.arange(count) * len(teams) // count
    leads = np.diff(team, prepend=-1) > 0
    tenure = rng.integers(*TENURE_DAYS, count)
    wide = "<U8"  # else numpy cuts every rank to the longest of the first ladder
    rank = np.array(SALES_RANKS, dtype=wide)[rng.choice(len(SALES_RANKS), count, p=SALES_SHARES)]
    rank[leads] = np.array(MANAGEMENT_LADDER, dtype=wide)[
        np.arange(leads.sum()) % (len(MANAGEMENT_LADDER) - 1)
    ]
    if count > len(teams) + 1:
        rank[1] = MANAGEMENT_LADDER[-1]
    name = draw_names(rng.random(count) < MALE_SHARE, rng)
    area = geography.communities["area"].to_numpy()
    pull = np.where(area == CITY, geography.communities["pull"].to_numpy(), 0.0)
    home = rng.choice(len(pull), count, p=pull / pull.sum())
    prefix = pl.Series(MOBILE_PREFIXES).gather(rng.integers(0, len(MOBILE_PREFIXES), count))
    return pl.DataFrame(
        {
            "series": [SERIES] * count,
            "supervisor": leads,
            "team_code": [teams[t] for t in team],
            "institution_code": [centre] * count,
            "area": area[home],
            "community": home,
            "name": spell_names(pl.Series(name.surname), pl.Series(name.first), pl.Series(name.second)),
            "rank": rank,
            "phone": prefix + pl.Series(rng.integers(0, 10**8, count)).cast(pl.String).str.zfill(8),
            "trait": pl.Series([None] * count, dtype=pl.String),
            "hired_date": pl.Series([data_date - timedelta(days=int(d)) for d in tenure], dtype=pl.Date),
            "left_date": pl.Series([None] * count, dtype=pl.Date),
            "seller": [False] * count,
        }
    )
