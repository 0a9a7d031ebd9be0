"""Finds a community's name in the text after its street, district or city.

In: folded names of the communities below one division. Out: `CommunityIndex`, asked with a text and an
offset. Never: one of several communities chosen where the text fits them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from tuogu.data.codebook.names import ENDINGS, community_stem

_ENDING = re.compile("(?:" + "|".join((*ENDINGS["community"], "居民区", "居委", "村居")) + ")")
# What follows a name that is a road's or an estate's, not a community's or street's.
ROAD_OR_ESTATE = re.compile(
    r"[东南西北中前后一二三四五六七八九十]{0,2}"
    r"(?:路(?!桥)|街(?!道)|大街|大道|道(?![里外真县孚])|巷|弄|胡同|小区|花园|公寓|家园|广场|大厦|花苑|佳苑|名邸|苑|新城|商城|市场|医院|学校|中学|小学|公司)"
)
_ROAD_ENDINGS = frozenset("路街道巷弄")
_HOUSE_NEXT = re.compile(r"[0-9]|[一二三四五六七八九十]+号|[东南西北中]?段|与|口|$")
_VILLAGE = re.compile(r"(?:村|村委会|村民委员会|嘎查)$")
_NEW_ESTATE = re.compile(r"新村(?!社区|村|居)|[一二三四五六七八九十]+村(?!社区|村|居|委)")
# A community nobody has registered, recognised by its ending.
_UNKNOWN = re.compile(
    r"([\u3400-\u9fff]{2,9}?(?:社区居委会|社区|居委会|村委会|村(?![\u3400-\u9fff]?[路街道巷弄镇乡])|嘎查))"
)


class Hit(NamedTuple):
    """Communities that the text names: row numbers, offsets of the name, and how it was written."""

    rows: tuple[int, ...]
    start: int
    end: int
    length: int  # of the name without its ending
    how: str  # full | stem | bare (two characters outside a street) | repaired


@dataclass(frozen=True, eq=False)
class CommunityIndex:
    """Communities below one district by stem, with the street of each. `longest` is by the stem's first
    character.
    """

    stems: dict[str, tuple[int, ...]]
    longest: dict[str, int]
    streets: list[int]  # street node by community row, of the whole gazetteer

    def at(self, text: str, start: int, street: int = -1) -> Hit | None:
        """The longest name that begins at `start`, below `street` if given; bare only where no road or
        estate follows.
        """
        for length in range(min(self.longest.get(text[start : start + 1], 0), len(text) - start), 1, -1):
            rows = self.stems.get(text[start : start + length])
            if rows is not None and street >= 0:
                rows = tuple(row for row in rows if self.streets[row] == street)
            if not rows:
                continue
            end = start + length
            ending = _ENDING.match(text, end)
            if ending and not _NEW_ESTATE.match(text, end - 1):
                return Hit(rows, start, _after_endings(text, ending.end()), length, "full")
            if text[end - 1] in _ROAD_ENDINGS and _HOUSE_NEXT.match(text, end):
                continue  # 永定路 before a house number is the road
            if not ROAD_OR_ESTATE.match(text, end) and not _NEW_ESTATE.match(text, end):
                return Hit(rows, start, end, length, "stem" if length > 2 or street >= 0 else "bare")
        return None

    def near(self, text: str, start: int, street: int = -1) -> Hit | None:
        """The one community whose name differs in one character from a name with its ending at `start`."""
        written = _UNKNOWN.match(text, start)
        if written is None:
            return None
        name = community_stem(written.group(1))
        if len(name) < 3:
            return None
        close = [
            rows
            for known, rows in self.stems.items()
            if -2 < len(known) - len(name) < 2
            and (street < 0 or any(self.streets[row] == street for row in rows))
            and one_edit(known, name)
        ]
        if len(close) != 1:
            return None
        return Hit(close[0], start, written.end(), len(name), "repaired")


def of_the_written_kind(names: Sequence[str], ending: str) -> list[int]:
    """Positions of the `names` that are villages if `ending` is a village's, else of those that are not."""
    village = bool(_VILLAGE.search(ending))
    return [i for i, name in enumerate(names) if bool(_VILLAGE.search(name)) == village]


def index_communities(
    names: tuple[list[str], ...], streets: list[int], rows: Sequence[int]
) -> CommunityIndex:
    """Index the given rows of each list of names (stems, aliases); `streets` holds the street node of every
    row.
    """
    by_name: dict[str, tuple[int, ...]] = {}
    longest: dict[str, int] = {}
    for column in names:
        for row in rows:
            name = column[row]
            found = by_name.get(name)
            if found is None:
                by_name[name] = (row,)
                if longest.get(name[0], 0) < len(name):
                    longest[name[0]] = len(name)
            elif row not in found:
                by_name[name] = (*found, row)
    return CommunityIndex(by_name, longest, streets)


def stems_of(names: pl.Expr) -> pl.Expr:
    """`community_stem` over a whole column: the ending is cut twice, and two characters always remain."""
    endings = "|".join(ENDINGS["community"])
    once = rf"^(.{{2,}}?)(?:{endings})$"
    return names.str.replace(once, "$1").str.replace(once, "$1")


def unknown_community(text: str, start: int) -> tuple[int, int] | None:
    """Offsets of a name with a community's ending at `start`, known or not; None for estates and roads."""
    written = _UNKNOWN.match(text, start)
    if written is None or written.group(1).endswith("新村") or _NEW_ESTATE.match(text, written.end() - 2):
        return None
    return written.span(1)


def one_edit(left: str, right: str) -> bool:
    """Do the two differ in exactly one character (replaced, left out or added)? Equal names do not."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    shorter = min(len(left), len(right))
    head = 0
    while head < shorter and left[head] == right[head]:
        head += 1
    tail = 0
    while tail < shorter - head and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    return head + tail >= max(len(left), len(right)) - 1


def _after_endings(text: str, end: int) -> int:
    """Skip a second ending: 社区 then 居委会."""
    again = _ENDING.match(text, end)
    return again.end() if again else end
