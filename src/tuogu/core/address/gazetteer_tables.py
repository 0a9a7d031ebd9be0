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


def community_table(
    frame: pl.DataFrame, uncoded: pl.DataFrame | None, node_of: Mapping[str, int], folds: Mapping[str, str]
) -> pl.DataFrame:
    """Communities with the node of their street; those without a code come last within a street."""
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
    nodes = pl.DataFrame({"parent_code": list(node_of), "node": list(node_of.values())})
    joined = pl.concat(parts).join(nodes, on="parent_code", how="left")
    if joined["node"].null_count():
        raise ValueError("communities without their street")
    joined = joined.with_columns(stem=stems_of(pl.col("folded")), alias=stems_of(_without_parents(frame)))
    usable = pl.col("alias").str.len_chars() >= 2
    joined = joined.with_columns(alias=pl.when(usable).then("alias").otherwise("stem"))
    ordered = joined.sort("node", "code", "name", nulls_last=True)
    return ordered.select("code", "name", "stem", "alias", "node")


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
