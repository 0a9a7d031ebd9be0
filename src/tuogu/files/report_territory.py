"""The report's cards of ground and people: the map, its parts enlarged, the managers; or why there is no map.

In: a ReportSource. Out: cards. Never: a synthetic coordinate that is not called synthetic, a community left
out without a word.
"""

from __future__ import annotations

import polars as pl

from tuogu.files.report_geometry import islands
from tuogu.files.report_map import ROOMY, Atlas, build_atlas, dot_radius, overview, panel
from tuogu.files.report_page import LISTED_MAX, Raw, card, html, joined, more, table
from tuogu.files.report_source import ReportSource

_PANELS_MAX = 24  # beyond it a report would be maps only
_PANEL_WIDE = 440.0  # units of an enlarged part, about a pixel each where three stand side by side
_KEY_DOTS = (10, 50, 150)  # policies of the discs in the key


def map_cards(source: ReportSource) -> Raw:
    """The map with its key and the managers beside it, then its parts enlarged."""
    if source.placed.is_empty():
        return joined([_no_map(source), _managers_card(source, None)])
    atlas = build_atlas(source)
    note = f"{len(atlas.places):,} 个社区，{source.managers.height:,} 名客户经理"
    body = joined(
        [
            overview(atlas),
            _key(len(atlas.places)),
            Raw(f'<p class="foot">{html("".join(_caveats(source)))}</p>'),
        ]
    )
    return joined([card("片区", body, note=note, span=8), _managers_card(source, atlas), _panels(atlas)])


def _caveats(source: ReportSource) -> list[str]:
    """What a reader must know before believing the map."""
    words = ["色块为离该社区中心最近的范围，只作示意，不是行政界线；相邻的人不同色，以姓名为准。"]
    if source.synthetic:
        words.insert(0, "坐标为合成数据，仅供演示，与实际位置无关。")
    missing = source.communities.height - source.placed.height
    if missing:
        words.append(f"另有 {missing:,} 个社区没有坐标，未画出，件数仍在各表中。")
    return words


def _key(places: int) -> Raw:
    """What the marks mean; discs have no figures where they are drawn smaller."""
    drawn = {
        "客户经理住址所在社区": '<circle class="home" cx="14" cy="14" r="5"/>',
        "主管住址所在社区": '<path class="home chief" d="M14 6L22 14L14 22L6 14Z"/>',
        "组界": '<path class="team" d="M2 14H26"/>',
    }
    discs = {
        f"{n} 件": f'<circle class="dot k0" cx="14" cy="14" r="{dot_radius(n):.1f}"/>' for n in _KEY_DOTS
    }
    if places > ROOMY:
        discs = {"圆点越大，件数越多": '<circle class="dot k0" cx="14" cy="14" r="6"/>'}
    items = "".join(
        f'<span><svg class="ks" viewBox="0 0 28 28" aria-hidden="true">{shape}</svg>{text}</span>'
        for text, shape in (drawn | discs).items()
    )
    return Raw(f'<div class="key">{items}</div>')


def _no_map(source: ReportSource) -> Raw:
    """Without coordinates: a notice, and the counts of each street by manager."""
    rows = (
        source.communities.explode("staff", "shares")
        .group_by("district", "street", "staff")
        .agg(pl.col("shares").sum(), communities=pl.len().cast(pl.Int64))
        .sort("district", "street", "shares", "staff", descending=[False, False, True, False])
    )
    listed = [
        (row["district"], row["street"], source.name(row["staff"]), row["communities"], row["shares"])
        for row in rows.head(LISTED_MAX).iter_rows(named=True)
    ]
    notice = Raw(
        '<p class="notice">没有社区坐标，不能画地图；距离按最近共同区划的档次折算。'
        "导入坐标（社区代码、经度、纬度、坐标系）后重新计划，即可得到地图。</p>"
    )
    streets = table(("区县", "街道", "客户经理", "社区", "件数"), listed, numeric={3, 4})
    return card("片区", joined([notice, streets, more(rows.height)]), note="按街道列出", span=8)


