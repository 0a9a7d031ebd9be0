"""The report's sections, top to bottom: what was decided, how good it is, where it hurts, what was left out.

In: a ReportSource. Out: cards. Never: a policy number or a customer; a figure without its definition.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.census import census, distribution, homes
from tuogu.core.labels import BREAK_LEVELS, MANUAL_REASONS, UNPLACED_REASONS
from tuogu.core.tables import Certificate
from tuogu.files.certificate_words import band_text, certificate_lines, outside_band, provenance
from tuogu.files.report_charts import heat_key, heat_table, histogram, year_chart
from tuogu.files.report_map import Atlas, build_atlas, dot_radius, overview, team_map
from tuogu.files.report_page import Raw, card, html, joined, stack, table
from tuogu.files.report_source import ReportSource

_TEAM_MAPS_MAX = 12  # beyond it a report would be maps only
_TEAM_MAP_WIDE = {4: 500.0, 6: 760.0}  # units of a team's map by the columns of its card
_LISTED_MAX = 200  # rows of a list that a reader will look at; the workbook has them all
_TONES = {"good": "good", "warn": "warn", "bad": "bad", "plain": ""}


def head(source: ReportSource) -> Raw:
    """Title and provenance."""
    facts = provenance(source.plan, str(source.book.books.data_date))
    line = "".join(f"<span>{html(label)} <b>{html(value)}</b></span>" for label, value in facts)
    return Raw(
        '<header class="head"><h1>孤儿保单分配方案 <span class="tag warn">预分配，未生效</span></h1>'
        f'<p class="sub">{line}</p></header>'
    )


def strip(source: ReportSource) -> Raw:
    """The certificate's figures, large."""
    plan, certificate = source.plan, source.plan.certificate
    outside = outside_band(plan.loads, source.rulebook)
    total = plan.assignments.height + plan.unplaced.height
    good, bad = "good", "bad"
    boxes = [
        (
            "硬性违规",
            f"{certificate.violations:,}",
            "独立复核程序核对",
            bad if certificate.violations else good,
        ),
        (
            "越界人月",
            f"{outside:,}",
            f"{plan.loads.height:,} 个人月，限 {band_text(source.rulebook)} 件",
            bad if outside else good,
        ),
        (
            "已分配",
            f"{plan.assignments.height:,}",
            f"应安排 {total:,} 件，未分配 {plan.unplaced.height:,} 件",
            "",
        ),
        ("件均距离", _mean_distance(source), _metric_note(certificate), ""),
        ("目标值", f"{certificate.value_m:,}", f"下界 {certificate.lower_bound_m:,}", ""),
        ("差距", _gap(certificate), "至多还能好这么多", ""),
    ]
    return Raw(
        '<section class="strip" aria-label="方案证书要点">'
        + "".join(
            f'<div><div class="k">{html(k)}</div><div class="v {tone}">{html(v)}</div>'
            f'<div class="d">{html(d)}</div></div>'
            for k, v, d, tone in boxes
        )
        + "</section>"
    )


def _gap(certificate: Certificate) -> str:
    return f"{certificate.gap:.2%}" if certificate.lower_bound_m else "—"


def _mean_distance(source: ReportSource) -> str:
    planned = source.plan.assignments.height
    mean = source.plan.certificate.value_m / planned if planned else 0.0
    return f"{mean / 1000:.2f} km"


def _metric_note(certificate: Certificate) -> str:
    return "社区中心到住址所在社区" if certificate.metric == "metres" else "没有坐标，按区划层级折算"


def certificate_card(source: ReportSource) -> Raw:
    """The certificate in words."""
    lines = certificate_lines(source.plan, source.rulebook, source.names)
    rows = "".join(
        f'<tr><th scope="row">{html(line.topic)}</th><td class="fig {_TONES[line.tone]}">{html(line.figure)}</td>'
        f"<td>{html(line.sentence)}</td></tr>"
        for line in lines
    )
    body = f'<div class="scroll"><table class="words"><tbody>{rows}</tbody></table></div>'
    return card("方案证书", Raw(body), note="每一行都可由复核程序重算")


# --- map ----------------------------------------------------------------------------------------


