"""月度车险续保分析报告 (S3-19), 续保考核月报 down to specialist, person and channel (S3-24), 脱保明细清单 (S3-17, S3-23).

In: what is asked. Out: Content. Never: another rate than the one of the definition; a customer named.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from tuogu.core.measures.figures import rate
from tuogu.core.motor.words import OUTCOMES
from tuogu.files.bulletin import Chart, Column, Content, Series, Table, Value
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals
from tuogu.reports.bulletins import phrases
from tuogu.reports.bulletins.asked import Asked, called, institution_names, summed
from tuogu.reports.bulletins.by_figures import chosen_of, spread
from tuogu.reports.bulletins.motor_rows import contacts, month_rows
from tuogu.reports.bulletins.numbers import Basis, basis, by_dimension, definition, history, shown, totals
from tuogu.rules import queries as rules

RATES: Final = ("renewal", "renewal_premium")
_NOT_YET: Final = "未续保（脱保）"
_NOT_DUE: Final = "尚未到期，未续保"
_LEVELS: Final = (("branch", "各机构"), ("department", "各部门"), ("team", "各组"))


def analysis(asked: Asked, key: str, title: str) -> Content:
    """What ended in the month, what was renewed, where it was lost, what the branches say of it."""
    measures = chosen_of(RATES, asked.known)
    past, base = history(asked, RATES), basis(asked)
    rows = month_rows(asked.scope, asked.first, asked.on)
    places = [_rates(asked, level, title) for level, title in _LEVELS]
    months = tuple(f"{month:%Y-%m}" for month, _sides in past)
    lines = tuple(
        Series(one.title, tuple(shown(one, sides.get(one.key)) for _m, sides in past)) for one in measures
    )
    ahead = rows.filter(pl.col("expiry_date") > asked.known).height
    charts = [_funnel(asked, rows)]
    charts += [Chart("lines", "续保率逐月", months, lines, "percent")] if len(months) > 1 else []
    ranking = spread(asked, measures[0], "department")
    tables = [*places, _rates(asked, "source", "各渠道"), _outcomes(asked, rows, base), *_orders(asked)]
    return Content(
        key, title, asked.place, asked.period, (_said(asked, ahead), base.words), tuple(tables),
        (*charts, *([ranking] if ranking else [])), tuple(definition(one) for one in measures), base.digest,
    )  # fmt: skip


def assessment(asked: Asked, key: str, title: str) -> Content:
    """The month's rates of the specialist, each responsible person and each channel, under the year's policy."""
    measures, base = chosen_of(RATES, asked.known), basis(asked)
    policy = renewals.reward_policy_in_force(asked.known)
    facts = [
        _said(asked, _ahead(asked)), base.words,
        phrases.POLICY % {"n_year": policy.year, "n_version": policy.version} if policy
        else phrases.NO_POLICY % {"n_year": asked.first.year},
    ]  # fmt: skip
    people = _rates(asked, "person", "责任人")
    tables = (
        _specialists(asked),
        people,
        _rates(asked, "source", "渠道"),
        _rates(asked, "department", "部门"),
    )
    ranking = spread(asked, measures[0], "team")
    return Content(
        key, title, asked.place, asked.period, tuple(facts), tables, (ranking,) if ranking else (),
        tuple(definition(one) for one in measures), base.digest,
    )  # fmt: skip


def lapsed(asked: Asked, key: str, title: str) -> Content:
    """The month's list of lapsed cars for the branches, with whether their data are true; never mailed."""
    rows, names = renewals.lapsed_list(asked.scope, asked.first), institution_names()
    true = {True: "真实", False: "不真实", None: "未核实"}
    lines = tuple(
        (
            row["policy_number"], row["holder_number"], called(names, row["institution_code"]), row["custodian_id"],
            row["expiry_date"].isoformat(), OUTCOMES.get(row["outcome"] or "", "未续保"), true[row["data_true"]],
            row["round"],
        )
        for row in rows.iter_rows(named=True)
    )  # fmt: skip
    heads = (
        Column("保单号", "policy"), Column("客户", "customer"), Column("单位"), Column("责任人", "person"),
        Column("终保日", "day"), Column("现状"), Column("资料"), Column("第几次挽救", "int"),
    )  # fmt: skip
    per = rows.group_by("institution_code").agg(n=pl.len().cast(pl.Int64)).sort("institution_code")
    summary = tuple((called(names, code), n) for code, n in per.iter_rows())
    return Content(
        key, title, asked.place, asked.period, (phrases.LAPSED % {"n": f"{rows.height:,}"},),
        (Table("明细", heads, lines), Table("各单位", (Column("单位"), Column("件数", "int")), summary)),
    )  # fmt: skip


def _rates(asked: Asked, dimension: str, title: str) -> Table:
    """Both sides of both rates by a dimension."""
    rows, kept = by_dimension(asked, RATES, dimension)
    sides = {(key, value): (n, d) for key, value, n, d in rows.rows()}
    values = rows["value"].unique(maintain_order=True).to_list()
    names = {} if dimension in ("person", "source") else institution_names()
    lines: list[tuple[Value, ...]] = []
    for value in sorted(values, key=str):
        count, money = sides.get(("renewal", value), (0, 0)), sides.get(("renewal_premium", value), (0, 0))
        if count[1]:
            lines.append((_word(dimension, value, names), *_both(count, money)))
    return Table(title, (Column(title, "person" if dimension == "person" else "text"), *_HEADS), tuple(lines),
                 note="" if kept else "本表按现有记录计算。")  # fmt: skip


