"""Tables that a gazetteer holds beside its forms: communities in street order, and names by node.

In: folded regions and the parents of every node. Out: frames. Never: a community without a street.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from tuogu.core.address.communities import stems_of
from tuogu.core.address.normalise import folded_names
from tuogu.data.codebook.names import LEVELS

NO_LEVEL_NAMES = ("省直辖县级行政区划", "自治区直辖县级行政区划")


_COMMUNITY_DEPTH = 5  # of an event about a community


def community_table(
    frame: pl.DataFrame,
    uncoded: pl.DataFrame | None,
    node_of: Mapping[str, int],
    folds: Mapping[str, str],
    events: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Communities with the node of their street; those without a code come last within a street.

    A community has a further row for each name that it, or one that it grew out of, bore before (`events`): of a split
    name each heir has one, so that the parser finds them equal and leaves the choice to a person (N-12).
    """
    parts = [frame.filter(pl.col("level") == "community").select("code", "name", "folded", "parent_code")]
    if uncoded is not None:
        named = uncoded.join(pl.DataFrame({"street_code": list(node_of)}), on="street_code", how="semi")
        parts.append(
            named.select(
                code=pl.lit(None, pl.String),
                name="name",
                folded=folded_names(named["name"], folds),
                parent_code="street_code",
            )
        )
    if events is not None and "level" in events.columns:
        parts.append(_former_names(parts[0], events, folds))
    nodes = pl.DataFrame({"parent_code": list(node_of), "node": list(node_of.values())})
    joined = pl.concat(parts).join(nodes, on="parent_code", how="left")
    if joined["node"].null_count():
        raise ValueError("communities without their street")
    joined = joined.with_columns(stem=stems_of(pl.col("folded")), alias=stems_of(_without_parents(frame)))
    usable = pl.col("alias").str.len_chars() >= 2
    joined = joined.with_columns(alias=pl.when(usable).then("alias").otherwise("stem"))
    ordered = joined.sort("node", "code", "name", nulls_last=True)
    return ordered.select("code", "name", "stem", "alias", "node")


def _former_names(today: pl.DataFrame, events: pl.DataFrame, folds: Mapping[str, str]) -> pl.DataFrame:
    """Rows of `today` (code, name, folded, parent_code) under the names of their past, chains followed to the end. A name
    that a community of the same street bears today is that community's."""
    steps = events.filter((pl.col("level") == _COMMUNITY_DEPTH) & pl.col("old_name").is_not_null())
    steps = steps.select("old_code", "new_code", "old_name").drop_nulls("new_code").unique()
    if steps.is_empty():
        return today.head(0)
    onward = steps.filter(pl.col("old_code") != pl.col("new_code")).select("old_code", later="new_code")
    alive = today["code"].implode()
    reached = [steps.filter(pl.col("new_code").is_in(alive))]
    while (
        steps := steps.filter(~pl.col("new_code").is_in(alive))
    ).height:  # codes are never reused: no circle
        steps = steps.join(onward, left_on="new_code", right_on="old_code").select(
            "old_code", "old_name", new_code="later"
        )
        reached.append(steps.filter(pl.col("new_code").is_in(alive)).select(reached[0].columns))
    named = pl.concat(reached).select(code="new_code", old_name="old_name").unique().sort("code", "old_name")
    named = named.with_columns(old=folded_names(named["old_name"], folds))
    rows = named.join(today, on="code").select("code", "name", folded="old", parent_code="parent_code")
    return rows.join(today, on=["parent_code", "folded"], how="anti").unique(maintain_order=True)


def _without_parents(frame: pl.DataFrame) -> pl.Expr:
    """The folded name without its province's, city's, district's and street's names in front of it."""
    upper = frame.filter(pl.col("level") != "community")
    names = dict(upper.select("code", "folded").iter_rows())
    rest = pl.col("folded")
    for digits in (2, 4, 6, 9):
        parent = (
            pl.col("parent_code").str.head(digits).replace_strict(names, default="", return_dtype=pl.String)
        )
        rest = pl.when(parent != "").then(rest.str.strip_prefix(parent)).otherwise(rest)
    return rest


def street_spans(nodes: list[int]) -> dict[int, tuple[int, int]]:
    """First and last-plus-one row of each street in a list sorted by street."""
    spans: dict[int, tuple[int, int]] = {}
    start = 0
    for row in range(1, len(nodes) + 1):
        if row == len(nodes) or nodes[row] != nodes[start]:
            spans[nodes[start]] = (start, row)
            start = row
    return spans


def chains_of(codes: list[str], names: list[str], levels: list[int], parents: list[int]) -> pl.DataFrame:
    """Official names of the levels above and at every node; a level that a place does not have stays null.

    Columns: node, province, city, district, street, division_code, has_city, has_district. 仙桃市 stands
    below no city, 东莞市 has no districts: has_city or has_district is False there and below.
    """
    paths: list[dict[int, str]] = []
    flags: list[tuple[bool, bool]] = []
    for node, parent in enumerate(
        parents
    ):  # a parent's code is a prefix in all but moved streets, so look it up
        path = {levels[n]: names[n] for n in _upward(node, parent, parents)}
        has_city = path.get(1) not in NO_LEVEL_NAMES
        has_district = path.get(2) is None or path.get(2) != path.get(1)
        paths.append({k: v for k, v in path.items() if (k != 1 or has_city) and (k != 2 or has_district)})
        flags.append((has_city, has_district))
    return pl.DataFrame(
        {
            "node": list(range(len(codes))),
            **{name: [path.get(level) for path in paths] for level, name in enumerate(LEVELS[:4])},
            "division_code": codes,
            "has_city": [city for city, _ in flags],
            "has_district": [district for _, district in flags],
        },
        schema={
            "node": pl.Int64,
            **dict.fromkeys(LEVELS[:4], pl.String),
            "division_code": pl.String,
            "has_city": pl.Boolean,
            "has_district": pl.Boolean,
        },
    )


def _upward(node: int, parent: int, parents: list[int]) -> Iterator[int]:
    yield node
    while parent >= 0:
        yield parent
        parent = parents[parent]
