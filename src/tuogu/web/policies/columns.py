"""The columns of the list, in order: the page's heads and chooser, and the exported sheet, read the same table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tuogu.core import labels
from tuogu.web.policies.rows import Line

Cell = str | int | float | date | None


@dataclass(frozen=True)
class Column:
    """One column. `sort`: the key that orders by it. `chosen`: shown until a person chooses otherwise."""

    key: str
    title: str | Promise
    export: Callable[[Line], Cell]
    sort: str = ""
    css: str = ""
    chosen: bool = True


def _word(table: dict[Any, str], code: Any) -> str | None:
    word = table.get(code)
    return _(word) if word else None


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / 100


def _term(line: Line) -> str | None:
    policy = line.policy
    if policy.payments_per_year == 0:
        return _(labels.PAYMENT_FREQUENCIES[0])
    years = policy.payment_term_years
    return None if years is None else _("%(n)s 年") % {"n": years}


COLUMNS: tuple[Column, ...] = (
    Column("number", gettext_lazy("保单号"), lambda x: x.policy.number, sort="number"),
    Column("holder", gettext_lazy("投保人"), lambda x: x.holder.name if x.holder else None),
    Column("phone", gettext_lazy("手机"), lambda x: x.holder.phone if x.holder else None),
    Column("id", gettext_lazy("证件号"), lambda x: x.holder.id_number if x.holder else None),
    Column("product", gettext_lazy("险种"), lambda x: x.policy.product_name),
    Column(
        "premium", gettext_lazy("年缴保费"), lambda x: _yuan(x.policy.yearly_premium_fen), "premium", "tg-num"
    ),
    Column("term", gettext_lazy("缴费"), _term, css="tg-num"),
    Column("due", gettext_lazy("应收日"), lambda x: x.policy.next_due_date, sort="due"),
    Column("type", gettext_lazy("孤儿类型"), lambda x: _word(labels.ORPHAN_TYPES, x.policy.orphan_type)),
    Column("unit", gettext_lazy("识别码"), lambda x: x.unit or x.policy.display_code),
    Column("place", gettext_lazy("街道 / 社区"), lambda x: x.policy.place),
    Column("custodian", gettext_lazy("责任人"), lambda x: x.custodian),
    Column("held", gettext_lazy("持有"), lambda x: x.days_held, css="tg-num"),
    Column(
        "insured", gettext_lazy("被保险人"), lambda x: x.insured.name if x.insured else None, chosen=False
    ),
    Column(
        "service",
        gettext_lazy("服务类型"),
        lambda x: _word(labels.SERVICE_CLASSES, x.policy.service_class),
        chosen=False,
    ),
    Column("nature", gettext_lazy("件性质"), lambda x: _word(labels.NATURES, x.policy.nature), chosen=False),
    Column(
        "source",
        gettext_lazy("孤儿来源"),
        lambda x: _word(labels.ORPHAN_SOURCES, x.policy.orphan_source),
        chosen=False,
    ),
    Column(
        "state", gettext_lazy("状态"), lambda x: _word(labels.POLICY_STATES, x.policy.state), chosen=False
    ),
    Column("lapse", gettext_lazy("失效日"), lambda x: x.policy.lapse_date, chosen=False),
    Column("inception", gettext_lazy("生效日"), lambda x: x.policy.inception_date, chosen=False),
    Column("agent", gettext_lazy("原业务员"), lambda x: x.policy.agent_number, chosen=False),
    Column("institution", gettext_lazy("管理机构"), lambda x: x.policy.institution_code, chosen=False),
)
