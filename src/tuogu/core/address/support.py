"""Finds written names of divisions in a text and sums what speaks for each division.

In: one cleaned and folded text, a gazetteer, the home city. Out: support by node, and the written forms in
order. Never: a road or an estate counted as a place (上海路, 翠苑小区), a bare name deep inside the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tuogu.core.address.communities import ROAD_OR_ESTATE
from tuogu.core.address.gazetteer import FULL, OLD, OLD_STEM, STEM, WEIGHTS, Gazetteer

STREET = 3
# Less than any written form: home decides only between divisions that the text fits equally.
HOME_SUPPORT = 0.3
_HEAD_CHARS = 48  # divisions stand at the beginning; further on there are only roads and estates
_COMMUNITY_NEXT = re.compile(r"(?:社区|居委|村委|嘎查|村(?!镇|乡))")
_ROAD_NAME = re.compile(r".*[路街道巷]$")
_HOUSE_NEXT = re.compile(r"[0-9东南西北中]|[一二三四五六七八九十]+号|与|交叉|口|段")
_DIGITS = frozenset("0123456789")
_BARE = (STEM, OLD_STEM)
_HOW = {FULL: "full", STEM: "stem", OLD: "old", OLD_STEM: "old_stem"}


class Mark(NamedTuple):
    """A level as written: offsets in the text and how it names its division."""

    start: int
    end: int
    how: str


# What speaks for a node: summed weight, the mark (None: the home city), the supported ancestor it builds on
# (-1 none). A plain tuple: fourteen of them are made for an average address.
Support = tuple[float, Mark | None, int]


# A form as written: offsets, and the numbers node * 4 + how that it may mean.
Form = tuple[int, int, tuple[int, ...]]


def find_supports(text: str, gazetteer: Gazetteer, home: int) -> tuple[dict[int, Support], list[Form]]:
    """Support of every node that a written form may name, built from left to right, and the written forms."""
    support: dict[int, Support] = {}
    if home >= 0:
        for node in gazetteer.ancestors(home):
            support[node] = (HOME_SUPPORT, None, -1)
    written: list[Form] = []
    forms, lengths = gazetteer.forms, gazetteer.lengths
    at = expected = 0
    size = min(len(text), _HEAD_CHARS)
    while at < size - 1:
        possible = lengths.get(text[at : at + 2])
        end = 0
        if possible is not None:
            for length in possible:
                named = forms.get(text[at : at + length])
                if named is not None and _support(
                    text, at, at + length, named, at == expected, gazetteer, support
                ):
                    end = at + length
                    written.append((at, end, named))
                    break
        elif expected and text[at] in _DIGITS:
            break
        at = end or at + 1
        expected = end or expected
    return support, written


def _support(
    text: str,
    start: int,
    end: int,
    named: tuple[int, ...],
    adjacent: bool,
    gazetteer: Gazetteer,
    support: dict[int, Support],
) -> bool:
    """Add the support of one written form to the nodes it may name; False when it can name none here.

    A form without its ending must stand right after the last division, and a street's also below a known
    city (or be long and unique).
    """
    parents, levels, moved = gazetteer.parents, gazetteer.levels, gazetteer.moved
    place = road = mark = None
    marked = -1
    found: list[tuple[int, Support]] = []
    for form in named:
        node, how = form >> 2, form & 3
        before = parents[node]
        while before >= 0 and before not in support:
            before = parents[before]
        if (
            node in moved
            and moved[node] in support
            and (before < 0 or support[moved[node]][0] > support[before][0])
        ):
            before = moved[node]
        if how in _BARE:
            if place is None:
                place = adjacent and _is_place(text, end)
            if not place:
                continue
            if levels[node] == STREET:
                if (before < 0 or levels[before] == 0) and (end - start < 3 or len(named) > 1):
                    continue
                if road is None:
                    road = _road_like(text, start, end)
                if road:
                    continue
        if how != marked:
            mark, marked = Mark(start, end, _HOW[how]), how
        found.append((node, (WEIGHTS[how] + (support[before][0] if before >= 0 else 0.0), mark, before)))
    for node, new in found:
        old = support.get(node)
        if old is None or old[1] is None or new[0] >= old[0]:
            support[node] = new
    return bool(found)


def _is_place(text: str, end: int) -> bool:
    """A form without its ending is no place before a road, an estate or a community's ending."""
    return not ROAD_OR_ESTATE.match(text, end) and not _COMMUNITY_NEXT.match(text, end)


def _road_like(text: str, start: int, end: int) -> bool:
    """中山路 followed by a house number is a road; followed by something else it may be 中山路街道."""
    return bool(_ROAD_NAME.match(text[start:end])) and bool(_HOUSE_NEXT.match(text, end) or end == len(text))
