"""Text messages through the branch's gateway: JSON over HTTP, signed, neutral as to the provider.

    POST {TUOGU_SMS_URL}/messages   {"key", "to", "text", "sender"}   → 200/202 {"id"}; 409: key known; 4xx: refused
    POST {TUOGU_SMS_URL}/receipts   {"keys": [...]}                   → 200 {"receipts": [{"key", "id", "state"}]}
    headers: X-Timestamp, X-Signature = hex HMAC-SHA256(TUOGU_SMS_SECRET, timestamp + "." + body)

state: delivered | failed | sent | unknown. The gateway may also push receipts to /notices/receipts/sms/ with the same
signature. Our key is the gateway's idempotency key: the same key twice is one text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from tuogu.notices.adapters.http_call import TimedOut, Unreachable, call_bytes, usable
from tuogu.notices.adapters.outcome import Outcome, Outgoing

FRESH_SECONDS = 300  # a signed call is older than this only when somebody plays it again
_STATES = {"delivered": "delivered", "failed": "rejected", "sent": "accepted", "unknown": "unknown"}
_KNOWN, _BUSY, _TOO_MANY = 409, 500, 429  # statuses of HTTP


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in X-Signature."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def genuine(timestamp: str, given: str, body: bytes, *, now: float) -> bool:
    """Whether a pushed call carries the gateway's signature and is fresh. Never true without a secret."""
    secret = settings.TUOGU_SMS_SECRET
    if not secret or not timestamp.isdecimal() or abs(now - int(timestamp)) > FRESH_SECONDS:
        return False
    return hmac.compare_digest(signature(secret, timestamp, body), given)


def outcome_of(state: str, provider_id: str = "") -> Outcome:
    """A gateway's word as ours; a word that is not ours counts as not known."""
    found = _STATES.get(state, "unknown")
    return Outcome(found, "rejected" if found == "rejected" else "", provider_id)


class Sms:
    """The gateway."""

    answers = True

    def configured(self) -> str:
        missing = usable(settings.TUOGU_SMS_URL)
        return missing or ("" if settings.TUOGU_SMS_SECRET else "没有配置签名密钥")

    def send(self, outgoing: Outgoing) -> Outcome:
        payload = {
            "key": outgoing.key,
            "to": outgoing.to,
            "text": outgoing.body,
            "sender": settings.TUOGU_SMS_SENDER,
        }
        try:
            status, answer = self._call("messages", payload)
        except Unreachable:
            return Outcome("trouble", "unreachable")
        except TimedOut:
            return Outcome("trouble", "timeout")  # the same key again is the same text
        if status < 300 or status == _KNOWN:
            return Outcome("accepted", "", str(answer.get("id", "")))
        if status >= _BUSY or status == _TOO_MANY:
            return Outcome("trouble", "busy")
        return Outcome("rejected", "refused")

    def asked(self, outgoings: Sequence[Outgoing]) -> dict[str, Outcome]:
        try:
            status, answer = self._call("receipts", {"keys": [one.key for one in outgoings]})
        except OSError:
            return {}
        lines = answer.get("receipts", []) if status < 300 else []
        return {
            str(line.get("key", "")): outcome_of(str(line.get("state", "")), str(line.get("id", "")))
            for line in lines
            if isinstance(line, dict)
        }

    def _call(self, path: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        body, stamp = json.dumps(payload, ensure_ascii=False).encode(), str(int(time.time()))
        signed = {"X-Timestamp": stamp, "X-Signature": signature(settings.TUOGU_SMS_SECRET, stamp, body)}
        return call_bytes(f"{settings.TUOGU_SMS_URL.rstrip('/')}/{path}", body, headers=signed)
