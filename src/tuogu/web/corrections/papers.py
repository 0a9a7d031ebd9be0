"""Files of the corrections, each through the room of exports: the papers of a batch, signed and in clear, and the summary of
a programme's visits, masked.

In: a batch or programme within scope, a reason. Out: an export of a kind named below. Never: a mark inside a signed paper
(its digest must hold); a paper in clear by one person's wish alone; one of a batch that has left the asker's scope.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tuogu.corrections import queries as corrections
from tuogu.corrections.queries import VisitLine
from tuogu.corrections.words import CHANNELS, OUTCOMES
from tuogu.exports.kinds import BuildRefused, Kind, Order, Paper
from tuogu.files.correction_papers import VisitRow, write_visit_summary
from tuogu.org.rights import Right
from tuogu.web import personal
from tuogu.web.corrections.reading import batch_or_404, names_of, programme_or_404
from tuogu.web.exports.asking import answer
from tuogu.web.viewer import Viewer, ViewerRequest, viewer_of

_FIELDS = "name,phone,address"
_FILE_ROWS = 100_000  # more visits than a programme will ever have
_SCANS = {b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


@require_POST
def list_file(request: ViewerRequest, batch: int) -> HttpResponse:
    """The list as it goes to IT, in clear."""
    return _paper(request, batch, "list")


@require_POST
def filed_file(request: ViewerRequest, batch: int) -> HttpResponse:
    """The filed copy: byte for byte what was applied."""
    return _paper(request, batch, "filed")


@require_POST
def scan_file(request: ViewerRequest, batch: int) -> HttpResponse:
    """The scanned paper with the handwritten signature."""
    return _paper(request, batch, "scan")


def _paper(request: ViewerRequest, batch: int, paper: str) -> HttpResponse:
    head = batch_or_404(request.viewer, batch)
    content = corrections.paper(batch, paper)
    if content is None:
        raise Http404
    kind = PAPERS[paper]
    return answer(
        request, kind=kind.name, title=f"{_(kind.label)}-{batch}",
        query={"batch": batch, "paper": paper, "suffix": _suffix(content, paper)}, rows=head.rows, fields=_FIELDS,
        clear=True, back=reverse("corrections:batch", args=[batch]),
    )  # fmt: skip


def _suffix(content: bytes, paper: str) -> str:
    """L-07: of a scan with a person who was erased only a sentence is left."""
    if paper != "scan":
        return "xlsx"
    return next((suffix for start, suffix in _SCANS.items() if content.startswith(start)), "txt")


def _build_paper(order: Order) -> Paper:
    viewer, batch, paper = viewer_of(order.by), order.query["batch"], order.query["paper"]
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    try:
        head = batch_or_404(viewer, batch)
    except Http404 as gone:
        raise BuildRefused(_("这份清单已不在申请人的范围内")) from gone
    content = corrections.paper(batch, paper)
    if content is None or _suffix(content, paper) != order.query["suffix"]:
        raise BuildRefused(_("签名件已随客户的删除清除"))
    return Paper(head.rows, lambda path: path.write_bytes(content), printed=head.content_digest or "")


@require_POST
def summary_file(request: ViewerRequest, programme: int) -> HttpResponse:
    """回访登记汇总表: the totals and every visit, customers masked."""
    viewer = request.viewer
    head = programme_or_404(viewer, programme)
    rows = len(corrections.visit_page(viewer.scope, programme, size=_FILE_ROWS))
    return answer(
        request, kind=SUMMARY.name, title=f"{_(SUMMARY.label)}-{head.id}", query={"programme": programme}, rows=rows,
        fields="name", back=reverse("corrections:programme", args=[programme]),
    )  # fmt: skip


def _build_summary(order: Order) -> Paper:
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    try:
        head = programme_or_404(viewer, order.query["programme"])
    except Http404 as gone:
        raise BuildRefused(_("这次回访已不在申请人的范围内")) from gone
    found = corrections.visit_page(viewer.scope, head.id, size=_FILE_ROWS)
    return Paper(len(found), lambda path: path.write_bytes(_summary(viewer, head, found)))


def _summary(viewer: Viewer, head: corrections.ProgrammeHead, found: list[VisitLine]) -> bytes:
    total = corrections.summary(viewer.scope, head.id, viewer.rulebook)
    names = names_of([*(v.by for v in found), *(person for person, _n in total.by_caller)])
    subtitle = _("话术 %(script)s　%(first)s 至 %(last)s　名单 %(n)s 位　制表时间 %(at)s") % {
        "script": head.script_label, "first": head.first_date, "last": head.last_date, "n": head.size,
        "at": timezone.localtime(viewer.now).strftime("%Y-%m-%d %H:%M"),
    }  # fmt: skip
    sums = [
        (_("按结果"), [(_(OUTCOMES[code]), n) for code, n in total.by_outcome]),
        (_("按回访人"), [(names[person], n) for person, n in total.by_caller]),
        (_("按日"), [(day.isoformat(), n) for day, n in total.by_day]),
    ]
    customers = personal.masked(v.customer_number for v in found)
    rows = [_row(v, customers, names) for v in reversed(found)]
    return write_visit_summary(_("回访登记汇总表：%(name)s") % {"name": head.name}, subtitle, sums, rows)


def _row(visit: VisitLine, customers: dict[str, Any], names: dict[int, str]) -> VisitRow:
    customer = customers.get(visit.customer_number)
    if visit.corrected_by:
        remark = _("已由 %(n)s 更正，不计") % {"n": visit.corrected_by}
    else:
        remark = _("更正 %(n)s") % {"n": visit.corrects} if visit.corrects else ""
    return VisitRow(
        visit.id, timezone.localtime(visit.visited_at).strftime("%Y-%m-%d %H:%M"), visit.customer_number,
        (customer.name if customer else "") or "", visit.script_label, _(CHANNELS[visit.channel]),
        _(OUTCOMES[visit.outcome]), _("、").join(_(title) for title in visit.amended), names[visit.by], remark,
    )  # fmt: skip


_ALL = (Right.AMEND, Right.APPLY_AMENDMENTS, Right.SIGN_AMENDMENTS)
LIST = Kind("amendment_list", gettext_noop("客户信息更改汇总清单"), _ALL[1:], _build_paper, signed=True)
FILED = Kind("amendment_filed", gettext_noop("更改清单备档"), _ALL, _build_paper, signed=True)
SCAN = Kind("amendment_scan", gettext_noop("签名件"), _ALL, _build_paper, signed=True, suffix="pdf")
PAPERS = {"list": LIST, "filed": FILED, "scan": SCAN}
SUMMARY = Kind(
    "visit_summary", gettext_noop("回访登记汇总表"), (Right.AMEND, Right.SIGN_AMENDMENTS), _build_summary
)
