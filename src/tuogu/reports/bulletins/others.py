"""津贴核算 (S4-27, S4-28) and 活动月度通报 from the frozen ranking (S2-13).

In: what is asked. Out: Content. Never: an allowance in a band that nobody has set (ReportsRefused says which); a ranking
that was not frozen.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from tuogu.campaigns import queries as campaigns
from tuogu.core.measures.allowances import KINDS
from tuogu.core.measures.figures import rate
from tuogu.files.bulletin import Chart, Column, Content, Definition, Series, Table, Value
from tuogu.reports.allowed import allowances_of
from tuogu.reports.bulletins import phrases
from tuogu.reports.bulletins.asked import Asked
from tuogu.reports.bulletins.by_figures import chosen_of
from tuogu.reports.bulletins.numbers import definition

_WHOLE_BP = 10_000  # hundredths of a percent of one


def allowance(asked: Asked, key: str, title: str) -> Content:
    """What everybody earns for messages and visits of the month."""
    found = allowances_of(asked.scope, asked.first, on=asked.on)
    tables = []
    for kind in KINDS:
        rows = found.rows.filter(pl.col("kind") == kind.key)
        lines = tuple(_paid(row) for row in rows.iter_rows(named=True))
        pieces = "短信条数" if kind.key == "sms" else "拜访客户数"
        heads = (
            Column("人员", "person"), Column("分子", "int"), Column("分母", "int"), Column("比率", "percent"),
            Column("档次"), Column("调整系数"), Column(pieces, "int"), Column("津贴（元）", "money"),
        )  # fmt: skip
        foot = ("合计", None, None, None, None, None, int(rows["pieces"].sum()), int(rows["fen"].sum()))
        tables.append(Table(kind.title, heads, lines, foot if lines else ()))
    facts = [
        phrases.BAND_OPEN % {"kind": kind.title, "n_start": f"{start / 100:g}%"} for kind, start in found.open
    ]
    facts += [
        phrases.BAND_DOUBTFUL
        % {"kind": kind.title, "n_start": f"{start / 100:g}%", "n_yuan": f"{fen / 100:.2f}"}
        for kind, start, fen in found.doubtful
    ]
    facts += ["标“修复值”的系数由破损的原文推得，待核对原件"] if found.rows["restored"].any() else []
    measures = chosen_of(("contact", "visit"), asked.known)
    return Content(
        key,
        title,
        asked.place,
        asked.period,
        tuple(facts),
        tuple(tables),
        (),
        tuple(definition(one) for one in measures),
    )


def _paid(row: dict[str, Any]) -> tuple[Value, ...]:
    share = rate(row["numerator"], row["denominator"], "percent")
    band = None if row["band"] is None else phrases.BAND % {"n": f"{row['band'] // 100}%"}
    worth = None if row["thousandths"] is None else f"{row['thousandths'] / 1000:g}"
    worth = phrases.RESTORED % {"n": worth} if worth is not None and row["restored"] else worth
    return (
        row["person_id"], row["numerator"], row["denominator"], share, band, worth, row["pieces"], row["fen"]
    )  # fmt: skip


def campaign(asked: Asked, key: str, title: str) -> Content:
    """Each campaign's ranking of the month as it was frozen, who is named, who gets the seminar."""
    tables, charts, facts = [], [], []
    for row in campaigns.campaigns(asked.scope):
        for one in campaigns.rankings(row):
            if one.month != asked.first:
                continue
            tables.append(_ranked(one))
            ranked = [(r["name"], r["attained_bp"]) for r in one.rows if r["attained_bp"] is not None]
            names, values = tuple(name for name, _bp in ranked), tuple(bp for _name, bp in ranked)
            charts.append(
                Chart(
                    "bars", phrases.ATTAINED % {"campaign": one.campaign}, names, (Series("目标达成率", values),),
                    "percent",
                )
            )  # fmt: skip
            said = {
                "campaign": one.campaign, "stage": one.stage_word, "rules": one.rulebook, "digest": one.digest[:12]
            }  # fmt: skip
            facts.append(phrases.RANKED % said)
            if one.named:
                facts.append(phrases.NAMED % {"departments": "、".join(r["name"] for r in one.named)})
            if one.seminar:
                best = next(
                    (r["name"] for r in one.rows if r["department"] == one.seminar.department_code), ""
                )
                facts.append(phrases.SEMINAR % {"department": best})
    words = Definition(
        "目标达成率", "二次投保客户÷配额", "所处阶段的目标", "S2-13 二次投保活动通知 L29",
        "一人只计一次，累计至月末，按定格时的账",
    )  # fmt: skip
    return Content(
        key, title, asked.place, asked.period, tuple(facts) or ("这个月没有已定格的活动排名",), tuple(tables),
        tuple(charts), (words,),
    )  # fmt: skip


def _ranked(one: campaigns.Ranking) -> Table:
    heads = (
        Column("名次", "int"), Column("部门"), Column("二次投保客户", "int"), Column("配额", "int"),
        Column("占配额", "percent"), Column("目标达成率", "percent"), Column("本月新增", "int"),
        Column("本月新保单", "int"), Column("结果"),
    )  # fmt: skip
    lines = tuple(_line(row) for row in one.rows)
    return Table(one.campaign, heads, lines)


def _line(row: dict[str, Value]) -> tuple[Value, ...]:
    quota, second = int(row["quota"] or 0), int(row["second"] or 0)
    said = [word for name, word in (("best", "第一"), ("met", "达标"), ("named", "通报")) if row[name]]
    return (
        row["place"], row["name"], second, quota, second * _WHOLE_BP // quota if quota else None, row["attained_bp"],
        row["fresh"], row["policies"], "、".join(said),
    )  # fmt: skip
