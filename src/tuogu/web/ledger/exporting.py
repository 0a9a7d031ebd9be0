"""The distribution record as a file: entries as the page lists them, with numbers and staff, nobody's personal data.

In: a posted form with what the page is narrowed to, and a reason. Out: an export of kind "entries"; its builder. Never:
an entry out of scope. Entries of customers whose data may only be kept stay: they prove who was responsible and name nobody.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tuogu.books import queries as books
from tuogu.cases import queries as cases
from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.web.exports.asking import answer
from tuogu.web.ledger.reading import kinds, relations, wanted_of
from tuogu.web.ledger.turns import reason_words
from tuogu.web.paging import fitting
from tuogu.web.viewer import ViewerRequest, viewer_of


@require_POST
def export(request: ViewerRequest) -> HttpResponse:
    """The whole view of the `query`."""
    viewer, query = request.viewer, QueryDict(request.POST.get("query", "").lstrip("?"))
    back = f"{reverse('ledger:entries')}?{query.urlencode()}"
    rows = books.assignment_count(viewer.scope, wanted_of(query))
    if not rows:
        messages.warning(request, _("没有符合条件的记录，没有导出任何数据；请放宽条件。"))
        return redirect(fitting(back))
    return answer(
        request, kind=KIND.name, title=_("分单记录"), query={"query": query.urlencode()}, back=back, rows=rows
    )


def _build(order: Order) -> Table:
    """The entries as their asker sees them now."""
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    wanted = wanted_of(QueryDict(str(order.query["query"])))
    rows = books.assignment_page(viewer.scope, wanted, size=viewer.rulebook["lists.export_rows_max"]).rows
    called = org.labels(
        {
            i
            for e in rows
            for i in (e.old_custodian_id, e.new_custodian_id, e.by, e.approved_by)
            if i is not None
        }
    )
    kind_words, relation_words = dict(kinds()), dict(relations())
    shares = cases.shares_of(e.id for e in rows)  # P-14

    def who(ids: list[int | None]) -> list[str]:
        return [called.get(i, "") if i is not None else "" for i in ids]

    return Table(
        _("分单记录"),
        (
            Column(_("入账时间"), [f"{localtime(e.recorded_at):%Y-%m-%d %H:%M}" for e in rows]),
            Column(_("对象"), [e.number for e in rows]),
            Column(_("关系"), [relation_words[e.relation] for e in rows]),
            Column(_("触发"), [kind_words[e.kind] for e in rows]),
            Column(_("原持有方"), who([e.old_custodian_id for e in rows])),
            Column(_("新持有方"), who([e.new_custodian_id for e in rows])),
            Column(_("生效日"), [e.effective_date for e in rows]),
            Column(_("事由"), [reason_words(e.reason_code) for e in rows]),
            Column(_("规则"), [e.rule for e in rows]),
            Column(_("批次"), [e.batch_id for e in rows]),
            Column(_("收益继承比例"), [_share(shares.get(e.id)) for e in rows]),
            Column(_("经办"), who([e.by for e in rows])),
            Column(_("复核"), who([e.approved_by for e in rows])),
        ),
    )


def _share(bp: int | None) -> str:
    return "" if bp is None else f"{bp / 100:.2f}%"


KIND = Kind("entries", gettext_noop("分单记录"), Right.EXPORT, _build)
