"""A motor book of these days with somebody's orphans beside it, and the pages of reports as people read them.

In: a cast. Out: Now; pages as text. Never: a shortcut past the product's own import; a date that is not the world's.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from django.test import Client

from motor_world import MotorWorld
from tuogu.renewals.models import Ended


class Now(MotorWorld):
    """A motor book of these days."""

    @property
    def at(self) -> datetime:
        return self.cast.now

    @property
    def today(self) -> date:
        return self.cast.today


def end(world: Now, number: str, outcome: str) -> None:
    Ended.objects.create(
        subject_id=world.subject(number), seq=1, outcome=outcome, proof="保单", by_id=world.city, ended_date=world.today,
        at=world.at,
    )  # fmt: skip


def page(client: Client, url: str, status: int = 200, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == status, (url, answer.status_code)
    return answer.content.decode()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
