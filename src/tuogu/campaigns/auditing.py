"""The branch holds a weekly report against the books (S2-17).

In: a report, a day. Out: reported beside derived, policies that only one side knows; an audit with a remark. Never: an
audit by who filed the report; a report changed by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.campaigns.failures import CampaignRefused
from tuogu.campaigns.ground import ground
from tuogu.campaigns.models import ReportAudit, WeeklyReport
from tuogu.campaigns.report_reads import report
from tuogu.campaigns.reporting import FIGURES, figures_of, policies_of
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Compared:
    """`rows`: (key, word, reported, derived); policy numbers that only the report or only the books know."""

    derived: dict[str, int]
    rows: list[tuple[str, str, int, int]]
    only_reported: list[str]
    only_books: list[str]

    @property
    def agreed(self) -> bool:
        """No figure and no policy differs."""
        same = all(said == found for _key, _word, said, found in self.rows)
        return same and not self.only_reported and not self.only_books

    @property
    def stored(self) -> dict[str, Any]:
        """As an audit keeps it."""
        figures = [
            {"key": key, "reported": said, "derived": found}
            for key, _word, said, found in self.rows
            if said != found
        ]
        return {"figures": figures, "only_reported": self.only_reported, "only_books": self.only_books}


def compared(report_id: int, scope: Scope, on: date) -> Compared:
    """The report against the books as they are known on a day: counted to the last day that the report speaks of."""
    found = report(report_id, scope)
    row = WeeklyReport.objects.select_related("campaign__plan").get(pk=report_id)
    until = min(row.last_date, on)
    base = ground(row.campaign, on)
    derived = figures_of(base, row.department_code, row.first_date, until)
    known = set(policies_of(base, row.department_code, row.first_date, until)["policy_number"])
    said = {policy.policy_number for policy in found.policies}
    rows = [(key, word, row.reported[key], derived[key]) for key, word in FIGURES.items()]
    return Compared(derived, rows, sorted(said - known), sorted(known - said))


@transaction.atomic
def audit_report(scope: Scope, report_id: int, *, remark: str, by: int, at: datetime) -> bool:
    """Keep what was found; whether report and books agree."""
    found = report(report_id, scope)
    if found.line.filed_by == by:
        raise CampaignRefused(_("填报人不能审核自己的周报，须由另一人审核"))
    if not org.is_person(by):
        raise CampaignRefused(_("周报须由在册人员审核"))
    if not found.line.newest:
        raise CampaignRefused(_("这份周报已有更正；请审核最新一版"))
    beside = compared(report_id, scope, business_date(at))
    if not beside.agreed and not remark.strip():
        raise CampaignRefused(_("上报数与账内数不一致；请写明审核意见"))
    number = len(found.audits) + 1
    try:
        with transaction.atomic():
            ReportAudit.objects.create(
                report_id=report_id, number=number, derived=beside.derived, differences=beside.stored,
                agreed=beside.agreed, remark_sealed=vault.seal_text(remark.strip()) if remark.strip() else None,
                filed_by_id=found.line.filed_by, by_id=by, at=at,
            )  # fmt: skip
    except IntegrityError as taken:
        raise CampaignRefused(_("刚刚有人审核了这份周报；请刷新后再看")) from taken
    return beside.agreed
