"""The buffer group by why (S0-24): each reason with its count, how long the oldest waits, and the next step.

In: a viewer. Out: lines whose sum is what the ledger says the group holds within scope. Never: a step that the product
does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tuogu.plans import queries as plans
from tuogu.web.viewer import Viewer

WORDS: dict[str, tuple[Any, Any]] = {  # reason → name, next step
    "planned": (_("已排定，待下发"), _("到日下发")),
    "leaver": (_("离司接管"), _("进下一次方案")),
    "uncoded": (_("地址待编码"), _("人工识别")),
    "difficult": (_("疑难件"), _("保全组服务")),
    "problem": (_("问题件、困难件"), _("专人先行处理")),
    "lapsed": (_("失效件"), _("先谈复效")),
    "no_receiver": (_("无合格接收人"), _("调整人员，重做方案")),
    "not_due": (_("趸交或已缴清"), _("保全组服务")),
    "undone": (_("下发后又撤回"), _("重新排期，或进下一次方案")),
    "fresh": (_("新产生孤儿单"), _("进下一次方案")),
}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    reason: str
    name: Any
    step: Any
    policies: int
    days: int


def pool_table(viewer: Viewer) -> dict[str, Any]:
    """rows, total and the longest wait in days."""
    rows = [
        Row(line.reason, *WORDS[line.reason], line.policies, (viewer.today - line.oldest_date).days)
        for line in plans.buffer_lines(viewer.scope)
    ]
    return {
        "rows": rows,
        "total": sum(row.policies for row in rows),
        "longest": max((row.days for row in rows), default=0),
    }