def map_cards(source: ReportSource) -> Raw:
    """The map with its key and the managers beside it, then each team larger; or why there is no map."""
    if source.placed.is_empty():
        return joined([_no_map(source), managers_card(source, None)])
    atlas = build_atlas(source)
    missing = source.communities.height - source.placed.height
    note = f"{len(atlas.places):,} 个社区，{source.managers.height:,} 名客户经理"
    words = ["色块为离该社区中心最近的范围，只作示意，不是行政界线；相邻的人不同色，以姓名为准。"]
    if source.synthetic:
        words.insert(0, "坐标为合成数据，仅供演示，与实际位置无关。")
    if missing:
        words.append(f"另有 {missing:,} 个社区没有坐标，未画出，件数仍在各表中。")
    body = joined([overview(atlas), _key(), Raw(f'<p class="foot">{"".join(map(html, words))}</p>')])
    return joined(
        [card("片区", body, note=note, span=8), managers_card(source, atlas), _team_cards(source, atlas)]
    )


def _key() -> Raw:
    dots = "".join(
        f'<span><svg class="ks" viewBox="0 0 28 28"><circle class="dot k0" cx="14" cy="14" r="{dot_radius(n):.1f}"/>'
        f"</svg>{n} 件</span>"
        for n in (10, 50, 150)
    )
    return Raw(
        '<div class="key">'
        '<span><svg class="ks" viewBox="0 0 28 28"><circle class="home" cx="14" cy="14" r="7"/></svg>客户经理住址所在社区</span>'
        '<span><svg class="ks" viewBox="0 0 28 28"><path class="home chief" d="M14 4L24 14L14 24L4 14Z"/></svg>'
        "主管住址所在社区</span>"
        '<span><svg class="ks" viewBox="0 0 28 28"><path class="team" d="M2 14H26"/></svg>组界</span>'
        f"{dots}</div>"
    )


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
        for row in rows.head(_LISTED_MAX).iter_rows(named=True)
    ]
    notice = Raw(
        '<p class="notice">没有社区坐标，不能画地图，也不能判断片区是否连成一片；距离按最近共同区划的档次折算。'
        "导入坐标（社区代码、经度、纬度、坐标系）后重新计划即可得到地图。</p>"
    )
    body = joined(
        [notice, table(("区县", "街道", "客户经理", "社区", "件数"), listed, numeric={3, 4}), _more(rows)]
    )
    return card("片区", body, note="按街道列出", span=8)


def managers_card(source: ReportSource, atlas: Atlas | None) -> Raw:
    """Who holds how much, by team."""
    rows: list[str] = []
    team = None
    for person in source.managers.iter_rows(named=True):
        if person["team_code"] != team:
            team = person["team_code"]
            held = source.managers.filter(team_code=team)["held"].sum()
            text = f"{html(person['team'])}，{held:,} 件"
            rows.append(f'<tr class="group"><th colspan="5" scope="rowgroup">{text}</th></tr>')
        swatch = ""
        if atlas is not None and person["staff_number"] in atlas.colour:
            swatch = f'<i class="sw k{atlas.colour[person["staff_number"]]}"></i>'
        chief = ' <span class="tag">主管</span>' if person["supervisor"] else ""
        rows.append(
            f'<tr><th scope="row">{swatch}{html(person["name"])}{chief}</th>'
            f'<td class="num">{person["communities"]}</td><td class="num">{person["held"]:,}</td>'
            f'<td class="num">{person["year"]:,}</td><td class="num">{person["least"]}–{person["most"]}</td></tr>'
        )
    whole = source.managers.select(pl.col("held", "year").sum()).row(0)
    body = (
        '<div class="scroll tall"><table><thead><tr><th>姓名</th><th class="num" title="服务的社区数">社区</th>'
        '<th class="num" title="持有的保单件数">持有</th><th class="num" title="一年内应收的期数">全年应收</th>'
        '<th class="num" title="应收最少的月与最多的月">最少–最多月</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody><tfoot><tr><td>合计</td><td></td>"
        f'<td class="num">{whole[0]:,}</td><td class="num">{whole[1]:,}</td><td></td></tr></tfoot></table></div>'
    )
    return card("客户经理", Raw(body), span=4)