def _managers_card(source: ReportSource, atlas: Atlas | None) -> Raw:
    """Who holds how much, by team."""
    held_by = dict(source.managers.group_by("team_code").agg(pl.col("held").sum()).iter_rows())
    rows: list[str] = []
    team = None
    for person in source.managers.iter_rows(named=True):
        if person["team_code"] != team:
            team = person["team_code"]
            text = f"{html(person['team'])}，{held_by[team]:,} 件"
            rows.append(f'<tr class="group"><th colspan="5" scope="rowgroup">{text}</th></tr>')
        colour = atlas.colour.get(person["staff_number"]) if atlas else None
        swatch = "" if colour is None else f'<i class="sw k{colour}"></i>'
        chief = ' <span class="tag">主管</span>' if person["supervisor"] else ""
        rows.append(
            f'<tr><th scope="row">{swatch}{html(person["name"])}{chief}</th>'
            f'<td class="num">{person["communities"]}</td><td class="num">{person["held"]:,}</td>'
            f'<td class="num">{person["year"]:,}</td>'
            f'<td class="num">{person["least"]}–{person["most"]}</td></tr>'
        )
    return card("客户经理", Raw(_managers_table(source, "".join(rows))), span=4)


def _managers_table(source: ReportSource, rows: str) -> str:
    heads = {
        "社区": "服务的社区数",
        "持有": "持有的保单件数",
        "全年应收": "一年内应收的期数",
        "月少–多": "应收最少的月与最多的月",
    }
    head = "".join(f'<th class="num" title="{told}">{name}</th>' for name, told in heads.items())
    held, year = source.managers.select(pl.col("held", "year").sum()).row(0)
    foot = f'<td>合计</td><td></td><td class="num">{held:,}</td><td class="num">{year:,}</td><td></td>'
    return (
        f'<div class="scroll tall"><table><thead><tr><th>姓名</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody><tfoot><tr>{foot}</tr></tfoot></table></div>"
    )


# --- parts of the map, enlarged -------------------------------------------------------------------


def _panels(atlas: Atlas) -> Raw:
    """Each part of the map larger and with the communities' names."""
    parts = _parts(atlas)
    if len(parts) < 2:
        return Raw("")
    parts.sort(key=lambda part: (-sum(atlas.places[i].policies for i in part), part))
    cards = []
    for inside in parts[:_PANELS_MAX]:
        title = _part_title(atlas, inside)
        policies = sum(atlas.places[i].policies for i in inside)
        drawing = panel(atlas, inside, title, _PANEL_WIDE)
        cards.append(card(title, drawing, note=f"{len(inside)} 个社区，{policies:,} 件"))
    rest = len(parts) - _PANELS_MAX
    if rest > 0:
        cards.append(card("其余片区", Raw(f'<p class="foot">另有 {rest:,} 片较小，未放大；件数见各表。</p>')))
    return Raw(f'<div class="panels">{joined(cards).html}</div>')


def _parts(atlas: Atlas) -> list[list[int]]:
    """Islands of touching communities; the teams' grounds where everything hangs together."""
    found = islands(len(atlas.places), atlas.pairs)
    if len(found) > 1:
        return found
    teams: dict[str, list[int]] = {}
    for index in range(len(atlas.places)):
        teams.setdefault(atlas.teams.get(atlas.owner(index), ""), []).append(index)
    return list(teams.values())


def _part_title(atlas: Atlas, inside: list[int]) -> str:
    """District and teams of a part, the largest first, two at most."""
    districts: dict[str, int] = {}
    teams: dict[str, int] = {}
    team_of = {person["staff_number"]: person["team"] for person in atlas.people}
    for index in inside:
        place = atlas.places[index]
        district = place.title.partition(" ")[0]
        districts[district] = districts.get(district, 0) + place.policies
        team = team_of.get(atlas.owner(index), "")
        teams[team] = teams.get(team, 0) + place.policies
    named = [_largest(districts), _largest(teams)]
    return "，".join(text for text in named if text)


def _largest(counts: dict[str, int]) -> str:
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    return "、".join(ordered[:2]) + ("等" if len(ordered) > 2 else "")
