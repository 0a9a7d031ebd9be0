"""What the data asks of the viewer: gaps that must never be, rows to mend, addresses to recognise, jobs and webhooks that
stopped.

In: a viewer, the stock, the newest files. Out: ToDo lines. Never: a line for who cannot mend it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.integration import queries as machines
from tuogu.jobs import queries as jobs
from tuogu.ledger import queries as ledger
from tuogu.org.rights import Right
from tuogu.web.home.blocks import Ground
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import moment, num, short_day
from tuogu.web.viewer import Viewer


def broken(ground: Ground) -> Iterator[ToDo]:
    """What must never be: a gap in custody, a pool that nobody answers for, a missing trigger."""
    viewer = ground.viewer
    if ground.gap and viewer.may("ledger:entries"):
        title = _("%(n)s 件有效保单没有责任人") % {"n": num(ground.gap)}
        text = _("这不应发生；请先停止下发，再核对台账")
        yield ToDo("alert-triangle", title, text, viewer.today, "", link(viewer, "ledger:entries"), _("核对"))
    if ground.idle and viewer.may("staff:duty", "POST"):
        names = _("、").join(duty.name for duty in ground.idle)
        title = _("公共池“%(names)s”今天无人值班") % {"names": names}
        text = _("池里的保单须有一名值班人负责")
        yield ToDo("user-question", title, text, viewer.today, "", link(viewer, "staff:duty"), _("指定"))
    guards = ledger.missing_triggers() if viewer.may("system:home") else []
    if guards:
        title = _("台账缺少 %(n)s 个防改触发器") % {"n": len(guards)}
        text = _("在补上之前，数据库不再拒绝改写台账")
        yield ToDo("shield-off", title, text, viewer.today, "", link(viewer, "system:home"), _("查看"))


def failed_jobs(viewer: Viewer) -> Iterator[ToDo]:
    """The viewer's newest job where it failed or was refused; an older failure has been seen."""
    for job in jobs.jobs(viewer.person, limit=1):
        if job.state in ("failed", "refused"):
            title = _("任务“%(title)s”没有完成") % {"title": job.title}
            when = _("%(at)s 停下") % {"at": moment(job.finished_at)}
            yield ToDo("alert-circle", title, job.failure, None, when, link(viewer, "jobs:list"), _("查看"))


def halted_webhooks(viewer: Viewer) -> Iterator[ToDo]:
    """Webhooks that stopped: nothing goes out any more until a keeper of keys looks. Whoever keeps the system is told as
    well, to call that person."""
    if not (viewer.can(Right.KEEP_KEYS) or viewer.can(Right.KEEP_SYSTEM)):
        return
    if names := machines.halted(viewer.scope):
        title = _("%(n)s 条事件通知已停下") % {"n": num(len(names))}
        text = _("密钥：%(names)s · 对方一直没有收下，之后的事件都在等；处理前不会再发送") % {
            "names": _("、").join(dict.fromkeys(names))
        }
        keys = link(viewer, "keys:list")
        way = (keys, _("处理")) if keys else (link(viewer, "system:home"), _("查看"))
        yield ToDo("plug-connected-x", title, text, None, _("等人处理"), *way)


def reverts(viewer: Viewer) -> Iterator[ToDo]:
    """Imports that somebody asked to take back, for another person to confirm."""
    if not viewer.may("imports:confirm_revert", "POST"):
        return
    for record in books.open_reverts():
        if record.revert is not None and record.revert.asked_by != viewer.person:
            title = _("导入“%(file)s”申请撤回，等你确认") % {"file": record.file_name}
            when = _("%(at)s 提出") % {"at": moment(record.revert.asked_at)}
            url = link(viewer, "imports:revert", record.id)
            yield ToDo("arrow-back-up", title, record.revert.reason, None, when, url, _("核对"))


def rejects(viewer: Viewer, newest: books.ImportRecord | None) -> Iterator[ToDo]:
    """The newest file, while rows of it wait to be mended or looked for."""
    if newest is None or newest.reverted_at is not None or not viewer.may("imports:new", "POST"):
        return
    missing = newest.counts.get("missing_from_full", 0)
    facts = {
        "file": newest.file_name, "rejected": num(newest.rejected), "accepted": num(newest.accepted),
        "day": newest.data_date, "missing": num(missing),
    }  # fmt: skip
    when, url = (
        _("%(day)s 导入") % {"day": short_day(newest.recorded_at)},
        link(viewer, "imports:run", newest.id),
    )
    if newest.rejected:
        title = _("导入“%(file)s”：%(rejected)s 行被拒") % facts
        text = _("入库 %(accepted)s 行，数据日期 %(day)s · 补正后再导入，已入库的行不会重复") % facts
        yield ToDo("file-x", title, text, None, when, url, _("看拒收行"))
    if missing:
        title = _("全量文件少了 %(missing)s 行在库数据") % facts
        text = _("不会自动终止；请逐行确认是否已失效或转出")
        yield ToDo("file-search", title, text, None, when, url, _("核对"))


def addresses(viewer: Viewer, stock: books.Stock) -> Iterator[ToDo]:
    """Policies whose address waits for a person."""
    if stock.uncoded and viewer.can(Right.CODE_ADDRESSES):
        title = _("地址待人工 %(n)s 件") % {"n": num(stock.uncoded)}
        text = _("没有社区编码的保单不进分配方案，暂由原责任人或保全组负责")
        desk = link(viewer, "regions:desk")
        way = (desk, _("去识别")) if desk else (link(viewer, "policies:list", view="manual"), _("看清单"))
        yield ToDo("map-pin", title, text, None, "", *way)