def _team_cards(source: ReportSource, atlas: Atlas) -> Raw:
    teams = source.managers.select("team_code", "team").unique(maintain_order=True).rows()
    if len(teams) < 2:
        return Raw("")
    if len(teams) > _TEAM_MAPS_MAX:
        text = f'<p class="foot">共 {len(teams)} 个组，组图不逐一画出；每组的片区见登记表。</p>'
        return card("分组放大", Raw(text))
    span = 6 if len(teams) in (2, 4) else 4
    drawn = [(name, team_map(atlas, code, name, _TEAM_MAP_WIDE[span])) for code, name in teams]
    return joined(
        card(name, drawing, note="社区名后为件数；灰色为其他组", span=span)
        for name, drawing in drawn
        if drawing is not None
    )


# --- load ---------------------------------------------------------------------------------------


def load_cards(source: ReportSource) -> Raw:
    """Heat table, histogram, the year."""
    low, high = source.rulebook["territory.month_load_min"], source.rulebook["territory.month_load_max"]
    note = f"{source.plan.as_of} 起一年；每人每月 {low}–{high} 件"
    heat = card("每人每月应收件数", heat_table(source), note=note, aside=heat_key(source), span=8)
    spread = card("人月分布", histogram(source), note="灰底为限内")
    year = card("各月应收合计", year_chart(source), note="灰底为全体可承担范围")
    return joined([heat, stack([spread, year], span=4)])


# --- what was left out, and where it hurts --------------------------------------------------------


def unplaced_card(source: ReportSource) -> Raw:
    """Policies without a manager by reason."""
    counts = source.plan.unplaced.group_by("reason", "detail").agg(n=pl.len().cast(pl.Int64))
    reasons = counts.group_by("reason").agg(
        pl.col("n").sum(), detail=pl.col("detail").sort_by("n", "detail", descending=[True, False]).first()
    )
    rows = [
        (UNPLACED_REASONS.get(row["reason"], row["reason"]), row["n"], row["detail"])
        for row in reasons.sort("n", "reason", descending=[True, False]).iter_rows(named=True)
    ]
    total = source.plan.unplaced.height
    body = table(("原因", "件数", "说明"), rows, numeric={1}, foot=("合计", total, ""))
    return card(f"未分配 {total:,} 件", body, note="由保全组负责")


def manual_card(source: ReportSource) -> Raw:
    """Addresses in the manual queue, by reason."""
    waiting = source.book.located.filter(pl.col("community_code").is_null())
    counts = (
        waiting.group_by("reason")
        .agg(n=pl.len().cast(pl.Int64))
        .sort("n", "reason", descending=[True, False])
    )
    rows = [(MANUAL_REASONS.get(reason, reason), n) for reason, n in counts.iter_rows()]
    coded = source.book.located.height - waiting.height
    share = coded / max(source.book.located.height, 1)
    body = table(("原因", "客户数"), rows, numeric={1}, foot=("合计", waiting.height))
    return card("待人工编码", body, note=f"全部客户 {coded:,} 户已编码，占 {share:.1%}")


def breaks_card(source: ReportSource) -> Raw:
    """Where territories fall into pieces or places are shared."""
    teams = source.book.books.institutions.select("institution_code", "name").rows()
    known = {"manager": dict(source.names), "team": dict(teams)}
    order = {"manager": 0, "team": 1, "community": 2, "street": 3}
    breaks = source.plan.breaks.to_dicts()
    breaks.sort(key=lambda row: (order.get(row["level"], 9), -row["pieces"], row["key"]))
    rows = []
    for row in breaks[:_LISTED_MAX]:
        name = known.get(row["level"], {}).get(row["key"])
        detail = row["detail"].replace(row["key"], name) if name else row["detail"]
        rows.append((BREAK_LEVELS.get(row["level"], row["level"]), detail, row["pieces"]))
    body = table(("层级", "情况", "块数或人数"), rows, numeric={2})
    return card("片区断开", joined([body, _more(source.plan.breaks)]), note=f"共 {len(breaks):,} 处")


