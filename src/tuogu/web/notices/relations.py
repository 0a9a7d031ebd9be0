"""Owner of record, custodian and WeCom contact side by side: counts of all combinations, and the differences (N-08)."""

from __future__ import annotations

from urllib.parse import urlencode

import polars as pl
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.privacy import queries as privacy
from tuogu.web.exports.asking import answer
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import names
from tuogu.web.paging import first_of, numbered
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer, ViewerRequest, viewer_of

_ROWS = 40
_TONES = {
    "no_custodian": "bad", "contact_left": "bad", "refused": "bad", "hand_over": "warn", "pending": "info",
    "in_step": "good",
}  # fmt: skip


@never_cache
@require_safe
def report(request: ViewerRequest) -> HttpResponse:
    """Counts of all combinations; below, the policies of the chosen standing."""
    viewer, query, first = request.viewer, request.GET, first_of(request.GET)
    every = notices.three_relations(viewer.scope, viewer.today)
    standing = query.get("standing", "")
    wanted = _wanted(every, standing)
    shown = wanted.slice(first - 1, _ROWS).to_dicts()
    counts = dict(every["standing"].value_counts().iter_rows())
    words = {name: _(word) for name, word in notices.STANDINGS.items()}
    base = reverse("notices:relations")
    context = {
        **shared("relations"),
        "combinations": notices.combinations(every).to_dicts(),
        "standing_words": words,
        "owner_words": {"same": _("与责任人相同"), "other": _("另有其人"), "none": _("没有归属人")},
        "standing_tones": _TONES,
        "tabs": [
            View(_("须处理"), base, sum(counts.get(name, 0) for name in notices.DIFFERENT), not standing),
            *(
                View(words[name], f"{base}?{urlencode({'standing': name})}", counts[name], standing == name)
                for name in notices.STANDINGS
                if name in counts
            ),
        ],
        "rows": shown,
        "total": wanted.height,
        "people": names(row[who] for row in shown for who in ("owner_id", "custodian_id", "contact_id")),
        "policies": every.height,
        "standing": standing,
        "pager": numbered(base, query, first, _ROWS, wanted.height),
    }
    return render(request, "notices/relations.html", context)


def _wanted(every: pl.DataFrame, standing: str) -> pl.DataFrame:
    names_of = [standing] if standing in notices.STANDINGS else list(notices.DIFFERENT)
    return every.filter(pl.col("standing").is_in(names_of))


@require_POST
def file(request: ViewerRequest) -> HttpResponse:
    """The differences (or one standing) as a workbook."""
    viewer, standing = request.viewer, request.POST.get("standing", "")
    rows = _wanted(notices.three_relations(viewer.scope, viewer.today), standing).height
    if not rows:
        messages.warning(request, _("没有要导出的差异。"))
        return redirect("notices:relations")
    return answer(
        request, kind=RELATIONS.name, title=_("三账核对"), query={"standing": standing}, rows=rows,
        back=reverse("notices:relations"),
    )  # fmt: skip


def _build(order: Order) -> Table:
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    return Table(_("三账核对"), _columns(viewer, str(order.query["standing"])))


def _columns(viewer: Viewer, standing: str) -> tuple[Column, ...]:
    rows = _wanted(notices.three_relations(viewer.scope, viewer.today), standing)
    blocked = pl.col("holder_number").is_in(sorted(privacy.blocked_numbers()))  # L-07: they leave in no list
    rows = rows.filter(~blocked.fill_null(value=False))
    labels = org.labels(
        {i for who in ("owner_id", "custodian_id", "contact_id") for i in rows[who].drop_nulls()}
    )

    def called(who: str) -> list[str]:
        return [labels.get(i, "") if i is not None else "" for i in rows[who]]

    return (
        Column(_("保单号"), rows["number"].to_list(), "number"),
        Column(_("投保人客户号"), rows["holder_number"].to_list()),
        Column(_("归属人"), called("owner_id")),
        Column(_("责任人"), called("custodian_id")),
        Column(_("企微联系人"), called("contact_id")),
        Column(_("情形"), [_(notices.STANDINGS[name]) for name in rows["standing"]]),
    )


RELATIONS = Kind("relations", gettext_noop("三账核对"), Right.EXPORT, _build)
