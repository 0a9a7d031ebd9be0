"""Decides which division one address names: a chain from the province to the community, with evidence.

In: one cleaned and folded text, a gazetteer, an optional home city. Out: `Resolution`. Never: one of
several divisions that fit equally well (then their common ancestor, and the tie as candidates), a road read
as a place (上海路).

How: every written form found from left to right supports the divisions it may name; a division inherits the
support of its ancestors found before it; the best supported one wins. Below it, streets and communities are
looked up, and repaired by one character only among its own children.
"""

from __future__ import annotations

import re

from tuogu.core.address.communities import Hit, of_the_written_kind, one_edit, unknown_community
from tuogu.core.address.confidence import Resolution, judge
from tuogu.core.address.gazetteer import Gazetteer
from tuogu.core.address.support import STREET, Mark, Support, find_supports

_TIES_TRIED = 40  # 城关镇 alone stands for hundreds: no use in asking each
_HOUSEHOLD_NEXT = re.compile(r"[0-9]|[一二三四五六七八九十]+[组队社]|$")
_PROVINCE_CHARS = 3  # 龙王殿村; a shorter name is no evidence in a whole province
_WRITTEN = {
    1: re.compile(r"([\u3400-\u9fff]{2,8}?(?:自治州|地区|盟|市))"),
    2: re.compile(r"([\u3400-\u9fff]{2,9}?(?:自治县|自治旗|新区|区|县|市|旗))"),
    3: re.compile(r"([\u3400-\u9fff]{2,9}?(?:街道办事处|街道|办事处|镇|乡|苏木))(?![路街道巷])"),
}


def resolve(text: str, gazetteer: Gazetteer, home: int = -1) -> Resolution:
    """Resolve one folded text. `home` is the node of the home city, context where the text names no city."""
    support, written = find_supports(text, gazetteer, home)
    result = _winner(support, gazetteer)
    _break_tie(text, gazetteer, result)
    _drop_street_inside_community(text, gazetteer, result)
    _descend(text, gazetteer, result)
    _find_community(text, gazetteer, result, home)
    judge(result, gazetteer, written)
    return result


def _winner(support: dict[int, Support], gazetteer: Gazetteer) -> Resolution:
    """The best supported node, or the common ancestor of several equals."""
    top = 0.0
    best: list[int] = []
    for node, (weight, mark, _) in support.items():
        if mark is None or weight < top - 1e-9:
            continue
        if weight > top + 1e-9:
            top, best = weight, []
        best.append(node)
    if not best:
        return Resolution()
    result = Resolution(node=best[0])
    if len(best) > 1:
        result.node = gazetteer.common_ancestor(best)
        if result.node not in best:
            result.candidates, result.tie = tuple(sorted(best)), "division"
    _mark_chain(result, best[0], support, gazetteer)
    return result


def _break_tie(text: str, gazetteer: Gazetteer, result: Resolution) -> None:
    """Of several streets or districts that fit equally, the one that has the community named next, if only
    one has.
    """
    if result.tie != "division" or len(result.candidates) > _TIES_TRIED:
        return
    hits = {
        node: hit
        for node in result.candidates
        if gazetteer.levels[node] >= 2 and (hit := gazetteer.community_at(text, result.end, node))
    }
    longest = max((hit.end for hit in hits.values() if hit.how == "full"), default=0)
    best = [node for node, hit in hits.items() if hit.end == longest]
    if len(best) == 1:
        result.node, result.candidates, result.tie = best[0], (), ""


def _mark_chain(result: Resolution, best: int, support: dict[int, Support], gazetteer: Gazetteer) -> None:
    """Note as-written marks along the chain that carried the winner. A tie keeps the written form too.

    A bare name after its own descendant (象山县定塘镇宁波站村) is part of another name, not the city again.
    """
    node, below = best, -1
    while node >= 0:
        _, mark, before = support[node]
        if mark is not None and (below < 0 or mark.start < below or mark.how == "full"):
            result.marks[gazetteer.levels[node]] = mark
            result.end = max(result.end, mark.end)
            below = mark.start
        node = before


def _drop_street_inside_community(text: str, gazetteer: Gazetteer, result: Resolution) -> None:
    """姜山头村 is not 姜山镇 + 头村: a bare street name that begins a known longer community name is not a
    street.
    """
    mark = result.marks.get(STREET)
    if result.node < 0 or gazetteer.levels[result.node] != STREET or mark is None or mark.how != "stem":
        return
    district = gazetteer.parents[result.node]
    hit = gazetteer.community_at(text, mark.start, district)
    if hit and hit.how == "full" and hit.end > mark.end:
        result.node = district
        del result.marks[STREET]
        result.end = mark.start