_HEADS: Final = (
    Column("终保件数", "int"), Column("续保件数", "int"), Column("续保率（件数）", "percent"),
    Column("终保保费（元）", "money"), Column("续保原保费（元）", "money"), Column("续保率（保费）", "percent"),
)  # fmt: skip


def _both(count: tuple[int, int], money: tuple[int, int]) -> tuple[Value, ...]:
    return (
        count[1], count[0], rate(*count, "percent"), money[1], money[0], rate(*money, "percent")
    )  # fmt: skip


def _word(dimension: str, value: str, names: dict[str, str]) -> Value:
    if dimension == "person":
        return int(value) if value else None
    return (value or "未注明") if dimension == "source" else called(names, value)


def _ahead(asked: Asked) -> int:
    """How many of the month's policies are yet to end: they count in the denominator (S3-23)."""
    if not asked.running:
        return 0
    rows = month_rows(asked.scope, asked.first, asked.on)
    return rows.filter(pl.col("expiry_date") > asked.known).height


def _said(asked: Asked, ahead: int) -> str:
    sides = totals(asked, RATES)
    count, money = sides.get("renewal", (0, 0)), sides.get("renewal_premium", (0, 0))
    words = [
        "—" if found is None else f"{found / 100:.2f}%"
        for found in (rate(*count, "percent"), rate(*money, "percent"))
    ]
    told = {
        "n_ended": f"{count[1]:,}", "n_ahead": f"{ahead:,}", "n_kept": f"{count[0]:,}", "n_rate": words[0],
        "n_premium_rate": words[1],
    }  # fmt: skip
    return (phrases.ENDED_AHEAD if ahead else phrases.ENDED) % told


def _funnel(asked: Asked, rows: pl.DataFrame) -> Chart:
    """How far the month's policies came: S3-08 asks for so many contacts before the end of cover."""
    book = rules.applicable(asked.known)
    least, back = book["renewal.own_contacts_min"], max(book["renewal.band_days"])
    told = contacts(rows["holder_number"], asked.first - timedelta(days=back), asked.known)
    ends = rows.select("holder_number", "expiry_date")
    counted = (
        ends.join(told, left_on="holder_number", right_on="customer_number")
        .filter(pl.col("happened_date") <= pl.col("expiry_date"))
        .group_by("holder_number").len()
    )  # fmt: skip
    reached = rows.join(counted, on="holder_number", how="left")
    steps = {
        "终保": rows.height,
        "到期前联系过": reached.filter(pl.col("len") >= 1).height,
        phrases.CONTACTED % {"n": least}: reached.filter(pl.col("len") >= least).height,
        "已续保": rows.filter(pl.col("outcome") == "renewed").height,
    }
    return Chart("funnel", "本月终保业务", tuple(steps), (Series("件数", tuple(steps.values())),))


def _outcomes(asked: Asked, rows: pl.DataFrame, base: Basis) -> Table:
    still = pl.when(pl.col("expiry_date") > asked.known).then(pl.lit(_NOT_DUE)).otherwise(pl.lit(_NOT_YET))
    known = pl.col("outcome").replace_strict(OUTCOMES, default=None, return_dtype=pl.String)
    told = rows.with_columns(what=pl.coalesce(known, still))
    counted = told.group_by("what").agg(n=pl.len().cast(pl.Int64), fen=pl.col("premium_fen").sum())
    lines = tuple(counted.sort(["n", "what"], descending=[True, False]).iter_rows())
    heads = (Column("结果"), Column("件数", "int"), Column("保费（元）", "money"))
    note = "本表按现有记录列出，冻结以后办结的也在内。" if base.digest else ""
    return Table("结果", heads, lines, ("合计", *summed(counted, "n", "fen")) if lines else (), note)


def _orders(asked: Asked) -> list[Table]:
    """What branches with a low rate say and do (S3-23)."""
    names = institution_names()
    found = [one for one in renewals.improvements(asked.scope, asked.known) if one.month == asked.first]
    if not found:
        return []
    heads = (
        Column("单位"), Column("续保率", "percent"), Column("期限", "day"), Column("脱保原因"), Column("改进措施"),
        Column("整改结果"),
    )  # fmt: skip
    lines: tuple[tuple[Value, ...], ...] = tuple(
        (
            called(names, one.institution_code), one.rate_bp, one.due_date.isoformat(),
            *(one.filed.get(kind, "逾期未报" if one.late else "") for kind in ("causes", "measures", "outcome")),
        )
        for one in found
    )  # fmt: skip
    return [Table("脱保原因与整改", heads, lines)]


def _specialists(asked: Asked) -> Table:
    """续保专员 answer for the whole of the place where they are posted."""
    names, lines = institution_names(), list[tuple[Value, ...]]()
    seen = set(names) if asked.scope.all_rows else org.institutions_within(asked.scope)
    for code in sorted(seen):
        held = [post for post in org.posts_at(code, asked.known) if post.role == Role.RENEWAL_ADMINISTRATOR]
        if not held:
            continue
        place = Asked(Scope(institution_codes=frozenset([code])), code, names[code], asked.cadence, asked.first,
                      asked.last, asked.on)  # fmt: skip
        sides = totals(place, RATES)
        both = _both(sides.get("renewal", (0, 0)), sides.get("renewal_premium", (0, 0)))
        lines += [(post.person, names[code], *both) for post in held]
    return Table("续保专员", (Column("续保专员", "person"), Column("管辖"), *_HEADS), tuple(lines))
