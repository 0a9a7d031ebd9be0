"""Is the installation well? The same checks as `/healthz`, in words, with what to do where one fails."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from tuogu.integration import queries as machines
from tuogu.ledger import queries as ledger
from tuogu.org import append_only
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, what was found, and whether it is well."""

    name: str
    found: str
    well: bool
    hint: str = ""


def system_state() -> list[Check]:
    """Guards of every append-only room, the seal, the database, webhooks, the demo switch."""
    return [
        *(
            _guards(
                _("%(room)s：防改触发器") % {"room": _(str(apps.get_app_config(label).verbose_name))}, missing
            )
            for label, missing in append_only.missing_everywhere().items()
        ),
        _seal(),
        _database(),
        _webhooks(),
        _demo(),
    ]


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


def _webhooks() -> Check:
    halted = machines.halted(Scope.everything())
    if not halted:
        return Check(_("事件通知"), _("没有停下的"), True)
    found = _("停下 %(n)s 条：%(names)s") % {"n": len(halted), "names": _("、").join(dict.fromkeys(halted))}
    return Check(_("事件通知"), found, False, _("请密钥管理人在“系统 › 接口密钥”重试或跳过"))


def _demo() -> Check:
    if not settings.TUOGU_DEMO:
        return Check(_("登录"), _("密码与动态口令"), True)
    hint = _("只用于虚构数据；有真实客户的系统须去掉 TUOGU_DEMO")
    return Check(_("登录"), _("演示模式：免第二因子"), False, hint)