def hand_over_card(source: ReportSource) -> Raw:
    """Policies that month repair hands to a touching manager, by community."""
    moved = source.plan.assignments.filter(lever="adjacent")
    stays = (
        source.plan.assignments.filter(lever="unit")
        .group_by("community_code", "staff_number")
        .agg(n=pl.len())
        .sort("community_code", "n", "staff_number", descending=[False, True, False])
        .group_by("community_code", maintain_order=True)
        .agg(from_staff=pl.col("staff_number").first())
    )
    pairs = (
        moved.group_by("community_code", "staff_number")
        .agg(n=pl.len().cast(pl.Int64))
        .join(stays, on="community_code", how="left")
        .join(source.book.communities, on="community_code", how="left")
        .sort("n", "community_code", "staff_number", descending=[True, False, False])
    )
    rows = [
        (
            f"{row['street']} {row['community']}",
            source.name(row["from_staff"]) if row["from_staff"] else "—",
            source.name(row["staff_number"]),
            row["n"],
        )
        for row in pairs.head(_LISTED_MAX).iter_rows(named=True)
    ]
    body = table(
        ("社区", "本社区客户经理", "交给", "件数"), rows, numeric={3}, foot=("合计", "", "", moved.height)
    )
    return card("相邻区件", joined([body, _more(pairs)]), note="为使各月在限内而交给相邻片区的保单")


def _more(frame: pl.DataFrame) -> Raw:
    """Say when a list is cut, and where the rest is."""
    rest = frame.height - _LISTED_MAX
    return Raw(f'<p class="foot">另有 {rest:,} 行，见登记表工作簿。</p>') if rest > 0 else Raw("")


# --- distribution and stock -----------------------------------------------------------------------


def distribution_card(source: ReportSource) -> Raw:
    """Stock, planned and left by district; streets folded below each."""
    frame = distribution(source.book, source.rulebook, source.plan.assignments)
    total = frame.filter(level="total").row(0, named=True)
    rows: list[str] = []
    for row in frame.filter(pl.col("level").is_in(["district", "street"])).iter_rows(named=True):
        share = row["policies"] / max(total["policies"], 1)
        bar = f'<span class="meter"><i style="width:{share:.1%}"></i></span>'
        kind = ' class="group"' if row["level"] == "district" else ""
        rows.append(
            f'<tr{kind}><th scope="row">{html(row["name"])}</th><td class="num">{row["policies"]:,}</td>'
            f'<td class="num">{row["planned"]:,}</td><td class="num">{row["policies"] - row["planned"]:,}</td>'
            f'<td class="num">{share:.1%}</td><td class="wide">{bar}</td></tr>'
        )
    body = (
        '<div class="scroll tall"><table><thead><tr><th>区县、街道</th><th class="num">存量</th><th class="num">已分配</th>'
        f'<th class="num">未分配</th><th class="num">占存量</th><th></th></tr></thead><tbody>{"".join(rows)}</tbody>'
        f'<tfoot><tr><td>合计</td><td class="num">{total["policies"]:,}</td><td class="num">{total["planned"]:,}</td>'
        f'<td class="num">{total["policies"] - total["planned"]:,}</td><td></td><td></td></tr></tfoot></table></div>'
    )
    return card("分布", Raw(body), note="有效与失效的孤儿主险，各级之和等于存量")


def stock_card(source: ReportSource) -> Raw:
    """The census in three lines, and homes that wait for a code."""
    total = (
        census(source.book, source.rulebook, source.plan.as_of)
        .regions.filter(level="total")
        .row(0, named=True)
    )
    kinds = (("主险", "main"), ("其中趸交", "single"), ("附加险", "rider"))
    rows = [
        (name, total[f"{kind}_count"], Raw(f"{total[f'{kind}_premium_fen'] / 100:,.2f}"))
        for name, kind in kinds
    ]
    parts = [table(("存量", "件数", "每期保费（元）"), rows, numeric={1, 2})]
    staff = homes(source.book).filter(pl.col("series").is_in(source.rulebook["territory.planned_series"]))
    missing = staff.filter(pl.col("community_code").is_null())
    named = "、".join(source.name(number) for number in missing["staff_number"])
    text = f"住址待编码 {missing.height} 人：{named}。" if missing.height else "住址全部已编码到社区。"
    parts.append(Raw(f'<p class="foot">在职客户经理 {staff.height:,} 人，{html(text)}</p>'))
    return card("存量统计", joined(parts), note=f"数据日期 {source.book.books.data_date}")
