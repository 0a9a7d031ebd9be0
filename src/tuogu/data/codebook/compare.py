"""Differences between two versions of the code book, and heirs for codes that a new version no longer has.

In: two code books, or the previous one and the tables of the next. Out: changes row by row; events. Never:
an heir chosen where several divisions bear the retired name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from tuogu.data.codebook.history import EVENTS
from tuogu.data.codebook.names import LEVELS, community_stem, stem

CHANGES = {
    "code": pl.String,
    "level": pl.String,
    "change": pl.String,  # added | retired | renamed | moved
    "old": pl.String,  # name, or parent code where moved
    "new": pl.String,
}


def compare_regions(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Changes from `old` to `new` (REGIONS frames): code, level, change, old, new; sorted by code and
    change.
    """
    left = old.select("code", "level", "name", "parent_code")
    right = new.select("code", "level", "name", "parent_code")
    nothing = pl.lit(None, pl.String)
    added = right.join(left, on="code", how="anti").select(
        "code", "level", change=pl.lit("added"), old=nothing, new="name"
    )
    retired = left.join(right, on="code", how="anti").select(
        "code", "level", change=pl.lit("retired"), old="name", new=nothing
    )
    both = left.join(right, on="code", suffix="_new")
    renamed = both.filter(pl.col("name") != pl.col("name_new")).select(
        "code", "level", change=pl.lit("renamed"), old="name", new="name_new"
    )
    moved = both.filter(pl.col("parent_code").ne_missing(pl.col("parent_code_new"))).select(
        "code", "level", change=pl.lit("moved"), old="parent_code", new="parent_code_new"
    )
    return pl.concat([added, retired, renamed, moved]).select(list(CHANGES)).sort("code", "change")


def retirement_events(
    previous: pl.DataFrame, following: pl.DataFrame, events: pl.DataFrame, year: int
) -> pl.DataFrame:
    """Events for streets and communities of `previous` whose codes `following` does not have (REGIONS
    columns).

    The heir is the one namesake in the same street, else in the same district (or its heirs by `events`); a
    community without one is carried by its street. What has no heir at all gets no event.
    """
    alive = set(following["code"])
    retired = previous.filter(~pl.col("code").is_in(alive) & pl.col("level").is_in(["street", "community"]))
    heirs_of = _heirs_of(events)
    namesakes = _namesakes(following)
    names = dict(following.select("code", "name").iter_rows())
    rows = []
    for code, name, level in retired.select("code", "name", "level").sort("code").iter_rows():
        heir, kind = _heir(code, name, level, heirs_of, namesakes, alive)
        if heir is not None:
            depth = LEVELS.index(level) + 1
            rows.append((code, name, name, heir, names[heir], depth, year, kind, "previous version"))
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def _heirs_of(events: pl.DataFrame) -> Mapping[str, list[str]]:
    heirs: dict[str, list[str]] = defaultdict(list)
    for old, new in events.select("old_code", "new_code").drop_nulls().iter_rows():
        heirs[old].append(new)
    return heirs


def _namesakes(regions: pl.DataFrame) -> Mapping[tuple[str, str], list[str]]:
    """Codes of streets and communities by (beginning of the code, stem): street and district for
    communities.
    """
    index: dict[tuple[str, str], list[str]] = defaultdict(list)
    below = regions.filter(pl.col("level").is_in(["street", "community"]))
    for code, name, level in below.select("code", "name", "level").iter_rows():
        short = _stem(level, name)
        if level == "community":
            index[code[:9], short].append(code)
        index[code[:6], f"{level}:{short}"].append(code)
    return index


def _stem(level: str, name: str) -> str:
    return community_stem(name) if level == "community" else stem(level, name)


def _heir(
    code: str,
    name: str,
    level: str,
    heirs_of: Mapping[str, list[str]],
    namesakes: Mapping[tuple[str, str], list[str]],
    alive: set[str],
) -> tuple[str | None, str]:
    """The heir of one retired code and the kind of change; (None, "") when nothing is certain."""
    short = _stem(level, name)
    if level == "community" and len(same := namesakes.get((code[:9], short), [])) == 1:
        return same[0], "recode"
    districts = heirs_of.get(code[:6], [code[:6]])
    same = [heir for district in districts for heir in namesakes.get((district, f"{level}:{short}"), [])]
    if len(same) == 1:
        return same[0], "recode"
    if level == "community" and code[:9] in alive:
        return code[:9], "merge"
    return None, ""
