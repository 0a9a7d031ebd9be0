"""The report's sections, top to bottom: what was decided, how good it is, where it hurts, what was left out.

In: a ReportSource. Out: cards. Never: a policy number or a customer; a figure without its definition.
"""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from tuogu.core.census import census, distribution, homes
from tuogu.core.labels import BREAK_LEVELS, MANUAL_REASONS, UNPLACED_REASONS
from tuogu.core.tables import Certificate
from tuogu.files.certificate_words import FACT_TOPICS, band_text, certificate_lines, outside_band, provenance
from tuogu.files.report_charts import heat_key, heat_table, histogram, year_chart
from tuogu.files.report_page import LISTED_MAX, Raw, card, html, joined, more, stack, table
from tuogu.files.report_source import ReportSource

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
        ("目标值", f"{certificate.objective:,}", f"下界 {certificate.lower_bound:,}", ""),
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
    return f"{certificate.gap:.2%}" if math.isfinite(certificate.gap) else "—"


def _mean_distance(source: ReportSource) -> str:
    mean = dict(source.plan.certificate.figures).get("mean_distance_m")
    return "—" if mean is None else f"{mean / 1000:.2f} km"


def _metric_note(certificate: Certificate) -> str:
    return "社区中心到住址所在社区" if certificate.metric == "metres" else "没有坐标，按区划层级折算"


def certificate_card(source: ReportSource) -> Raw:
    """The certificate in words; arithmetic and further figures follow in columns."""
    lines = certificate_lines(source.plan, source.rulebook, source.names)
    rows = "".join(
        f'<tr><th scope="row">{html(line.topic)}</th>'
        f'<td class="fig {_TONES[line.tone]}">{html(line.figure)}</td><td>{html(line.sentence)}</td></tr>'
        for line in lines
        if line.topic not in FACT_TOPICS
    )
    parts = [Raw(f'<div class="scroll"><table class="words"><tbody>{rows}</tbody></table></div>')]
    for topic in FACT_TOPICS:
        facts = "".join(
            f"<div><dt>{html(line.sentence)}</dt><dd>{html(line.figure)}</dd></div>"
            for line in lines
            if line.topic == topic
        )
        if facts:
            parts.append(Raw(f'<h3>{html(topic)}</h3><dl class="facts">{facts}</dl>'))
    return card("方案证书", joined(parts), note="数值由求解程序给出，违规由不共用代码的复核程序核对")


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
    for row in breaks[:LISTED_MAX]:
        name = known.get(row["level"], {}).get(row["key"])
        detail = row["detail"].replace(row["key"], name) if name else row["detail"]
        rows.append((BREAK_LEVELS.get(row["level"], row["level"]), detail, row["pieces"]))
    body = table(("层级", "情况", "块数或人数"), rows, numeric={2})
    return card("片区断开", joined([body, more(source.plan.breaks.height)]), note=f"共 {len(breaks):,} 处")


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
        for row in pairs.head(LISTED_MAX).iter_rows(named=True)
    ]
    body = table(
        ("社区", "本社区客户经理", "交给", "件数"), rows, numeric={3}, foot=("合计", "", "", moved.height)
    )
    return card("相邻区件", joined([body, more(pairs.height)]), note="为使各月在限内而交给相邻片区的保单")


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
            f'<tr{kind}><th scope="row">{html(row["name"])}</th>{_counts(row)}'
            f'<td class="num">{share:.1%}</td><td class="wide">{bar}</td></tr>'
        )
    heads = "".join(f'<th class="num">{text}</th>' for text in ("存量", "已分配", "未分配", "占存量"))
    body = (
        f'<div class="scroll tall"><table><thead><tr><th>区县、街道</th>{heads}<th></th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>"
        f"<tfoot><tr><td>合计</td>{_counts(total)}<td></td><td></td></tr></tfoot></table></div>"
    )
    return card("分布", Raw(body), note="有效与失效的孤儿主险，各级之和等于存量")


def _counts(row: dict[str, Any]) -> str:
    """Stock, planned and left of a row of DISTRIBUTION as cells."""
    counts = (row["policies"], row["planned"], row["policies"] - row["planned"])
    return "".join(f'<td class="num">{count:,}</td>' for count in counts)


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
