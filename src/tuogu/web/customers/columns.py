"""The columns of the list of customers, in order: heads and chooser read the same table."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Column:
    """One column. `sort`: the key that orders by it. `chosen`: shown until a person chooses otherwise."""

    key: str
    title: str | Promise
    sort: str = ""
    css: str = ""
    chosen: bool = True


COLUMNS: tuple[Column, ...] = (
    Column("name", gettext_lazy("客户")),
    Column("number", gettext_lazy("客户号"), "number"),
    Column("phone", gettext_lazy("手机")),
    Column("id", gettext_lazy("证件号"), chosen=False),
    Column("live", gettext_lazy("有效件"), "policies", "tg-num"),
    Column("every", gettext_lazy("全部件"), css="tg-num"),
    Column("insured", gettext_lazy("被保"), css="tg-num", chosen=False),
    Column("premium", gettext_lazy("年缴保费"), "premium", "tg-num"),
    Column("due", gettext_lazy("应收日"), "due"),
    Column("place", gettext_lazy("街道 / 社区")),
    Column("custodians", gettext_lazy("责任人")),
    Column("type", gettext_lazy("孤儿类型")),
    Column("complaint", gettext_lazy("投诉")),
)
