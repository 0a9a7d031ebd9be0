"""Files of this room, each through the room of exports: a report as it stands, or as it was issued, as workbook or PDF.

In: an order. Out: the content of the page in another form. Never: a place that has left the asker's scope; another content
than the page's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import translation
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from tuogu.exports.kinds import BuildRefused, Kind, Order, Paper
from tuogu.files.bulletin import Content
from tuogu.files.bulletin_paper import paper_of
from tuogu.files.bulletin_workbook import write_bulletin
from tuogu.files.pdf import pdf_of
from tuogu.org.rights import Right
from tuogu.reports import queries as reports
from tuogu.web.reports.reading import known_to
from tuogu.web.viewer import Viewer, viewer_of

_PDF = "pdf"


def form_of(said: Mapping[str, str]) -> dict[str, str]:
    """What an order says of the form that a page asks for: PDF, or nothing for the workbook; the language of the page."""
    return {"language": get_language() or "", **({"suffix": _PDF} if said.get("form") == _PDF else {})}


def _build(order: Order) -> Paper:
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    try:
        content = _content(order, viewer)
    except reports.ReportUnknown as gone:
        raise BuildRefused(_("已不在申请人的范围内")) from gone
    except reports.ReportsRefused as refused:
        raise BuildRefused(str(refused)) from refused
    known, digest = known_to(content), content.digest()
    with translation.override(order.query.get("language") or get_language()):
        told, words = reports.told(content), reports.own_words()
    if order.query.get("suffix") == _PDF:
        paper = paper_of(told, known, digest, words)
        return Paper(content.rows, lambda path: path.write_bytes(pdf_of(paper)), printed=digest)
    return Paper(content.rows, lambda path: write_bulletin(path, told, known, words), printed=digest)


def _content(order: Order, viewer: Viewer) -> Content:
    query = order.query
    if "issue" in query:
        return reports.issued(viewer.scope, query["issue"])[1]
    day = date.fromisoformat(query["day"])
    by = tuple(query.get("by", ()))
    return reports.preview(viewer.scope, query["report"], query["institution"], day, on=viewer.today, by=by)[
        1
    ]


REPORT = Kind("report", gettext_noop("报表"), Right.EXPORT, _build)
