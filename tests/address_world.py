"""A branch whose addresses are read by the product's own import: the code book of Ningbo, customers written short.

In: a cast, addresses by customer. Out: imported books; customers as they stand. Never: a code that the import did not give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import intake_sheets as sheets
from cast import Cast, staff_number
from tuogu.books.models import Customer
from tuogu.jobs import storing
from tuogu.org.roles import Role

CITY = "3302"
SHIJIA, QINGAN = "330212009003", "330212009004"  # 鄞州区 东胜街道 史家社区, 庆安社区
STREET = "330212009"
YUEJI = ("330206002021", "330212012002")  # 月季社区 in two districts
KNOWN = "宁波市鄞州区东胜街道史家社区"


class Quiet:
    """Progress that nobody watches."""

    @contextmanager
    def step(self, _name: str) -> Iterator[Any]:
        yield lambda _label, _fraction: None


def import_addresses(cast: Cast, addresses: Mapping[str, str], *, days_ago: int = 2) -> dict[str, int]:
    """Import a customer with a live policy for each address, managed by the branch, in the name of the clerk."""
    day = cast.today - timedelta(days=days_ago)
    agent = staff_number(Role.ACCOUNT_MANAGER)
    customers = [
        {"customer_number": number, "address": text, "phone": f"138{int(number[1:]):08d}", "id_number": None}
        for number, text in addresses.items()
    ]
    policies = [
        {
            "policy_number": f"P{number[1:]}", "holder_number": number, "insured_number": number,
            "agent_number": agent, "institution_code": "B", "inception_date": "2015-03-05",
        }
        for number in addresses
    ]  # fmt: skip
    raw = sheets.workbook(sheets.sheet("policies", *policies), sheets.sheet("customers", *customers))
    done = storing.import_file(
        raw, name="addresses.xlsx", coverage="partial", data_date=day, classified_on=cast.today, city=CITY,
        by=cast.people[Role.RESOURCE_CLERK], clock=lambda: cast.now, progress=Quiet(),
    )  # fmt: skip
    return done.result.counts


def code_of(number: str) -> tuple[str | None, str, str | None]:
    """community_code, code_status, code_reason as stored."""
    row = Customer.objects.get(number=number)
    return row.community_code, row.code_status, row.code_reason
