"""WeCom (企业微信): messages to external contacts, and contacts handed over. Calls are named as WeCom's own.

    TUOGU_WECOM_URL     https://qyapi.weixin.qq.com (or the simulator)
    TUOGU_WECOM_CORP    corporation id
    TUOGU_WECOM_SECRET  secret of the customer-contact application

A member's userid is the staff number. A message is created once for each key by us: WeCom has no idempotency key for
messages, so a break in the middle is `unsure`. Hand-overs can be asked for again: WeCom tells what it took.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from tuogu.notices.adapters.http_call import TimedOut, Unreachable, call, usable
from tuogu.notices.adapters.outcome import Outcome, Outgoing

TRANSFER_STATUS = {1: "done", 2: "waiting", 3: "refused", 4: "full"}  # WeCom's numbers
NOT_A_CONTACT = 40096  # WeCom: no such external contact of this member
_BUSY = 500  # status of HTTP
_SENT, _NOT_A_FRIEND, _OTHER = 1, 2, 3  # WeCom's numbers of a message's result


class WeComError(OSError):
    """A call that WeCom did not take; `code` is its number, '' when it could not be asked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Handed:
    """What became of one customer of a hand-over call."""

    external: str
    code: int


class WeCom:
    """One session: the access token is asked for once."""

    answers = False

    def __init__(self) -> None:
        self._token = ""

    def configured(self) -> str:
        missing = usable(settings.TUOGU_WECOM_URL)
        known = settings.TUOGU_WECOM_CORP and settings.TUOGU_WECOM_SECRET
        return missing or ("" if known else "没有配置企业号和密钥")

    def send(self, outgoing: Outgoing) -> Outcome:
        payload = {
            "chat_type": "single", "external_userid": [outgoing.to], "sender": outgoing.sender,
            "text": {"content": outgoing.body},
        }  # fmt: skip
        try:
            answer = self._asked("externalcontact/add_msg_template", payload)
        except Unreachable:
            return Outcome("trouble", "unreachable")
        except TimedOut:
            return Outcome("unsure", "timeout")
        except WeComError as refused:
            if refused.code:
                known = refused.code == str(NOT_A_CONTACT)
                return Outcome("rejected", "not_a_contact" if known else refused.code)
            return Outcome("trouble", "busy")
        if outgoing.to in answer.get("fail_list", []):
            return Outcome("rejected", "not_a_contact")
        return Outcome("accepted", "", str(answer.get("msgid", "")))

    def asked(self, outgoings: Sequence[Outgoing]) -> dict[str, Outcome]:
        found = {}
        for one in outgoings:
            if not one.provider_id:
                continue
            try:
                answer = self._asked(
                    "externalcontact/get_groupmsg_send_result",
                    {"msgid": one.provider_id, "userid": one.sender},
                )
            except OSError:
                continue
            for line in answer.get("send_list", []):
                if line.get("external_userid") == one.to:
                    found[one.key] = _result(line.get("status"))
        return found

    def hand_over(self, kind: str, giver: str, receiver: str, externals: Sequence[str]) -> list[Handed]:
        """Ask for a hand-over of at most 100 customers; code 0 = taken, it waits. OSError when nothing is known of it."""
        path = (
            "externalcontact/resigned/transfer_customer"
            if kind == "leaver"
            else "externalcontact/transfer_customer"
        )
        payload = {"handover_userid": giver, "takeover_userid": receiver, "external_userid": list(externals)}
        answer = self._asked(path, payload)
        return [
            Handed(str(line.get("external_userid", "")), int(line.get("errcode", 0)))
            for line in answer.get("customer", [])
        ]

    def handed(self, kind: str, giver: str, receiver: str) -> dict[str, str]:
        """State of every customer handed over between the two: external id → done | waiting | refused | full."""
        path = (
            "externalcontact/resigned/transfer_result"
            if kind == "leaver"
            else "externalcontact/transfer_result"
        )
        found: dict[str, str] = {}
        cursor = ""
        while True:
            answer = self._asked(
                path, {"handover_userid": giver, "takeover_userid": receiver, "cursor": cursor}
            )
            for line in answer.get("customer", []):
                state = TRANSFER_STATUS.get(line.get("status"))
                if state:
                    found[str(line.get("external_userid", ""))] = state
            cursor = str(answer.get("next_cursor", ""))
            if not cursor:
                return found

    def _asked(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        """One call with the token; WeComError when it is refused or WeCom is in trouble."""
        base = f"{settings.TUOGU_WECOM_URL.rstrip('/')}/cgi-bin"
        if not self._token:
            self._sign_in(base)
        return _well(*call(f"{base}/{path}?access_token={self._token}", payload))

    def _sign_in(self, base: str) -> None:
        """Ask for the session's token. Nothing has gone out when this fails."""
        query = urlencode({"corpid": settings.TUOGU_WECOM_CORP, "corpsecret": settings.TUOGU_WECOM_SECRET})
        try:
            answer = _well(*call(f"{base}/gettoken?{query}", None))
        except TimedOut as slow:
            raise Unreachable(str(slow)) from None
        self._token = str(answer.get("access_token", ""))


def _well(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    if status >= _BUSY or "errcode" not in answer:
        raise WeComError("")
    if answer["errcode"]:
        raise WeComError(str(answer["errcode"]))
    return answer


def _result(status: Any) -> Outcome:
    if status == _SENT:
        return Outcome("delivered")
    if status in (_NOT_A_FRIEND, _OTHER):
        return Outcome("rejected", "not_a_contact")
    return Outcome("accepted")
