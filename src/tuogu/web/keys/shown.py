"""What the page of keys shows: keys with their people, webhooks with what waits, choices of the two forms.

In: a viewer. Out: the template's context. Never: a digest, a secret (both are shown once, by the answer that made them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tuogu.integration import queries as machines
from tuogu.integration.queries import DeliveryRow, KeyRow, SubscriptionRow
from tuogu.org import queries as org
from tuogu.web.viewer import Viewer

STATES: dict[str, Any] = {
    "live": _("有效"), "expired": _("已过期"), "owner_left": _("负责人已离职"), "revoked": _("已吊销"),
}  # fmt: skip
CLEAR: dict[str, Any] = {"": "", "asked": _("待另一人批准"), "approved": _("已批准")}
EVENTS: dict[str, Any] = {
    "custody.changed": _("责任变动"), "leaver.recorded": _("离职登记"), "plan.released": _("方案下发"),
    "import.finished": _("导入完成"),
}  # fmt: skip
OUTCOMES: dict[str, Any] = {
    "delivered": _("送达"), "answered": _("对方拒绝"), "unreachable": _("连不上"), "timeout": _("超时"),
    "refused": _("地址不许发送"), "key_dead": _("密钥已停用"), "": "",
}  # fmt: skip
_USUAL_DAYS = 180


@dataclass(frozen=True)
class ShownKey:
    """A key in words."""

    row: KeyRow
    owner: str
    rights: tuple[str, ...]
    place: str
    state: str
    clear: str
    may_approve: bool


@dataclass(frozen=True)
class ShownHook:
    """A webhook in words."""

    row: SubscriptionRow
    kinds: str
    trouble: str


@dataclass(frozen=True)
class ShownDelivery:
    """An attempt in words."""

    row: DeliveryRow
    kind: str
    outcome: str


def context(
    viewer: Viewer, *, given: dict[str, Any] | None = None, refusal: str = "", secret: str = ""
) -> dict[str, Any]:
    """Everything on the page. secret: a key or a webhook's secret that was made just now."""
    rows = machines.keys(viewer.scope, at=viewer.now)
    names, numbers = org.names({row.owner for row in rows}), org.labels({row.owner for row in rows})
    choices = org.institution_choices(viewer.scope)
    places = {code: name.strip() for code, name in choices}
    keys = [_key(row, viewer, names, numbers, places) for row in rows]
    return {
        "keys": keys, "live": [key for key in keys if key.row.state == "live"],
        "hooks": [_hook(row) for row in machines.subscriptions(viewer.scope)],
        "deliveries": [_delivery(row) for row in machines.last_deliveries(viewer.scope)],
        "rights": [(right.value, gettext(label)) for right, label in machines.LABELS.items()],
        "events": list(EVENTS.items()), "institutions": choices, "everywhere": viewer.scope.all_rows,
        "given": given or {"expires": (viewer.today + timedelta(days=_USUAL_DAYS)).isoformat(), "rights": []},
        "latest": (viewer.today + timedelta(days=viewer.rulebook["integration.key_days_max"])).isoformat(),
        "refusal": refusal, "secret": secret,
    }  # fmt: skip


def _key(
    row: KeyRow, viewer: Viewer, names: dict[int, str | None], numbers: dict[int, str], places: dict[str, str]
) -> ShownKey:
    labels = {right.value: label for right, label in machines.LABELS.items()}
    return ShownKey(
        row, f"{names.get(row.owner) or ''} {numbers.get(row.owner, '')}".strip(),
        tuple(gettext(labels[right]) for right in labels if right in row.rights),
        places.get(row.institution_code, row.institution_code) or gettext("全公司"),
        str(STATES[row.state]), str(CLEAR[row.clear]),
        row.clear == "asked" and row.state == "live" and row.made_by != viewer.person,
    )  # fmt: skip


def _hook(row: SubscriptionRow) -> ShownHook:
    kinds = gettext("、").join(str(EVENTS[kind]) for kind in row.kinds)
    return ShownHook(row, kinds, str(OUTCOMES.get(row.trouble, row.trouble)))


def _delivery(row: DeliveryRow) -> ShownDelivery:
    return ShownDelivery(row, str(EVENTS[row.kind]), str(OUTCOMES[row.outcome]))
