"""A core system for the tests: keys made by the product's own act, calls with them, rows as JSON.

In: a cast. Out: clients of the API. Never: a key that was not made by `make_key`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from django.test import Client

from cast import Cast
from tuogu.integration import actions
from tuogu.integration.rights import MachineRight
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

API = "/api/v1"
_numbers = count(1)


@dataclass(frozen=True)
class Machine:
    """A core system with a key."""

    key: int
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(f"{API}{path}", query, headers=self.headers)

    def post(self, path: str, content: Any, *, idempotency: str = "") -> Any:
        """`content`: plain values, or bytes to send as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        headers = self.headers | {"Idempotency-Key": idempotency or f"call-{next(_numbers):08d}"}
        return Client().post(f"{API}{path}", body, content_type="application/json", headers=headers)


def make_machine(
    cast: Cast,
    rights: Iterable[str] = tuple(right for right in MachineRight if right != MachineRight.READ_CLEAR),
    *,
    institution: str = "B",
    addresses: Iterable[str] = (),
    days: int = 30,
) -> Machine:
    """A key of the clerk's, made by the security administrator; institution '' = the whole company."""
    key, secret = actions.make_key(
        name="核心系统", owner=cast.people[Role.RESOURCE_CLERK], rights=rights, institution_code=institution,
        addresses=addresses, expires_at=cast.now + timedelta(days=days), maker_scope=Scope.everything(),
        rulebook=rules.applicable(cast.today), by=cast.people[Role.SECURITY_ADMINISTRATOR], at=cast.now,
    )  # fmt: skip
    return Machine(key, secret)


def institutions(cast: Cast) -> dict[str, Any]:
    """What the core system says of the branch: it serves a city, without which nothing can be coded."""
    rows = [
        {
            "institution_code": "B",
            "name": "宁波分公司",
            "level": "branch",
            "parent_code": "H",
            "region_code": "330200",
        }
    ]
    return {"data_date": str(cast.today - timedelta(days=3)), "rows": rows}


def customers(cast: Cast, first: int, number: int) -> dict[str, Any]:
    """Customers C…, each with a phone of their own."""
    rows = [
        {"customer_number": f"C{i:06d}", "name": "张三", "sex": "M", "phone": f"1380000{i:04d}",
         "address": "浙江省宁波市海曙区白云街道白沙社区12幢304室"}
        for i in range(first, first + number)
    ]  # fmt: skip
    return {"data_date": str(cast.today - timedelta(days=2)), "rows": rows}


def policies(cast: Cast, first: int, number: int, *, agent: str, institution: str = "B") -> dict[str, Any]:
    """Policies P… of these customers."""
    rows = [
        {"policy_number": f"P{i:08d}", "premium_mode": "regular", "payments_per_year": 1, "premium_fen": 100_050 + i,
         "payment_term_years": 20, "inception_date": "2015-03-05", "state": "in_force", "holder_number": f"C{i:06d}",
         "insured_number": f"C{i:06d}", "agent_number": agent, "institution_code": institution,
         "product_type": "whole_life"}
        for i in range(first, first + number)
    ]  # fmt: skip
    return {"data_date": str(cast.today - timedelta(days=2)), "rows": rows}
