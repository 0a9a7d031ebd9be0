"""Files of this room, each through the room of exports: the bulletin of a month, the weekly reports side by side.

In: an order. Out: a plain table. Never: a customer; a campaign that has left the asker's reach.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.campaigns import queries as campaigns
from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.org.rights import Right
from tuogu.web.viewer import Viewer, viewer_of

_WHOLE = 10_000  # hundredths of a percent in a whole
_FEN = 100  # of a yuan


def _asker(order: Order) -> Viewer:
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    return viewer


def _build_bulletin(order: Order) -> Table:
    try:
        found = campaigns.ranking(order.query["ranking"], _asker(order).scope)
    except campaigns.CampaignUnknown as gone:
        raise BuildRefused(_("已不在申请人的范围内")) from gone
    rows = found.rows
    words = [
        _("第一") if r["best"] else _("通报") if r["named"] else _("达标") if r["met"] else "" for r in rows
    ]
    return Table(
        _("月度排名"),
        (
            Column(_("月份"), [found.month.strftime("%Y-%m")] * len(rows)),
            Column(_("名次"), [r["place"] for r in rows]),
            Column(_("部门"), [r["name"] for r in rows]),
            Column(_("配额"), [r["quota"] for r in rows]),
            Column(_("二次投保客户"), [r["second"] for r in rows]),
            Column(_("其中本月新增"), [r["fresh"] for r in rows]),
            Column(
                _("占配额（%）"),
                [r["second"] * _WHOLE // r["quota"] / 100 if r["quota"] else None for r in rows],
            ),
            Column(_("目标（%）"), [r["target_bp"] / 100 for r in rows]),
            Column(
                _("目标达成率（%）"),
                [None if r["attained_bp"] is None else r["attained_bp"] / 100 for r in rows],
            ),
            Column(_("本月新保单"), [r["policies"] for r in rows]),
            Column(_("其中长年期"), [r["policies_long"] for r in rows]),
            Column(_("本月新单保费（元）"), [r["premium_fen"] / _FEN for r in rows]),
            Column(_("结果"), words),
        ),
    )


def _build_reports(order: Order) -> Table:
    viewer = _asker(order)
    try:
        row = campaigns.campaign(order.query["campaign"], viewer.scope)
    except campaigns.CampaignUnknown as gone:
        raise BuildRefused(_("已不在申请人的范围内")) from gone
    lines = campaigns.report_lines(row, viewer.scope)
    figures = [
        column
        for key, word in campaigns.FIGURES.items()
        for column in (
            Column(_("%(what)s（上报）") % {"what": _(word)}, [line.reported[key] for line in lines]),
            Column(_("%(what)s（账内）") % {"what": _(word)}, [line.derived[key] for line in lines]),
        )
    ]
    audited = {None: _("未审"), True: _("相符"), False: _("有差异")}
    return Table(
        _("周报汇总"),
        (
            Column(_("自"), [line.first for line in lines]),
            Column(_("至"), [line.last for line in lines]),
            Column(_("部门"), [line.name for line in lines]),
            Column(_("配额"), [line.derived["quota"] for line in lines]),
            *figures,
            Column(_("迟报"), [_("是") if line.late else "" for line in lines]),
            Column(_("版次"), [line.number for line in lines]),
            Column(_("审核"), [audited[line.audited] for line in lines]),
        ),
    )


BULLETIN = Kind("campaign_bulletin", gettext_noop("活动月度排名"), Right.EXPORT, _build_bulletin)
REPORTS = Kind("campaign_reports", gettext_noop("活动周报汇总"), Right.EXPORT, _build_reports)
