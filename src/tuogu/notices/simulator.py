"""A WeCom to try with: a small HTTP server that hands contacts over by WeCom's own rules, in memory.

In: calls as `adapters/wecom.py` makes them. Out: WeCom's answers. What becomes of a customer follows from its id, so that
all four states can be seen: an id that ends in `-refuse` refuses, a receiver who has `full_at` customers is full, anybody
else is done 24 hours after the call. `clock` is a function, so that a test can let the hours pass.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

CALL_MAX = 100  # customers: WeCom's own limit, beside which ours is tested
EFFECT_SECONDS = 24 * 60 * 60
TOO_MANY, NOT_WAITING, BAD_TOKEN = 60111, 40128, 40014  # WeCom's numbers
STATUS = {"done": 1, "waiting": 2, "refused": 3, "full": 4}


@dataclass
class HandOver:
    """One customer on the way."""

    external: str
    kind: str
    giver: str
    receiver: str
    at: float
    state: str = "waiting"


@dataclass
class World:
    """Everything the simulator knows. `calls`: path and payload of each, for tests to look at."""

    clock: Callable[[], float]
    full_at: int = 10_000
    held: dict[str, int] = field(default_factory=dict)
    handed: list[HandOver] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    failing: bool = False  # answers 500 to everything
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer of one call."""
        with self.lock:
            self.calls.append((path, payload))
            if self.failing:
                return 500, {}
            act = _ACTS.get(path)
            return (200, act(self, payload)) if act else (404, {"errcode": 404})

    def settle(self) -> None:
        """Let the time that has passed do its work."""
        for one in self.handed:
            if one.state == "waiting" and self.clock() - one.at >= EFFECT_SECONDS:
                one.state = self._end(one)
                if one.state == "done":
                    self.held[one.receiver] = self.held.get(one.receiver, 0) + 1

    def _end(self, one: HandOver) -> str:
        if one.external.endswith("-refuse"):
            return "refused"
        return "full" if self.held.get(one.receiver, 0) >= self.full_at else "done"


def _token(_world: World, _payload: dict[str, Any]) -> dict[str, Any]:
    return {"errcode": 0, "access_token": "simulated", "expires_in": 7200}


def _transfer(kind: str) -> Callable[[World, dict[str, Any]], dict[str, Any]]:
    def act(world: World, payload: dict[str, Any]) -> dict[str, Any]:
        externals = payload["external_userid"]
        if len(externals) > CALL_MAX:
            return {"errcode": TOO_MANY}
        world.settle()
        waiting = {one.external for one in world.handed if one.state == "waiting"}
        lines = []
        for external in externals:
            taken = external not in waiting
            if taken:
                giver, receiver = payload["handover_userid"], payload["takeover_userid"]
                world.handed.append(HandOver(external, kind, giver, receiver, world.clock()))
            lines.append({"external_userid": external, "errcode": 0 if taken else NOT_WAITING})
        return {"errcode": 0, "customer": lines}

    return act


def _result(kind: str) -> Callable[[World, dict[str, Any]], dict[str, Any]]:
    def act(world: World, payload: dict[str, Any]) -> dict[str, Any]:
        world.settle()
        pair = (kind, payload["handover_userid"], payload["takeover_userid"])
        newest = {one.external: one for one in world.handed if (one.kind, one.giver, one.receiver) == pair}
        lines = [{"external_userid": o.external, "status": STATUS[o.state]} for o in newest.values()]
        return {"errcode": 0, "customer": lines, "next_cursor": ""}

    return act


def _message(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    msgid = f"msg{len(world.messages) + 1}"
    world.messages[msgid] = payload
    failed = [external for external in payload["external_userid"] if external.endswith("-stranger")]
    return {"errcode": 0, "fail_list": failed, "msgid": msgid}


def _sent(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    found = world.messages.get(payload["msgid"], {"external_userid": []})
    return {
        "errcode": 0,
        "send_list": [{"external_userid": external, "status": 1} for external in found["external_userid"]],
    }


_ACTS: dict[str, Callable[[World, dict[str, Any]], dict[str, Any]]] = {
    "/cgi-bin/gettoken": _token,
    "/cgi-bin/externalcontact/resigned/transfer_customer": _transfer("leaver"),
    "/cgi-bin/externalcontact/resigned/transfer_result": _result("leaver"),
    "/cgi-bin/externalcontact/transfer_customer": _transfer("in_post"),
    "/cgi-bin/externalcontact/transfer_result": _result("in_post"),
    "/cgi-bin/externalcontact/add_msg_template": _message,
    "/cgi-bin/externalcontact/get_groupmsg_send_result": _sent,
}


def serve(world: World, *, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """A server that is bound but not running yet: call `serve_forever`, perhaps in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            self._answer(json.loads(self.rfile.read(size) or b"{}"))

        def _answer(self, payload: dict[str, Any]) -> None:
            status, answer = world.answer(urlsplit(self.path).path, payload)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: a simulator has nothing to say."""

    return ThreadingHTTPServer((host, port), Handler)
