"""The ways out of the house: each sends one message and says what became of it. The only code that talks to a network.

In: an `Outgoing` and what the environment says. Out: an `Outcome`. Never: a call inside a request or a transaction, a
message without our key, a text or a number in a log.

A new way out: a module with `configured()`, `send(outgoing)` and `asked(outgoings)`, and a line in `adapter_of`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tuogu.notices.adapters.outcome import Outcome, Outgoing

__all__ = ["Adapter", "Outcome", "Outgoing", "adapter_of"]


class Adapter(Protocol):
    """What every way out can do."""

    answers: bool  # whether the provider can be asked by our key what became of a message

    def configured(self) -> str:
        """'' when it may be used, else why not, in Chinese."""

    def send(self, outgoing: Outgoing, /) -> Outcome:
        """Hand one message over."""

    def asked(self, _outgoings: Sequence[Outgoing], /) -> dict[str, Outcome]:
        """What became of messages, by key; a key that the provider does not know has the state `unknown`."""


def adapter_of(channel: str) -> Adapter | None:
    """The adapter of a channel; None for letters, which people carry to the post."""
    from tuogu.notices.adapters import mail, sms, wecom

    found: dict[str, Adapter] = {"sms": sms.Sms(), "wecom": wecom.WeCom(), "mail": mail.Mail()}
    return found.get(channel)
