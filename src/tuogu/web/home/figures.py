"""The five figures at the top: what there is, who has no agent, who waits, what is coded, whether months are fair.

In: a viewer, the stock, the loads of the approved plan. Out: figures with definition and link. Never: a figure without its
definition, one that the rows behind its link do not add up to.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.org.rights import Right
from tuogu.org.roles import Role
from tuogu.web.home.blocks import Ground
from tuogu.web.home.links import link
from tuogu.web.home.loads import Spread, spread
from tuogu.web.parts import Figure
from tuogu.web.templatetags.tuogu import fixed, num, percent
from tuogu.web.viewer import Viewer

_FEN_IN_WAN = 1_000_000
_TEAM = frozenset({Role.TEAM_LEAD, Role.ACCOUNT_MANAGER})


def figures(ground: Ground, stock: books.Stock) -> list[Figure]:
    """The figures of a board, for what lies within the viewer's scope; none for who may not read the books."""
    viewer, gap = ground.viewer, ground.gap
    if not viewer.can(Right.READ_BOOKS):
        return []
    if not viewer.can(Right.READ_PLANS):
        pooled = [_buffer(viewer, stock), _lapsed(viewer, stock), _coded(viewer, stock)]
        return [*pooled, _premium(viewer, stock), _gap(viewer, gap)]
    waiting = _lapsed(viewer, stock) if viewer.roles <= _TEAM else _buffer(viewer, stock)
    return [
        _live(viewer, stock, gap), _orphans(viewer, stock), waiting, _coded(viewer, stock), _months(ground),
    ]  # fmt: skip


def _gap(viewer: Viewer, gap: int) -> Figure:
    note = _("请先停止下发，再核对台账") if gap else _("每件有效保单都有责任人")
    return Figure(
        _("责任缺口"), num(gap), _("件"), note, link(viewer, "ledger:entries"),
        _("全部有效保单中此刻没有责任人的件数，应为 0"), "bad" if gap else "good",
    )  # fmt: skip


def _premium(viewer: Viewer, stock: books.Stock) -> Figure:
    return Figure(
        _("年缴保费"), fixed(stock.yearly_premium_fen / _FEN_IN_WAN, 1), _("万元"), _("趸交不计"),
        link(viewer, "policies:list", custodian="buffer"), _("查看范围内期交有效保单一年应缴保费之和"),
    )  # fmt: skip


def _live(viewer: Viewer, stock: books.Stock, gap: int) -> Figure:
    note = _("%(n)s 件没有责任人") % {"n": num(gap)} if gap else _("全部有责任人，缺口 0")
    return Figure(
        _("有效保单"), num(stock.live), _("件"), note, link(viewer, "policies:list"),
        _("有效与失效中的主险保单；每件此刻恰有一名责任人，或在有人值班的公共池"), "bad" if gap else "good",
    )  # fmt: skip


def _share(part: int, stock: books.Stock) -> str:
    """A part of the live policies in percent; — without any."""
    return percent(part / stock.live if stock.live else None)


def _orphans(viewer: Viewer, stock: books.Stock) -> Figure:
    share = _share(stock.orphans, stock)
    return Figure(
        _("孤儿保单"), num(stock.orphans), _("件"), _("占有效保单 %(share)s%%") % {"share": share},
        link(viewer, "policies:list", view="orphans"), _("分子：销售人员已离职的有效保单；分母：有效保单"),
    )  # fmt: skip


def _buffer(viewer: Viewer, stock: books.Stock) -> Figure:
    share = _share(stock.pooled, stock)
    return Figure(
        _("保全组暂管"), num(stock.pooled), _("件"), _("占有效保单 %(share)s%%") % {"share": share},
        link(viewer, "policies:list", custodian="buffer"), _("此刻责任人为保全组的有效保单；来源见下表"),
    )  # fmt: skip


def _lapsed(viewer: Viewer, stock: books.Stock) -> Figure:
    share = _share(stock.lapsed, stock)
    return Figure(
        _("失效保单"), num(stock.lapsed), _("件"), _("占有效保单 %(share)s%%，可谈复效") % {"share": share},
        link(viewer, "policies:list", view="lapsed"), _("分子：状态为失效的保单；分母：有效与失效中的保单"),
    )  # fmt: skip


def _coded(viewer: Viewer, stock: books.Stock) -> Figure:
    return Figure(
        _("地址编码率"), percent(stock.coded_share, 2), "%", _("待人工 %(n)s 件") % {"n": num(stock.uncoded)},
        link(viewer, "policies:list", view="manual"), _("分子：地址已编到社区的有效保单；分母：有效保单"),
        "warn" if stock.uncoded else "",
    )  # fmt: skip


def _months(ground: Ground) -> Figure:
    viewer, loads = ground.viewer, ground.loads
    name, definition = (
        _("方案月应收在区间内"),
        _("分子：应收件数在制度区间内的人月；分母：已批准方案的客户经理 × 12 个月"),
    )
    if loads is None or loads.frame.is_empty():
        note = _("还没有批准的方案") if loads is None else _("查看范围内没有客户经理")
        return Figure(name, "—", "", note, link(viewer, "plans:list"), definition)
    found: Spread = spread(loads)
    note = _("现行 %(now)s 处越界，方案 %(plan)s 处") % {
        "now": num(loads.now_outside), "plan": num(found.above + found.below),
    }  # fmt: skip
    url = link(viewer, "plans:plan", loads.plan) if ground.plan == loads.plan else link(viewer, "plans:list")
    tone = "warn" if loads.now_outside else "" if found.above else "good"  # of today: a plan is not yet true
    return Figure(name, percent(found.inside / found.total), "%", note, url, definition, tone)
