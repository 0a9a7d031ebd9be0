"""Is the installation well? The same checks as `/healthz`, in words, with what to do where one fails."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from tuogu.accesslog import queries as accesslog
from tuogu.accounts import queries as accounts
from tuogu.exports import queries as exports
from tuogu.ledger import queries as ledger
from tuogu.notices import queries as notices
from tuogu.plans import queries as plans
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, what was found, and whether it is well."""

    name: str
    found: str
    well: bool
    hint: str = ""


def system_state() -> list[Check]:
    """Guards of every append-only room, the seal, the database, the demo switch."""
    rooms = (
        (_("责任台账的防改触发器"), ledger), (_("制度版本的防改触发器"), rules), (_("账号变更记录的防改触发器"), accounts),
        (_("查看留痕的防改触发器"), accesslog), (_("导出记录的防改触发器"), exports), (_("撤销申请记录的防改触发器"), plans),
        (_("编码簿、区域和地址判定的防改触发器"), regions), (_("离职告知凭证的防改触发器"), notices),
    )  # fmt: skip
    return [*(_guards(name, room.missing_guards()) for name, room in rooms), _seal(), _database(), _demo()]


def _guards(name: str, missing: list[str]) -> Check:
    if not missing:
        return Check(name, _("齐全"), True)
    return Check(
        name, _("、").join(missing), False, _("运行 tuogu migrate 重新安装，再执行 tuogu ledger verify")
    )


def _seal() -> Check:
    mark = ledger.last_seal_mark()
    return Check(
        _("台账末次封印"), mark or _("还没有"), bool(mark), "" if mark else _("运行 tuogu ledger seal")
    )


def _database() -> Check:
    two = "side" in settings.DATABASES
    return Check(_("数据库"), _("SQLite，主库与侧库两个文件") if two else "PostgreSQL", True)


def _demo() -> Check:
    if not settings.TUOGU_DEMO:
        return Check(_("登录"), _("密码与动态口令"), True)
    hint = _("只用于虚构数据；有真实客户的系统须去掉 TUOGU_DEMO")
    return Check(_("登录"), _("演示模式：免第二因子"), False, hint)
