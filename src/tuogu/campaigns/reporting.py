"""A department's weekly report (S2-16): figures filled in from the books, words by the department, once a week.

In: a campaign, a department, a week, what the department says. Out: what would be filed (Prefilled); a report; a further
one that corrects it. Never: a report changed or taken away; a figure of the books typed in by hand (it stands beside what
the department says); a correction that says not why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu import vault
from tuogu.books import queries as books
from tuogu.campaigns.failures import CampaignRefused, CampaignUnknown
from tuogu.campaigns.ground import Ground, begun_on, ground
from tuogu.campaigns.models import Campaign, ReportedPolicy, WeeklyReport
from tuogu.campaigns.whose import campaign, ended, require_department
from tuogu.core.campaign.follow_up import Week, weeks
from tuogu.core.campaign.purchases import COUNTED, PURCHASES
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

FIGURES = {  # key → how a report names it
    "second": gettext_noop("已完成二次投保客户"),
    "fresh": gettext_noop("其中本周新增"),
    "policies": gettext_noop("本周新保单"),
    "policies_long": gettext_noop("其中长年期"),
}
TEXTS = {
    "analysis": gettext_noop("一周工作情况分析"),
    "next_plan": gettext_noop("后续工作安排计划"),
    "practice": gettext_noop("好人好事与工作方法"),
}
REQUIRED = ("analysis", "next_plan")
WHY = "why"


@dataclass(frozen=True)
class Line:
    """A policy that a department adds because the books do not show it yet."""

    policy_number: str
    holder_number: str
    product_name: str = ""
    premium_fen: int | None = None
    payment_term_years: int | None = None
    insured_number: str = ""


@dataclass(frozen=True)
class Prefilled:
    """What the books say of a department's week up to `until`: COUNTED as one row, the policies, the earlier report."""

    week: Week
    until: date
    figures: Mapping[str, int]
    policies: pl.DataFrame
    filed: WeeklyReport | None


def campaign_weeks(row: Campaign, on: date) -> list[Week]:
    """The weeks that have begun by a day; none before the first wave or after the end."""
    begun = begun_on(row.plan_id)
    if begun is None:
        return []
    until = min(on, row.end.ended_date) if ended(row) else on
    return weeks(begun, until, rules.applicable(on))


def week_of(row: Campaign, first: date, on: date) -> Week:
    """The week that begins on this day; CampaignUnknown."""
    found = next((week for week in campaign_weeks(row, on) if week.first == first), None)
    if found is None:
        raise CampaignUnknown(f"没有从 {first} 开始的一周")
    return found


def prefilled(row: Campaign, department: str, week: Week, on: date) -> Prefilled:
    """The figures of the books for this report."""
    until = min(week.last, on)
    base = ground(row, on)
    last = reports_of(row, department, week.first).first()
    return Prefilled(week, until, figures_of(base, department, week.first, until),
                     policies_of(base, department, week.first, until), last)  # fmt: skip


def figures_of(base: Ground, department: str, first: date, until: date) -> dict[str, int]:
    """COUNTED of one department without its names."""
    found = base.counts(first, until).filter(department=department).to_dicts()
    zero = {name: 0 for name, kind in COUNTED.items() if kind == pl.Int64}
    return {name: int(found[0][name]) for name in zero} if found else zero


def policies_of(base: Ground, department: str, first: date, until: date) -> pl.DataFrame:
    """PURCHASES of one department in these days."""
    span = pl.col("inception_date").is_between(first, until)
    return base.bought.filter((pl.col("department") == department) & span).select(*PURCHASES)


def reports_of(row: Campaign, department: str, first: date) -> QuerySet[WeeklyReport]:
    """Every version of one week's report, the newest first."""
    return WeeklyReport.objects.filter(campaign=row, department_code=department, first_date=first).order_by(
        "-number"
    )


