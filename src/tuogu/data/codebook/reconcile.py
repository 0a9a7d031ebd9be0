"""Joins the civil affairs table of today with the statistics bureau's of 2023 into one tree; used by
`rebuild` only.

In: the frames of `sources`. Out: divisions (four levels) and communities, each row with its parent's code.
Never: two rows with one code, a community without a street.

Which code is official: GB/T 2260 down to the district, the statistical 12-digit code below it (both tables
agree on districts; the ministry numbers its streets differently from the bureau, so its number is kept
beside as `civil_code`). Which name is today's: the ministry's. A street of 2023 that the ministry no longer
lists is kept and flagged by its source, because policies and communities still name it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from tuogu.data.codebook.names import stem

MUNICIPALITIES = {"11": "北京市", "12": "天津市", "31": "上海市", "50": "重庆市"}
NO_LEVEL = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
CIVIL, STATISTICS, BOTH, MOVED = "civil-2025", "statistics-2023", "both", "moved"
CIVIL_YEAR, STATISTICS_YEAR = 2025, 2023

DIVISIONS = {
    "code": pl.String,
    "name": pl.String,
    "level": pl.Int64,
    "parent_code": pl.String,
    "civil_code": pl.String,
    "real": pl.Boolean,
    "year": pl.Int64,
    "source": pl.String,
}


def merge_divisions(civil: pl.DataFrame, statistics: pl.DataFrame) -> pl.DataFrame:
    """Provinces, cities, districts and streets of both tables, one row a code."""
    upper = _upper_levels(civil, statistics)
    districts = dict(upper.filter(pl.col("level") == 3).select("code", "name").iter_rows())
    streets = _streets(civil, statistics, districts)
    return pl.concat([upper, streets]).sort("code")


def _upper_levels(civil: pl.DataFrame, statistics: pl.DataFrame) -> pl.DataFrame:
    """Provinces, cities and districts. Districts that only the bureau has are its own (开发区), unless
    abolished.
    """
    today = dict(civil.filter(pl.col("level") <= 2).select("code", "name").iter_rows())
    today |= {c[:6]: n for c, n in civil.filter(pl.col("level") == 3).select("code", "name").iter_rows()}
    past = dict(statistics.filter(pl.col("level") <= 3).select("code", "name").iter_rows())
    rows = []
    for code in sorted(today.keys() | past.keys() | {"71"}):
        if code not in today and code in past and _abolished_district(code):
            continue
        name = today.get(code) or past.get(code) or "台湾省"  # neither table has Taiwan; GB/T 2260 gives 71
        rows.append(_upper_row(code, name, code in today, code in past))
    return pl.DataFrame(rows, schema=DIVISIONS, orient="row")


def _abolished_district(code: str) -> bool:
    """A county-level code in the range of real districts. The bureau's own divisions have 71..79 or 00."""
    last = code[4:]
    return len(code) == 6 and not ("71" <= last <= "79") and last != "00" and code not in KEPT_DISTRICTS


# The bureau still counts communities below these; the ministry lists their streets under the prefecture or
# elsewhere.
KEPT_DISTRICTS = {"232761", "232762", "232763", "232764", "620201", "632857", "460321", "460322", "460323"}


def _upper_row(code: str, name: str, civil: bool, statistical: bool) -> tuple[object, ...]:
    level = len(code) // 2
    real = civil or level == 1
    if level == 2 and name in NO_LEVEL:
        name, real = MUNICIPALITIES.get(code[:2], name), code[:2] in MUNICIPALITIES
    source = BOTH if civil and statistical else CIVIL if civil else STATISTICS
    year = CIVIL_YEAR if civil else STATISTICS_YEAR
    return code, name, level, code[:-2] or None, None, real, year, source


