"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class IntegrationRefused(ValueError):
    """Says in Chinese why, and that nothing was written."""


class KeyReused(ValueError):
    """The idempotency key came before with other content (`same` false), or its call is still at work (`same` true)."""

    def __init__(self, *, same: bool) -> None:
        self.same = same
        super().__init__("还在处理同一请求" if same else "同一幂等键已用于另一内容")