@transaction.atomic
def file_report(
    scope: Scope,
    campaign_id: int,
    department: str,
    first: date,
    *,
    reported: Mapping[str, int],
    texts: Mapping[str, str],
    added: Sequence[Line] = (),
    why: str = "",
    by: int,
    at: datetime,
) -> int:
    """File the week's report, or the next version of it; its id. `reported`: FIGURES that differ from the books."""
    row, on = campaign(campaign_id, scope), business_date(at)
    require_department(row, department, scope)
    if not org.is_person(by):
        raise CampaignRefused(_("周报须由在册人员填报"))
    week = week_of(row, first, on)
    limits, before = rules.applicable(on), reports_of(row, department, first).first()
    _judge(texts, added, why, before, limits["campaigns.text_chars_max"], limits["campaigns.policies_max"])
    found = prefilled(row, department, week, on)
    said = {key: int(reported.get(key, found.figures[key])) for key in FIGURES}
    _consistent(said, found.figures["quota"])
    words = {name: texts.get(name, "").strip() for name in TEXTS} | ({WHY: why.strip()} if before else {})
    number = before.number + 1 if before else 1
    try:
        with transaction.atomic():
            report = WeeklyReport.objects.create(
                campaign=row, department_code=department, first_date=week.first, last_date=week.last,
                due_date=week.due_date, number=number, derived=found.figures, reported=said,
                text_sealed=vault.seal_text(json.dumps(words, ensure_ascii=False)), filed_by_id=by, filed_at=at,
            )  # fmt: skip
    except IntegrityError as taken:
        raise CampaignRefused(_("刚刚有人填报了这一周；请刷新后再看")) from taken
    ReportedPolicy.objects.bulk_create(
        [*_from_books(report, found.policies), *_added(report, added, found.policies)]
    )
    return int(report.pk)


def _judge(
    texts: Mapping[str, str],
    added: Sequence[Line],
    why: str,
    before: WeeklyReport | None,
    chars: int,
    lines: int,
) -> None:
    lacking = [TEXTS[name] for name in REQUIRED if not texts.get(name, "").strip()]
    if lacking:
        raise CampaignRefused(_("请填写%(what)s") % {"what": _("、").join(_(word) for word in lacking)})
    if any(len(text) > chars for text in (*texts.values(), why)):
        raise CampaignRefused(_("每项文字最多 %(n)s 字") % {"n": chars})
    if before is not None and not why.strip():
        raise CampaignRefused(_("这一周已经填报；更正须写明原因"))
    if len(added) > lines:
        raise CampaignRefused(_("最多补列 %(n)s 件保单") % {"n": lines})
    numbers = [line.policy_number for line in added]
    if len(set(numbers)) != len(numbers):
        raise CampaignRefused(_("补列的保单号有重复"))
    if any(not line.policy_number or not line.holder_number for line in added):
        raise CampaignRefused(_("补列的保单须有保单号和投保人客户号"))
    unknown = {line.holder_number for line in added} - books.customers_known(
        line.holder_number for line in added
    )
    if unknown:
        raise CampaignRefused(_("没有客户 %(numbers)s") % {"numbers": _("、").join(sorted(unknown))})


def _consistent(said: Mapping[str, int], quota: int) -> None:
    if any(value < 0 for value in said.values()):
        raise CampaignRefused(_("数字不能为负"))
    if said["second"] > quota:
        raise CampaignRefused(
            _("二次投保客户 %(said)s 位，超出配额 %(quota)s 位") % {"said": said["second"], "quota": quota}
        )
    if said["fresh"] > said["second"] or said["policies_long"] > said["policies"]:
        raise CampaignRefused(_("其中的数字不能大于总数"))


def _from_books(report: WeeklyReport, policies: pl.DataFrame) -> list[ReportedPolicy]:
    return [
        ReportedPolicy(
            report=report, policy_number=p["policy_number"], product_name=p["product_name"] or "",
            premium_fen=p["premium_fen"], payment_term_years=p["payment_term_years"], holder_number=p["holder_number"],
            insured_number=p["insured_number"] or "", inception_date=p["inception_date"], from_books=True,
        )
        for p in policies.iter_rows(named=True)
    ]  # fmt: skip


def _added(report: WeeklyReport, added: Sequence[Line], policies: pl.DataFrame) -> list[ReportedPolicy]:
    known = set(policies["policy_number"])
    return [
        ReportedPolicy(
            report=report, policy_number=line.policy_number, product_name=line.product_name,
            premium_fen=line.premium_fen, payment_term_years=line.payment_term_years, holder_number=line.holder_number,
            insured_number=line.insured_number, from_books=False,
        )
        for line in added
        if line.policy_number not in known
    ]  # fmt: skip
