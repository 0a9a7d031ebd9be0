"""The town of a simulated motor book: a synthetic branch with its people, customers with phones, a motor book drawn from a
seed, and the pool's person.

In: a database, sizes, the day before the first. Out: `Town`. Never: the clock of the machine, a policy of a real car.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

import branch as tiny
from listed_world import customer_rows, policy_rows
from tuogu import synth
from tuogu.books import actions as books
from tuogu.core.classify import classify
from tuogu.core.custody import SHANGHAI
from tuogu.core.intake_tables import Intake
from tuogu.core.tables import INSTITUTIONS, PEOPLE, REJECTS, Book, Books, empty
from tuogu.data.codebook import load
from tuogu.ledger import actions as ledger
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.privacy import actions as privacy
from tuogu.synth.motor import motor_book

FRIDAY = 4
_REFUSE, _LATE_FILE = (
    0.05,
    0.02,
)  # shares: customers who take no messages, policies whose file comes in the year


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a business day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def friday(day: date) -> date:
    """The first Friday from a day on: when the motor system's file comes."""
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)


@dataclass
class Town:
    """`rows`: the book of the first day, by number; `late`: rows whose file comes later; `renewed_by`: of those that the
    book itself renews; `posts`: staff number → custodian of people in post."""

    began: date
    administrator: int
    posts: dict[str, int]
    rows: dict[str, dict[str, Any]]
    late: list[dict[str, Any]]
    renewed_by: dict[str, str]
    refusing: set[str]
    chance: random.Random = field(repr=False)


def make_town(began: date, policies: int, customers: int, seed: int) -> Town:
    """Write the town into the database that is connected; the motor book is not imported yet."""
    chance = random.Random(seed)
    city = synth.make_city("330200", customers, seed, load(["330200"]), data_date=began)
    ids = _people(city, began)
    planners = city.people.filter(series="planner")["staff_number"].to_list()
    administrator, at = ids[planners[0]], moment(began, 9)
    org_actions.appoint(
        administrator, Role.RENEWAL_ADMINISTRATOR, everywhere=True, from_date=began, by=org.machine(), at=at
    )
    org_actions.set_duty(org.buffer_group(), administrator, from_date=began, by=org.machine(), at=at)
    book = motor_book(city, policies)
    assert book.rows["policy_number"].is_unique().all()
    number_of = {old: f"C{i:06d}" for i, old in enumerate(sorted(city.books.customers["customer_number"]))}
    rows = [row | {"holder_number": number_of[row["holder_number"]]} for row in book.rows.to_dicts()]
    _customers(began, len(number_of), administrator)
    refusing = {number for number in sorted(number_of.values()) if chance.random() < _REFUSE}
    for number in sorted(refusing):
        privacy.record_consent(
            number, purpose="marketing", said="refused", channel="sms", source="call", text_version="1",
            by=administrator, at=at,
        )  # fmt: skip
    renewed_by = dict(book.truth.drop_nulls("renewed_by").select("policy_number", "renewed_by").iter_rows())
    alone = _alone(rows)
    late = [row for row in rows if row["policy_number"] in alone and chance.random() < _LATE_FILE]
    kept = {row["policy_number"] for row in rows} - {row["policy_number"] for row in late}
    people = city.people.filter(pl.col("left_date").is_null())["staff_number"]
    return Town(
        began, administrator, {number: ids[number] for number in people},
        {row["policy_number"]: row for row in rows if row["policy_number"] in kept}, late, renewed_by, refusing, chance,
    )  # fmt: skip


def _alone(rows: list[dict[str, Any]]) -> set[str]:
    """Policies of cars that have had no other."""
    cars = dict[str, list[str]]()
    for row in rows:
        cars.setdefault(row["frame_number"], []).append(row["policy_number"])
    return {numbers[0] for numbers in cars.values() if len(numbers) == 1}


def _people(city: synth.City, began: date) -> dict[str, int]:
    machine, at = org.machine(), moment(began - timedelta(days=1), 9)
    org_actions.sync_institutions(city.codes.staff.institutions, by=machine, at=at)
    synced = org_actions.sync_people(city.people, by=machine, at=at)
    ledger.note_leaves(synced.gone, by=machine, recorded_at=at, rule="S0-25")
    return dict(org.staff_ids().select("staff_number", "custodian_id").iter_rows())


def _customers(began: date, count: int, clerk: int) -> None:
    """Each with a phone and one life policy of somebody who has left."""
    rows = [
        row | {"inception_date": date(2015, 5, 9)}
        for row in policy_rows(count, agent="9999", institution="86330291")
    ]
    given = customer_rows(rows)
    written = Books(
        tiny.policies(*rows), tiny.customers(*given), empty(PEOPLE), empty(INSTITUTIONS), data_date=began
    )
    known = replace(written, people=tiny.people({"staff_number": "9999", "left_date": date(2020, 1, 1)}))
    places = tiny.located(**{row["customer_number"]: tiny.BAISHA for row in given})
    book = Book(
        books=written, located=places, homes=places.head(0),
        classified=classify(known, places, tiny.RULEBOOK, began), communities=tiny.communities(),
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
    )  # fmt: skip
    nothing = empty(REJECTS)
    books.import_books(
        Intake(written, nothing, nothing, nothing), book, file_name="town.xlsx", coverage="partial",
        code_book_version="2026.1", by=clerk, recorded_at=moment(began, 9),
    )  # fmt: skip