def _descend(text: str, gazetteer: Gazetteer, result: Resolution) -> None:
    """Below a city or district: the next name, one character off, if exactly one child fits; then its own
    children.
    """
    repaired = False
    while result.node >= 0 and not result.tie and 0 < gazetteer.levels[result.node] < STREET:
        found = _exact_child(text, gazetteer, result) if repaired else None
        found = found or _repaired_child(text, gazetteer, result)
        if found is None:
            return
        node, mark = found
        result.node, result.end, repaired = node, mark.end, True
        result.marks[gazetteer.levels[node]] = mark


def _exact_child(text: str, gazetteer: Gazetteer, result: Resolution) -> tuple[int, Mark] | None:
    """After a repair: the child whose full name comes next (the scan could not see it without its parent)."""
    for child in gazetteer.children[result.node]:
        name = gazetteer.folded[child]
        if text.startswith(name, result.end):
            return child, Mark(result.end, result.end + len(name), "full")
    return None


def _repaired_child(text: str, gazetteer: Gazetteer, result: Resolution) -> tuple[int, Mark] | None:
    """The one child that the next name misses by one character."""
    level = gazetteer.levels[result.node] + 1
    written = _WRITTEN[level].match(text, result.end)
    if written is None or len(written.group(1)) < 3:
        return None
    name = written.group(1)
    close = [child for child in gazetteer.children[result.node] if _repairs(name, gazetteer.folded[child])]
    if len(close) != 1:
        return None
    return close[0], Mark(result.end, written.end(), "repaired")


def _repairs(written: str, name: str) -> bool:
    """One edit apart, and enough left to be sure: four characters, or a doubled or dropped one in a shorter
    name.
    """
    if written[-1] != name[-1] or not one_edit(written, name):
        return False
    return len(name) >= 4 or len(written) > len(name)


def _find_community(text: str, gazetteer: Gazetteer, result: Resolution, home: int) -> None:
    """Look for the community right after the last division, below it; else note what is written and
    unknown.
    """
    scope = result.node if result.node >= 0 else home
    hit = None
    if scope >= 0 and not result.tie:
        hit = _community_at(text, gazetteer, scope, result.end)
        if hit is None and STREET not in result.marks and _note_unknown_street(text, result):
            hit = _community_at(text, gazetteer, scope, result.end)  # a merged street's communities live on
    elif STREET not in result.marks:
        _note_unknown_street(text, result)
    if hit is None:
        _note_unknown_community(text, gazetteer, result)
    else:
        _take(hit, text, gazetteer, result)


def _community_at(text: str, gazetteer: Gazetteer, scope: int, start: int) -> Hit | None:
    """The community named at `start` below `scope`: the wider the scope, the more must be written."""
    hit = gazetteer.community_at(text, start, scope)
    level = gazetteer.levels[scope]
    if hit is not None and hit.how == "bare" and not (level == 2 and _HOUSEHOLD_NEXT.match(text, hit.end)):
        hit = None
    if hit is not None and level == 0 and (hit.how != "full" or hit.length < _PROVINCE_CHARS):
        hit = None
    if hit is None and level >= 2:
        hit = gazetteer.community_near(text, start, scope)
    return hit


def _take(hit: Hit, text: str, gazetteer: Gazetteer, result: Resolution) -> None:
    """Accept the one community that fits; of several, the coded one of the written kind (屏山村, 屏山社区).

    The kind decides within one street only: elsewhere people say 社区 of a village. Else abstain, with
    candidates.
    """
    result.marks[4] = Mark(hit.start, hit.end, hit.how)
    result.end = hit.end
    rows = hit.rows
    if len(rows) > 1:
        rows = tuple(row for row in rows if gazetteer.community_codes[row] is not None) or rows
    streets = sorted({gazetteer.community_street[row] for row in rows})
    if len(rows) > 1 and len(streets) == 1 and hit.how == "full":
        ending = text[hit.start + hit.length : hit.end]
        kind = of_the_written_kind([gazetteer.community_names[row] for row in rows], ending)
        rows = tuple(rows[i] for i in kind) or rows
    if len(rows) == 1:
        result.community = rows[0]
        result.node = gazetteer.community_street[rows[0]]
        return
    result.node = gazetteer.common_ancestor(streets)
    result.candidates, result.tie = rows, "community"


def _note_unknown_street(text: str, result: Resolution) -> bool:
    """Keep the written form of a street that the code book does not have."""
    written = _WRITTEN[STREET].match(text, result.end)
    if written is None:
        return False
    result.marks[STREET] = Mark(*written.span(1), "unknown")
    result.end = written.end()
    return True


def _note_unknown_community(text: str, gazetteer: Gazetteer, result: Resolution) -> None:
    """Keep the written form of a community that its street does not have; offer the district's namesakes."""
    span = unknown_community(text, result.end)
    if span is None:
        return
    if not result.tie and result.node >= 0 and gazetteer.levels[result.node] == STREET:
        hit = gazetteer.community_at(text, result.end, gazetteer.parents[result.node])
        if hit is not None and hit.how == "full":
            result.candidates = hit.rows
    result.marks[4] = Mark(*span, "unknown")
    result.end = span[1]
