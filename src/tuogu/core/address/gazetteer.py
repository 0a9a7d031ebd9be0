"""The names of a code book, indexed for the parser.

In: regions and events of the code book (frames). Out: `Gazetteer`: one node a province, city, district or
street, a table of written forms (full name, stem, old names), and the communities of each street. Never: a
form of one character, an old name that hides a division of today in the same city.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

import polars as pl

from tuogu.core.address.communities import CommunityIndex, Hit, index_communities
from tuogu.core.address.gazetteer_tables import (
    NO_LEVEL_NAMES,
    chains_of,
    community_table,
    street_spans,
)
from tuogu.core.address.normalise import folded_names
from tuogu.data.codebook.names import LEVELS, stem

# How a form names its node, strongest first. The numbers are ranks of evidence inside the parser, not rules
# of business.
FULL, STEM, OLD, OLD_STEM = range(4)
WEIGHTS = (1.0, 0.8, 0.9, 0.5)


class CodebookLike(Protocol):
    """What `Gazetteer.of` reads of a code book."""

    @property
    def regions(self) -> pl.DataFrame: ...
    @property
    def elsewhere(self) -> pl.DataFrame: ...
    @property
    def events(self) -> pl.DataFrame: ...
    @property
    def uncoded(self) -> pl.DataFrame: ...
    @property
    def traditional(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Divisions down to streets as numbered nodes, their written forms, and communities by street.

    Node numbers follow the code order; a province's parent is -1. `forms` maps a folded name to numbers
    node * 4 + how (plain integers, because the garbage collector need not walk them). Build it once a run
    with `build` or `of`; it is read-only afterwards, apart from the indexes of communities made on first
    use.
    """

    codes: list[str]
    names: list[str]
    levels: list[int]  # 0 province … 3 street
    parents: list[int]
    children: list[list[int]]
    moved: dict[int, int]  # street that changed its district → the district that its code still names
    node_of: dict[str, int]
    forms: dict[str, tuple[int, ...]]
    lengths: dict[
        str, tuple[int, ...]
    ]  # first two characters of a form → lengths of such forms, longest first
    folded: list[str]  # folded full names, by node
    traditional: Mapping[str, str]
    communities: pl.DataFrame  # code, name, stem, node (street); sorted by node, code
    spans: dict[int, tuple[int, int]]  # street node → rows of `communities`
    community_codes: list[str | None]
    community_names: list[str]
    community_stems: list[str]
    community_aliases: list[str]  # the stem without the street's or district's name before it, else the stem
    community_street: list[int]
    chains: pl.DataFrame  # node → official names of its levels, see `chains_of`
    indexes: dict[int, CommunityIndex] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        regions: pl.DataFrame,
        events: pl.DataFrame | None = None,
        cities: Sequence[str] | None = None,
        *,
        uncoded: pl.DataFrame | None = None,
        traditional: Mapping[str, str] | None = None,
    ) -> Gazetteer:
        """Index `regions` (code, name, level, parent_code) and `events` (old_name, new_code).

        `cities` (codes of 4 or 6 digits) limits streets and communities to them, while provinces, cities
        and districts elsewhere stay known, so that an address outside is seen to be outside; `uncoded`
        (street_code, name) adds communities without codes; `traditional` folds characters. Raises
        ValueError when a row's parent is missing.
        """
        folds = dict(traditional or {})
        frame = _limit(regions, cities)
        frame = frame.with_columns(folded_names(frame["name"], folds).alias("folded")).sort("code")
        upper = frame.filter(pl.col("level") != "community")
        codes: list[str] = upper["code"].to_list()
        node_of = {code: node for node, code in enumerate(codes)}
        parents = _parents(upper, node_of)
        children: list[list[int]] = [[] for _ in codes]
        for node, parent in enumerate(parents):
            if parent >= 0:
                children[parent].append(node)
        levels = [LEVELS.index(level) for level in upper["level"]]
        folded: list[str] = upper["folded"].to_list()
        forms = _forms(levels, folded, parents, _old_names(events, node_of, folds))
        communities = community_table(frame, uncoded, node_of, folds, events)
        return cls(
            codes=codes,
            names=upper["name"].to_list(),
            levels=levels,
            parents=parents,
            children=children,
            moved=_moved(codes, parents, node_of),
            node_of=node_of,
            forms=forms,
            lengths=_lengths(forms),
            folded=folded,
            traditional=folds,
            communities=communities,
            spans=street_spans(communities["node"].to_list()),
            community_codes=communities["code"].to_list(),
            community_names=communities["name"].to_list(),
            community_stems=communities["stem"].to_list(),
            community_aliases=communities["alias"].to_list(),
            community_street=communities["node"].to_list(),
            chains=chains_of(codes, upper["name"].to_list(), levels, parents),
        )

    @classmethod
    def of(cls, codebook: CodebookLike, cities: Sequence[str] | None = None) -> Gazetteer:
        """Index a whole `Codebook`: regions, events, uncoded names and traditional characters."""
        return cls.build(
            pl.concat([codebook.regions, codebook.elsewhere]),
            codebook.events,
            cities,
            uncoded=codebook.uncoded,
            traditional=codebook.traditional,
        )

    def ancestors(self, node: int) -> Iterator[int]:
        """The node itself, then its parent, up to the province."""
        while node >= 0:
            yield node
            node = self.parents[node]

    def common_ancestor(self, nodes: Sequence[int]) -> int:
        """The deepest division that all `nodes` lie in, or -1."""
        shared = set(self.ancestors(nodes[0]))
        for node in nodes[1:]:
            shared &= set(self.ancestors(node))
        return max(shared, key=lambda node: self.levels[node], default=-1)

    def community_at(self, text: str, start: int, scope: int) -> Hit | None:
        """The community named at `start` below a division; the longest name, of several districts all."""
        if self.levels[scope] >= 2:
            return self._index(scope).at(text, start, scope if self.levels[scope] == 3 else -1)
        below = (self.community_at(text, start, child) for child in self.children[scope])
        hits = [hit for hit in below if hit is not None]
        if not hits:
            return None
        longest = max(hits, key=lambda hit: hit.end)
        rows = tuple(row for hit in hits if hit.end == longest.end for row in hit.rows)
        return longest._replace(rows=rows)

    def community_near(self, text: str, start: int, scope: int) -> Hit | None:
        """The one community of a street or district that the text at `start` misses by one character."""
        return self._index(scope).near(text, start, scope if self.levels[scope] == 3 else -1)

    def _index(self, node: int) -> CommunityIndex:
        """Communities of the district at or above `node`, indexed on first use."""
        district = self.parents[node] if self.levels[node] == 3 else node
        found = self.indexes.get(district)
        if found is None:
            rows = chain.from_iterable(
                range(*self.spans.get(child, (0, 0))) for child in self.children[district]
            )
            found = index_communities(
                (self.community_stems, self.community_aliases), self.community_street, list(rows)
            )
            self.indexes[district] = found
        return found