def _streets(civil: pl.DataFrame, statistics: pl.DataFrame, districts: Mapping[str, str]) -> pl.DataFrame:
    """Streets: matched by name within the district (else within the city), then what only one table has.

    `districts` gives the names of today's districts by code.
    """
    names = dict(statistics.filter(pl.col("level") == 4).select("code", "name").iter_rows())
    past = {code: _plain(name, districts.get(code[:6], "")) for code, name in names.items()}
    today = list(civil.filter(pl.col("level") == 4).select("code", "parent", "name").sort("code").iter_rows())
    exact, stems = _by_name(past.items(), "exact"), _by_name(past.items(), "stem")
    rows: list[tuple[object, ...]] = []
    used: set[str] = set()
    unmatched = []
    for code, parent, name in today:
        short = stem("street", name)
        found = _first_unused(exact[parent, name], used) or _first_unused(stems[parent, short], used)
        if found is None:
            unmatched.append((code, parent, name))
            continue
        used.add(found)
        rows.append((found, name, 4, found[:6], code, found[6] < "4", CIVIL_YEAR, BOTH))
    in_city = _by_name(((c, n) for c, n in past.items() if c not in used), "city")
    for code, parent, name in unmatched:
        rows.append(_moved_or_new_street(code, parent, name, in_city, used, past, districts))
    rows += [
        (code, name, 4, code[:6], None, code[6] < "4", STATISTICS_YEAR, STATISTICS)
        for code, name in names.items()
        if code not in used and code[:6] in districts
    ]
    return pl.DataFrame(rows, schema=DIVISIONS, orient="row")


def _plain(name: str, district: str) -> str:
    """The bureau writes 港口物流产业园-永安洲镇 and 当阳市草埠湖镇 for what the ministry calls 永安洲镇 and
    草埠湖镇.
    """
    name = name.rsplit("-", 1)[-1]
    return (
        name[len(district) :]
        if district and name.startswith(district) and len(name) > len(district) + 2
        else name
    )


def _moved_or_new_street(
    code: str,
    parent: str,
    name: str,
    in_city: Mapping[tuple[str, str], list[str]],
    used: set[str],
    past: Mapping[str, str],
    districts: Mapping[str, str],
) -> tuple[object, ...]:
    """A street that its district did not have in 2023: moved within the city, else new. Adds its code to
    `used`.
    """
    candidates = [c for c in in_city[code[:4], stem("street", name)] if c not in used]
    if len(candidates) == 1:
        found = candidates[0]
        used.add(found)
        home = parent if parent in districts else found[:6]
        source = BOTH if home == found[:6] else MOVED
        return found, name, 4, home, code, found[6] < "4", CIVIL_YEAR, source
    own = code if code not in past and code not in used else _free_code(code[:6], used | past.keys())
    used.add(own)
    home = parent if parent in districts else next(d for d in sorted(districts) if d[:4] == parent[:4])
    return own, name, 4, home, code, True, CIVIL_YEAR, CIVIL


def _free_code(district: str, taken: Iterable[str]) -> str:
    """A street code that neither table uses: 9xx is not given out by either."""
    taken = set(taken)
    return next(c for c in (f"{district}{n}" for n in range(900, 1000)) if c not in taken)


def _by_name(streets: Iterable[tuple[str, str]], how: str) -> Mapping[tuple[str, str], list[str]]:
    """Codes by (district, name), (district, stem) or (city, stem)."""
    index: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, name in sorted(streets):
        key = name if how == "exact" else stem("street", name)
        index[code[: 4 if how == "city" else 6], key].append(code)
    return index


def _first_unused(codes: list[str], used: set[str]) -> str | None:
    return next((c for c in codes if c not in used), None)


def merge_communities(divisions: pl.DataFrame, statistics: pl.DataFrame) -> pl.DataFrame:
    """Communities of 2023 below their streets: code, name, parent_code, real, year, source.

    Raises ValueError when a community's street is missing from `divisions`: none may be dropped in silence.
    """
    streets = divisions.filter(pl.col("level") == 4).select(parent_code="code")
    joined = (
        statistics.filter(pl.col("level") == 5)
        .select("code", "name", parent_code=pl.col("code").str.head(9))
        .join(streets, on="parent_code", how="inner")
        .select(
            "code",
            "name",
            "parent_code",
            real=~pl.col("code").str.slice(9, 1).is_in(["4", "5"]),
            year=pl.lit(STATISTICS_YEAR, pl.Int64),
            source=pl.lit(STATISTICS),
        )
        .sort("code")
    )
    lost = statistics.filter(pl.col("level") == 5).join(joined, on="code", how="anti")
    if lost.height:
        raise ValueError(f"{lost.height} communities have no street, e.g. {lost.row(0)}")
    return joined
