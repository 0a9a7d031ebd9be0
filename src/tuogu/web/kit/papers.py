"""Files of this room, each through the room of exports: registers, signed scans, a customer's sheets, lists.

In: an order. Out: an export of a kind named below. Never: a paper in clear by one person's wish alone; a register, scan or
customer that has left the asker's scope; a mark inside a signed scan.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.books import queries as books
from tuogu.core.calling import ANSWERS
from tuogu.core.estates import STANDINGS, WORKS
from tuogu.core.household import KINDS
from tuogu.core.labels import POLICY_STATES
from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Paper, Table
from tuogu.files.kit_papers import REGISTER as REGISTER_COLUMNS
from tuogu.files.kit_papers import VISITS as VISIT_COLUMNS
from tuogu.files.kit_papers import RegisterPage, write_register, write_visit_sheets
from tuogu.files.kit_pdf import register_paper, visit_paper
from tuogu.files.pdf import pdf_of
from tuogu.kit import queries as kit
from tuogu.org.rights import Right
from tuogu.privacy import queries as privacy
from tuogu.web import personal
from tuogu.web.kit.reading import dated, names_of, register_or_404, title_of
from tuogu.web.viewer import Viewer, viewer_of

PDF = "pdf"
SUFFIXES = {"application/pdf": PDF, "image/png": "png", "image/jpeg": "jpg"}
GAP_WORDS = {
    "covered": gettext_noop("有"),
    "lapsed": gettext_noop("已失效"),
    "missing": gettext_noop("无"),
}
_FEN = 100  # of a yuan
_OUT = gettext_noop("已不在申请人的范围内")


def form_of(said: Mapping[str, str]) -> dict[str, str]:
    """What an order says of the form that a page asks for: PDF, or nothing for the workbook."""
    return {"suffix": PDF} if said.get("form") == PDF else {}


def _asker(order: Order) -> Viewer:
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    return viewer


def _build_register(order: Order) -> Paper:
    viewer = _asker(order)
    try:
        row = register_or_404(viewer, order.query["register"])
    except Http404 as gone:
        raise BuildRefused(_(_OUT)) from gone
    lines = personal.register_lines(row.id, viewer.rulebook, clear=order.query["clear"])
    pages = [
        RegisterPage(
            page.place,
            page.code,
            page.digest,
            [dated(line) for line in lines[page.place]],
            VISIT_COLUMNS if row.kind in kit.VISITS else REGISTER_COLUMNS,
        )
        for page in kit.pages_of(row.id)
    ]
    names = names_of([row.person, row.made_by])
    sub = _("印制 %(who)s　%(rows)s 件") % {"who": names[row.made_by], "rows": row.rows}
    title = title_of(row, names)
    if order.query.get("suffix") == PDF:
        paper = register_paper(title, sub, pages, row.digest)
        return Paper(row.rows, lambda path: path.write_bytes(pdf_of(paper)), printed=row.digest)
    return Paper(row.rows, lambda path: write_register(path, title, sub, pages), printed=row.digest)


def _build_scan(order: Order) -> Paper:
    found = kit.scan(_asker(order).scope, order.query["scan"])
    if found is None:
        raise BuildRefused(_("扫描件已不在申请人的范围内，或已随客户的删除清除"))
    _register, _media_type, content = found
    return Paper(1, lambda path: path.write_bytes(content))


def _build_sheets(order: Order) -> Paper:
    viewer, number, clear = _asker(order), order.query["customer"], order.query["clear"]
    if number in privacy.blocked_numbers():
        raise BuildRefused(_("这位客户的个人信息已停止处理"))
    check_up = kit.sheet(viewer.scope, number, viewer.today, viewer.rulebook)
    family = personal.family(viewer.scope, number, viewer.today, viewer.rulebook, clear=clear)
    if check_up is None or family is None:
        raise BuildRefused(_(_OUT))
    state = pl.col("state").replace_strict(POLICY_STATES, default=None, return_dtype=pl.String)
    gaps = family.gaps.with_columns(
        kind=pl.col("kind").replace_strict(KINDS),
        standing=pl.col("standing").replace_strict(GAP_WORDS),
        needed=pl.when("needed").then(pl.lit(_("是"))).otherwise(pl.lit(_("否"))),
    )
    sub = _("客户 %(number)s　%(day)s 制表") % {"number": number, "day": viewer.today.isoformat()}
    rows = check_up.height + family.table.height
    tables = (check_up.with_columns(state=state), family.table, gaps, family.premium_fen)
    if order.query.get("suffix") == PDF:
        paper = visit_paper(_(SHEETS.label), sub, *tables, ANSWERS)
        return Paper(rows, lambda path: path.write_bytes(pdf_of(paper)))
    return Paper(rows, lambda path: write_visit_sheets(path, sub, *tables))


def _build_high_end(order: Order) -> Table:
    viewer = _asker(order)
    blocked = list(privacy.blocked_numbers())
    frame = kit.high_end_customers(viewer.scope, viewer.rulebook).filter(
        ~pl.col("customer_number").is_in(blocked)
    )
    numbers = frame["customer_number"].to_list()
    shown, live = personal.masked(numbers), books.live_of(numbers)
    columns = (
        Column(_("客户号"), numbers, "number"),
        Column(_("姓名"), [shown[n].name if n in shown else None for n in numbers], "name"),
        Column(_("电话"), [shown[n].phone if n in shown else None for n in numbers], "phone"),
        Column(_("年交费（元）"), [fen / _FEN for fen in frame["yearly_fen"]]),
        Column(_("有效保单"), [live.get(n, 0) for n in numbers]),
    )
    return Table(_("高端客户"), columns, taken=books.customers_known)


def _build_estates(order: Order) -> Table:
    viewer = _asker(order)
    report = kit.estate_report(viewer.scope, viewer.rulebook)
    covered = kit.reach(report, order.query["sites"], order.query["count"], viewer.rulebook).covered
    frame = report.join(
        covered.select("community_code", "estate", "site", "metres", "standing"),
        on=["community_code", "estate"],
    )
    places = books.community_names(frame["community_code"].to_list() + frame["site"].drop_nulls().to_list())
    columns = (
        Column(_("社区编码"), frame["community_code"].to_list()),
        Column(_("社区"), [places.get(code) for code in frame["community_code"]]),
        Column(_("小区"), [estate or _("其余") for estate in frame["estate"]]),
        Column(_("孤儿单客户"), frame["customers"].to_list()),
        Column(_("孤儿单"), frame["policies"].to_list()),
        Column(_("做法"), [_(WORKS[work]) for work in frame["work"]]),
        Column(_("最近网点"), [places.get(site, site) for site in frame["site"]]),
        Column(_("距离（米）"), frame["metres"].to_list()),
        Column(_("服务半径"), [_(STANDINGS[standing]) for standing in frame["standing"]]),
    )
    return Table(_("小区与网点"), columns)


_OWN = (Right.SERVE, Right.EXPORT)  # who serves takes the papers of the own customers
REGISTER = Kind("contact_register", gettext_noop("客户联系资料册"), _OWN, _build_register)
SCAN = Kind("register_scan", gettext_noop("登记表签名件"), _OWN, _build_scan, signed=True, suffix="pdf")
SHEETS = Kind("visit_sheets", gettext_noop("保单体检表与家庭保障分析表"), _OWN, _build_sheets)
HIGH_END = Kind("high_end", gettext_noop("高端客户"), _OWN, _build_high_end, canaries=True)
ESTATES = Kind("estates", gettext_noop("小区与网点"), Right.EXPORT, _build_estates)
