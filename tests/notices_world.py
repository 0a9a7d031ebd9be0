"""A branch with leavers, and the ways out of the house as local servers: a gateway of text messages, WeCom, mail.

In: a cast. Out: policies with holders, people who leave, real servers on this machine. Never: a mock of what we call.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cast import Cast
from listed_world import MANAGER, customer_rows, import_rows, policy_rows
from tuogu.books import actions as books
from tuogu.core.custody import SHANGHAI
from tuogu.notices import actions
from tuogu.notices.adapters.sms import signature
from tuogu.notices.models import NoticeCase
from tuogu.notices.simulator import World, serve
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.privacy import actions as privacy

SECRET = "gateway-secret"


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of a business day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def with_policies(cast: Cast, count: int = 4, *, changes: dict[int, dict[str, Any]] | None = None) -> None:
    """`count` policies of the account manager; `changes` by place: {0: {"state": "matured"}}."""
    rows = [
        row | (changes or {}).get(place, {}) for place, row in enumerate(policy_rows(count, agent=MANAGER))
    ]
    import_rows(cast, rows, customer_rows(rows))


def leaves(cast: Cast, day: date, *, recorded: datetime | None = None) -> int:
    """The account manager leaves on `day`; returns the person. No cases are opened."""
    person = cast.people[Role.ACCOUNT_MANAGER]
    books.leave(person, leave_date=day, recorded_at=recorded or max(cast.now, at(day, 9)), by=org.machine())
    return person


def opened(cast: Cast, day: date | None = None) -> list[int]:
    """The account manager leaves today and the cases are opened; returns their ids."""
    day = day or cast.today
    leaves(cast, day)
    actions.open_cases(by=org.machine(), at=max(cast.now, at(day, 9)))
    return list(NoticeCase.objects.order_by("policy_number").values_list("pk", flat=True))


def registered(cast: Cast, *codes: str) -> None:
    """The outside parties, assessed."""
    for code in codes or ("sms_gateway", "wecom", "mail_server"):
        privacy.register_party(
            code, name=code, purpose="离职告知", ground="duty", assessed_date=cast.today,
            assessment_ref="PIA-1", until_date=cast.today + timedelta(days=365), by=org.machine(), at=cast.now,
        )  # fmt: skip


@dataclass
class Gateway:
    """A gateway of text messages. `mode`: ok | refuse | broken | slow; `states` by key."""

    mode: str = "ok"
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    unsigned: int = 0

    def answer(self, path: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer of a call."""
        self.calls += 1
        if path.endswith("/receipts"):
            lines = [{"key": k, "id": f"id-{k}", "state": self._state(k)} for k in payload["keys"]]
            return 200, {"receipts": lines}
        if self.mode == "refuse":
            return 400, {}
        if self.mode == "broken":
            return 500, {}
        known = payload["key"] in self.taken
        self.taken.setdefault(payload["key"], payload)
        if self.mode == "slow":  # taken, but the answer comes too late
            time.sleep(0.6)
        return (409, {"id": f"id-{payload['key']}"}) if known else (202, {"id": f"id-{payload['key']}"})

    def _state(self, key: str) -> str:
        return self.states.get(key, "sent" if key in self.taken else "unknown")


@contextmanager
def gateway(settings: Any) -> Iterator[Gateway]:
    """A running gateway that the settings point at."""
    world = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            right = signature(SECRET, self.headers["X-Timestamp"], body) == self.headers["X-Signature"]
            world.unsigned += not right
            status, answer = world.answer(self.path, json.loads(body))
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        settings.TUOGU_SMS_URL = f"http://127.0.0.1:{port}"
        settings.TUOGU_SMS_SECRET, settings.TUOGU_SMS_SENDER = SECRET, "tuogu"
        yield world


@contextmanager
def wecom(settings: Any, clock: Any = time.time) -> Iterator[World]:
    """A running simulator that the settings point at."""
    world = World(clock)
    with running(serve(world)) as port:
        settings.TUOGU_WECOM_URL = f"http://127.0.0.1:{port}"
        settings.TUOGU_WECOM_CORP = settings.TUOGU_WECOM_SECRET = "x"
        yield world


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[int]:
    """The port of a server that answers meanwhile."""
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
