"""What the people of a branch do all day, for locust: phone, record, late list, lists of a desk; half a minute of thinking.

In: TUOGU_LOAD_FOLDER with `people.json` (tests/load_world.py), TUOGU_LOAD_THINK seconds. Out: requests, named by page;
`accepted.jsonl`, the records that the site said it has. Never: an answer taken for good because its status is 200 (the door
answers so, too).
"""

from __future__ import annotations

import json
import os
import random
import re
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import gevent
from locust import FastHttpUser, between, events, task

FOLDER = Path(os.environ["TUOGU_LOAD_FOLDER"])
THINK_SECONDS = float(os.environ["TUOGU_LOAD_THINK"])
SENT_TWICE = 0.05  # of records: the answer got lost on the way
PHONE, LEAD, CLERK = "account_manager", "team_lead", "resource_clerk"
_PEOPLE: list[dict[str, Any]] = json.loads((FOLDER / "people.json").read_text(encoding="utf-8"))
_TURN = count()
_ACCEPTED = (FOLDER / "accepted.jsonl").open("w", encoding="utf-8")
_CUSTOMER = re.compile(r'href="/m/customers/([^/"?]+)/')
_HOLDS = re.compile(r'name="(?:policies|checked)"[^>]*value="([^"]+)"')


class Person(FastHttpUser):
    """One of the people, at the desk or at customers' doors. Signed in already, behind the house's TLS."""

    wait_time = between(THINK_SECONDS * 0.5, THINK_SECONDS * 1.5)
    network_timeout = connection_timeout = 30.0

    def on_start(self) -> None:
        """Who am I; people do not all begin in the same second."""
        place = next(_TURN) % len(_PEOPLE)
        self.me = _PEOPLE[place]
        self.chance = random.Random(place)
        self.customers: list[str] = []
        gevent.sleep(self.chance.uniform(0, THINK_SECONDS))

    @task
    def turn(self) -> None:
        """One action: a page, or a page and what is sent from it."""
        acts = {PHONE: _AT_THE_DOOR, LEAD: _AS_LEAD, CLERK: _AS_CLERK}[self.me["post"]]
        chosen = self.chance.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        chosen(self)

    def read(self, path: str, name: str) -> str:
        """The text of a page; anything but the page itself is an error."""
        with self.client.get(
            path, name=name, headers=self._headers(), allow_redirects=False, catch_response=True
        ) as answer:
            text = str(answer.text or "")
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")
            elif "</html>" not in text and "</div>" not in text:
                answer.failure("no page")
            return text if answer.status_code == 200 else ""

    def send(self, path: str, name: str, told: dict[str, list[str]]) -> dict[str, Any]:
        """The JSON answer to a record."""
        headers = self._headers() | {
            "Content-Type": "application/json", "X-CSRFToken": self.me["cookies"]["csrftoken"],
            "Referer": f"https://127.0.0.1{path}",
        }  # fmt: skip
        with self.client.post(
            path,
            name=name,
            data=json.dumps(told),
            headers=headers,
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}: {str(answer.text)[:120]}")
                return {}
            return dict(json.loads(str(answer.text)))

    def _headers(self) -> dict[str, str]:
        """As the proxy in front sends them on."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.me["cookies"].items())
        return {
            "Cookie": cookies,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "10.0.0.1",
            "Host": "127.0.0.1",
        }


# --- out with a phone ------------------------------------------------------------------------------------------------


def today(person: Person) -> None:
    person.customers = _known(person.read("/m/", "phone: today")) or person.customers


def my_customers(person: Person) -> None:
    person.customers = _known(person.read("/m/customers/", "phone: customers")) or person.customers


def customer(person: Person) -> None:
    if not person.customers:
        return my_customers(person)
    person.read(f"/m/customers/{person.chance.choice(person.customers)}/", "phone: customer")
    return None


def record(person: Person) -> None:
    """The form, then what was done; sometimes sent again because the first answer got lost."""
    if not person.customers:
        return my_customers(person)
    number = person.chance.choice(person.customers)
    page = person.read(f"/m/customers/{number}/record/", "phone: form of a record")
    told = _told(person.chance, number, sorted(set(_HOLDS.findall(page))))
    for _ in range(2 if person.chance.random() < SENT_TWICE else 1):
        answer = person.send("/m/records/", "phone: record", told)
        if answer.get("state") == "sent":
            _ACCEPTED.write(
                json.dumps({"client_key": told["client_key"][0], "again": answer["again"]}) + "\n"
            )
    return None


def _told(chance: random.Random, number: str, policies: list[str]) -> dict[str, list[str]]:
    """A visit, a call that got through, or one that did not."""
    kind, outcome = chance.choice(
        [("visit", "met"), ("call", "reached"), ("call", "no_answer"), ("visit", "not_home")]
    )
    told = {
        "client_key": uuid4().hex, "customer": number, "kind": kind, "outcome": outcome, "reason": "review",
        "happened_at": datetime.now(UTC).isoformat(), "purpose": "service", "quiet": "1",
    }  # fmt: skip
    if outcome == "met":
        told |= {"attitude": "warm", "card_content": "保单整理", "card_questions": "没有问题"}
    return {name: [value] for name, value in told.items()} | {"policies": policies}


def _known(page: str) -> list[str]:
    return sorted(set(_CUSTOMER.findall(page)))


# --- at desks --------------------------------------------------------------------------------------------------------


def late_list(person: Person) -> None:
    person.read("/work/late/", "lead: what is late")


def board(person: Person) -> None:
    person.read("/work/", "lead: board")


def home(person: Person) -> None:
    person.read("/", "desk: home")


def policies(person: Person) -> None:
    person.read("/policies/", "clerk: policies")


def customers(person: Person) -> None:
    person.read("/customers/", "clerk: customers")


_AT_THE_DOOR = ((today, 4), (customer, 3), (record, 2), (my_customers, 1))
_AS_LEAD = ((late_list, 5), (board, 2), (home, 2))
_AS_CLERK = ((policies, 4), (customers, 4), (home, 1))


@events.quitting.add_listener
def _kept(**_: object) -> None:
    _ACCEPTED.close()
