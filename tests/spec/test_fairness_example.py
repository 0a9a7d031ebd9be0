"""The worked example of the fairness account: three people of one rank, one of whom comes in February.

January: Ann gets two pieces (one of them a problem), Bob none. February: Bob and Cat get one each. Ann has no further.
Equals had on average 1 piece in January and 2/3 in February: Ann and Bob, who were there both months, 1 2/3; Cat 2/3.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu.core.fairness import MEMBERS, RELEASED, account, evenness

pytestmark = pytest.mark.req("N-10")
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)

GIVEN = """
month | person | piece | premium | nature  | service   | metres
1     | Ann    | P1    | 1000    | normal  | normal    | 500
1     | Ann    | P2    | 3000    | problem | difficult | -
2     | Bob    | P3    | 2000    | hard    | normal    | 900
2     | Cat    | C1    | 1500    | normal  | lapsed    | 300
2     | Cat    | C1    | 500     | normal  | normal    | 300
"""

# Difficulty: normal 1, hard 2, problem 3 points; a difficult or lapsed one 1 more. C1 is one customer with two policies.
ACCOUNT = """
person month | pieces premium points metres | total: pieces premium points metres | off equals: pieces premium points metres
Ann    1     | 2      4000    5      500    | 2      4000    5     500            | 100.00  100.00  100.00  100.00
Ann    2     | 0      0       0      0      | 2      4000    5     500            | 20.00   20.00   20.00   -33.33
Bob    1     | 0      0       0      0      | 0      0       0     0              | -100.00 -100.00 -100.00 -100.00
Bob    2     | 1      2000    2      900    | 1      2000    2     900            | -40.00  -40.00  -52.00  20.00
Cat    2     | 1      2000    3      600    | 1      2000    3     600            | 50.00   50.00   80.00   20.00
"""

# January: one of two has everything, 1/2. February: ratios 6/5, 3/5, 3/2: (33/10)² / (3 x 405/100) = 0.89629…
EVENNESS = """
month | people | pieces | premium | points | metres
1     | 2      | 50.00  | 50.00   | 50.00  | 50.00
2     | 3      | 89.62  | 89.62   | 82.20  | 94.29
"""


def lines(text: str) -> list[list[str]]:
    return [line.replace("|", " ").split() for line in text.strip().splitlines()[1:]]


def month(word: str) -> date:
    return {"1": JANUARY, "2": FEBRUARY}[word]


def released() -> pl.DataFrame:
    rows = [
        {"month": month(m), "staff_number": who, "number": piece, "premium_fen": int(premium) * 100, "nature": nature,
         "service_class": service, "distance_m": None if metres == "-" else int(metres)}
        for m, who, piece, premium, nature, service, metres in lines(GIVEN)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides=RELEASED).select(*RELEASED)


def members() -> pl.DataFrame:
    there = [("Ann", JANUARY), ("Bob", JANUARY), ("Ann", FEBRUARY), ("Bob", FEBRUARY), ("Cat", FEBRUARY)]
    return pl.DataFrame([(who, when, "收展 · 1") for who, when in there], schema=MEMBERS, orient="row")


def hundredths(word: str) -> int:
    return round(float(word) * 100)


def test_the_account() -> None:
    found = account(released(), members(), standard_rules())
    expected = []
    for who, m, *words in lines(ACCOUNT):
        now, total, off = words[:4], words[4:8], words[8:]
        scaled = [
            [int(pieces), int(premium) * 100, int(points) * 100, int(metres)]
            for pieces, premium, points, metres in (now, total)
        ]
        expected.append((who, "收展 · 1", month(m), *scaled[0], *scaled[1], *map(hundredths, off)))
    assert found.rows() == expected


def test_the_evenness() -> None:
    found = evenness(account(released(), members(), standard_rules()))
    expected = [
        ("收展 · 1", month(m), int(people), *map(hundredths, figures))
        for m, people, *figures in lines(EVENNESS)
    ]
    assert found.rows() == expected
