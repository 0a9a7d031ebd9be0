"""A report is issued once: its content is stored with its digest, and page, workbook, PDF and mail are forms of it.

In: a report, a place within the issuer's scope, a day. Out: the issue, or the one that says the same already. Never: an
issue changed; one that holds a name; one of a place that the issuer does not see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.files.bulletin import Content, Known, content_of, digest_of
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.reports.bulletins import Report, report
from tuogu.reports.bulletins.asked import Asked, asked, institution_names
from tuogu.reports.failures import ReportsRefused, ReportUnknown
from tuogu.reports.models import Issued


@dataclass(frozen=True)
class IssueHead:
    """An issue in a list."""

    id: int
    report: Report
    institution: str
    place: str
    first: date
    last: date
    number: int
    digest: str
    frozen: bool
    personal: bool
    by: int
    at: datetime


def preview(
    scope: Scope, key: str, institution: str, day: date, *, on: date, by: tuple[str, ...] = ()
) -> tuple[Asked, Content]:
    """The report as it would be issued now. ReportsRefused, ReportUnknown."""
    found = report(key)
    order = asked(scope, institution, found.cadence, day, on=on, by=by if found.cut else ())
    return order, found.content(order)


@transaction.atomic
def issue(key: str, institution: str, day: date, *, by: int, at: datetime) -> int:
    """Issue it in one's own name; returns the id. What says the same as the newest issue is not stored again."""
    today = business_date(at)
    return store(org.scope_of(by, today), key, institution, day, by=by, at=at)


def store(scope: Scope, key: str, institution: str, day: date, *, by: int, at: datetime) -> int:
    """The same for a caller who answers for the scope."""
    order, content = preview(scope, key, institution, day, on=business_date(at))
    stored = content.as_json()
    digest = digest_of(stored)
    same = Issued.objects.filter(report=key, institution_code=order.institution, first_date=order.first)
    last = same.order_by("-number").first()
    if last is not None and last.digest == digest:
        return int(last.pk)
    row = Issued.objects.create(
        report=key, institution_code=order.institution, first_date=order.first, last_date=order.last,
        number=last.number + 1 if last else 1, content=stored, digest=digest, frozen=content.frozen,
        personal=content.personal, by_id=by, at=at,
    )  # fmt: skip
    return int(row.pk)


def issues(scope: Scope, *, key: str = "", before: int | None = None, size: int = 50) -> list[IssueHead]:
    """Issues within scope, the newest first."""
    rows = Issued.objects.filter(_seen(scope)).order_by("-pk")
    rows = rows.filter(report=key) if key else rows
    rows = rows.filter(pk__lt=before) if before else rows
    names = institution_names()
    return [_head(row, names) for row in rows.defer("content")[:size]]


def issued(scope: Scope, issue_id: int) -> tuple[IssueHead, Content]:
    """One issue within scope, as stored. ReportsRefused when what is stored is not what was issued."""
    row = Issued.objects.filter(_seen(scope), pk=issue_id).first()
    if row is None:
        raise ReportUnknown(issue_id)
    if digest_of(row.content) != row.digest:
        raise ReportsRefused(_("签发的内容与签发时的摘要不符，不能使用；请由系统管理员核对备份"))
    return _head(row, institution_names()), content_of(row.content)


def staff_numbers(content: Content) -> Known:
    """What people are called where no name may stand: in a mail, on a terminal."""
    return Known(people=org.labels(_ids(content)))


def people_in(content: Content) -> list[int]:
    """Custodians of a content: whom a page asks the names of."""
    return sorted(_ids(content))


def customers_in(content: Content) -> list[str]:
    """Customers of a content, by number: whom a page asks the masked names of."""
    return sorted({str(value) for value in content.cells("customer")})


def _ids(content: Content) -> set[int]:
    cells: Iterable[object] = content.cells("person")
    return {int(str(value)) for value in cells}


def _seen(scope: Scope) -> Q:
    return Q() if scope.all_rows else Q(institution_code__in=sorted(org.institutions_within(scope)))


def _head(row: Issued, names: dict[str, str]) -> IssueHead:
    place = names.get(row.institution_code, row.institution_code) or "全部机构"
    return IssueHead(
        row.pk, report(row.report), row.institution_code, place, row.first_date, row.last_date, row.number, row.digest,
        bool(row.frozen), row.personal, row.by_id, row.at,
    )  # fmt: skip