def _limit(regions: pl.DataFrame, cities: Sequence[str] | None) -> pl.DataFrame:
    frame = regions.select("code", "name", "level", "parent_code")
    if cities is None:
        return frame
    inside = pl.col("code").str.head(4).is_in([city[:4] for city in cities])
    return frame.filter(inside | ~pl.col("level").is_in(["street", "community"]))


def _parents(upper: pl.DataFrame, node_of: Mapping[str, int]) -> list[int]:
    missing = set(upper["parent_code"].drop_nulls()) - node_of.keys()
    if missing:
        raise ValueError(f"regions without their parents: {sorted(missing)[:5]}")
    return [-1 if code is None else node_of[code] for code in upper["parent_code"]]


def _moved(codes: list[str], parents: list[int], node_of: Mapping[str, int]) -> dict[int, int]:
    return {
        node: node_of[code[:6]]
        for node, code in enumerate(codes)
        if len(code) == 9 and code[:6] in node_of and parents[node] != node_of[code[:6]]
    }


def _old_names(
    events: pl.DataFrame | None, node_of: Mapping[str, int], folds: Mapping[str, str]
) -> list[tuple[str, int]]:
    """Folded old names with the nodes of today; recoded divisions kept their names and need none."""
    if events is None or events.is_empty():
        return []
    renamed = events.filter(pl.col("old_name").is_not_null()).select("new_code", name="old_name")
    renamed = renamed.with_columns(folded_names(renamed["name"], folds))
    return [
        (name, node_of[code]) for code, name in renamed.unique().sort(pl.all()).iter_rows() if code in node_of
    ]


def _forms(
    levels: list[int], folded: list[str], parents: list[int], old_names: list[tuple[str, int]]
) -> dict[str, tuple[int, ...]]:
    """Written forms → (node * 4 + how, …); the strongest way in which a form names a node is kept."""
    forms: dict[str, dict[int, int]] = {}
    for node, name in enumerate(folded):
        if name in NO_LEVEL_NAMES or len(name) < 2:
            continue
        forms.setdefault(name, {})[node] = FULL
        short = stem(LEVELS[levels[node]], name)
        forms.setdefault(short, {}).setdefault(node, STEM)
        parent = folded[parents[node]] if parents[node] >= 0 else ""
        if levels[node] == 3 and name.startswith(parent) and short != name and len(name) >= len(parent) + 3:
            forms.setdefault(name[len(parent) :], {}).setdefault(
                node, FULL
            )  # 当阳市草埠湖镇 is written 草埠湖镇
    for name, node in old_names:
        if len(name) < 2 or _alive(name, node, forms, parents):
            continue
        forms.setdefault(name, {}).setdefault(node, OLD)
        short = stem(LEVELS[levels[node]], name)
        if short == name:  # the ending of the old rank: 奉化市 is a district (区) today
            short = stem("district", name)
        if not _alive(short, node, forms, parents):
            forms.setdefault(short, {}).setdefault(node, OLD_STEM)
    return {
        form: tuple(node * 4 + how for node, how in sorted(nodes.items())) for form, nodes in forms.items()
    }


def _alive(name: str, node: int, forms: Mapping[str, Mapping[int, int]], parents: list[int]) -> bool:
    """Does a division of today beside `node` bear this name in full or as its stem?"""
    parent = parents[node]
    return any(
        how <= STEM and other != node and parents[other] == parent
        for other, how in forms.get(name, {}).items()
    )


def _lengths(forms: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for form in forms:
        lengths.setdefault(form[:2], set()).add(len(form))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
