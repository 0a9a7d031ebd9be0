"""Branches with a low renewal rate say why and what they do, and report what came of it (S3-23).

In: a rate as the month was frozen, the rulebook's limit, words of the branch. Out: orders and lines. Never: a rate computed
here; another rate than the frozen one without the reason; an order without a due day, a line changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import within
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.models import Improvement, ImprovementLine
from tuogu.rules import queries as rules

KINDS = ("causes", "measures", "outcome")


@dataclass(frozen=True)
class Order:
    """One order. `rate_bp`: as ordered; `measured_bp`: as frozen, None = not at hand then; `reason`: why they differ.
    `filed`: kind → the newest words; `late`: causes or measures are missing past the due day."""

    id: int
    institution_code: str
    month: date
    rate_bp: int
    measured_bp: int | None
    reason: str
    due_date: date
    filed: dict[str, str]
    late: bool
    by: int


@transaction.atomic
def order_improvements(rates: Mapping[str, int], month: date, *, by: int, at: datetime) -> list[int]:
    """Order it of every branch whose frozen rate (in ten-thousandths) lies below the rulebook's limit; the ids of new
    orders. RenewalRefused where the limit is not set: the source names none."""
    limit = rules.applicable(business_date(at))["renewal.improve_below_bp"]
    if limit == "":
        raise refused(_("制度没有设定续保率低的界线，请逐家指定"))
    low = {code: rate for code, rate in rates.items() if rate < int(limit)}
    return [
        found for code, rate in sorted(low.items())
        if (found := _order(code, month, rate, rate, "", by=by, at=at)) is not None
    ]  # fmt: skip


@transaction.atomic
def order_improvement(
    institution: str, month: date, *, measured_bp: int | None, corrected_bp: int | None = None, reason: str = "", by: int,
    at: datetime,
) -> int:  # fmt: skip
    """Order it of one branch at its frozen rate, or, with the reason, at a corrected one. RenewalRefused when it has an
    order for this month, or neither a frozen rate nor a corrected one is given."""
    if institution not in org.institutions_within(org.scope_of(by, business_date(at))):
        raise RenewalUnknown(institution)
    rate = measured_bp if corrected_bp is None else corrected_bp
    if rate is None:
        raise refused(_("这家机构该月没有冻结的续保率；确需整改的，请填写更正的续保率和理由"))
    why = "" if rate == measured_bp else within.said(reason, _("更正续保率须写明理由"))
    made = _order(institution, month, rate, measured_bp, why, by=by, at=at)
    if made is None:
        raise refused(_("这家机构本月已有整改要求"))
    return made


@transaction.atomic
def file_improvement(order: int, kind: str, *, text: str, by: int, at: datetime) -> None:
    """Causes, measures, and at the end the outcome; a further line of a kind stands beside the earlier ones."""
    row = Improvement.objects.filter(pk=order).first()
    if row is None or row.institution_code not in org.institutions_within(
        org.scope_of(by, business_date(at))
    ):
        raise RenewalUnknown(order)
    if kind not in KINDS:
        raise refused(_("请选择填报内容"))
    words = within.said(text, _("请填写内容"))
    if kind == "outcome" and not {"causes", "measures"} <= set(row.lines.values_list("kind", flat=True)):
        raise refused(_("请先填写原因和措施，再填写结果"))
    ImprovementLine.objects.create(improvement=row, kind=kind, text=words, by_id=by, at=at)


def improvements(scope: Scope, on: date, *, late_only: bool = False) -> list[Order]:
    """Orders of institutions within scope, the newest month first; `late_only`: those whose analysis is missing too long."""
    rows = Improvement.objects.filter(institution_code__in=org.institutions_within(scope))
    found = [_told(row, on) for row in rows.prefetch_related("lines").order_by("-month", "institution_code")]
    return [one for one in found if one.late or not late_only]


def _told(row: Improvement, on: date) -> Order:
    filed = {line.kind: line.text for line in sorted(row.lines.all(), key=lambda line: line.pk)}
    late = row.due_date < on and not {"causes", "measures"} <= filed.keys()
    return Order(
        row.pk, row.institution_code, row.month, row.rate_bp, row.measured_bp, row.reason, row.due_date, filed, late,
        row.by_id,
    )  # fmt: skip


def _order(
    institution: str,
    month: date,
    rate_bp: int,
    measured_bp: int | None,
    reason: str,
    *,
    by: int,
    at: datetime,
) -> int | None:
    today, first = business_date(at), month.replace(day=1)
    if Improvement.objects.filter(institution_code=institution, month=first).exists():
        return None
    due = today + timedelta(days=int(rules.applicable(today)["renewal.improve_due_days"]))
    return int(
        Improvement.objects.create(
            institution_code=institution, month=first, rate_bp=rate_bp, measured_bp=measured_bp, reason=reason,
            due_date=due, by_id=by, at=at,
        ).pk
    )  # fmt: skip
