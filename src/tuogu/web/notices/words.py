"""The words of the room as the pages show them, in the chosen language; and whom its ids stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from tuogu.core.labels import LEAVE_REASONS
from tuogu.notices import words
from tuogu.org import queries as org
from tuogu.web.parts import View

TABLES: dict[str, Mapping[str, str]] = {
    "channel": words.CHANNELS,
    "case_state": words.CASE_STATES,
    "message_state": words.MESSAGE_STATES,
    "proof": words.PROOF_KINDS,
    "outcome": words.PHONE_OUTCOMES,
    "why": words.WHY,
    "left_out": words.LEFT_OUT,
    "trouble": words.TROUBLES,
    "event": words.EVENTS,
    "transfer_state": words.TRANSFER_STATES,
    "transfer_kind": words.TRANSFER_KINDS,
    "link_state": words.LINK_STATES,
    "cause": LEAVE_REASONS,
}
TONES = {
    "waiting": "warn", "prepared": "info", "sent": "info", "proved": "good", "waived": "", "queued": "",
    "sending": "info", "accepted": "info", "delivered": "good", "failed": "bad", "unsure": "bad", "cancelled": "",
    "printed": "info", "posted": "info", "planned": "", "done": "good", "refused": "bad", "full": "bad",
}  # fmt: skip


def table(name: str) -> dict[str, str]:
    """Code → word."""
    return {code: _(word) if word else "" for code, word in TABLES[name].items()}


def options(name: str) -> list[tuple[str, str]]:
    """The same, for a select."""
    return list(table(name).items())


def names(custodians: Iterable[int | None]) -> dict[int, org.KnownAs]:
    """Names and staff numbers of colleagues: one query."""
    return org.known_as(custodians)


def rooms(current: str, reverse_of: Mapping[str, str]) -> list[View]:
    """The pages of this room as tabs."""
    words_of = {
        "board": _("总览"), "cases": _("案件"), "red": _("红名单"), "letters": _("信函"), "outbox": _("发送"),
        "wordings": _("文本"), "relations": _("三账核对"), "contacts": _("企微转接"),
    }  # fmt: skip
    return [View(words_of[name], reverse_of[name], None, name == current) for name in words_of]
