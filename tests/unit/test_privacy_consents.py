"""What customers say and what follows: the latest word counts, duties go on, marketing rights go back (L-03, L-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction

from cast import Cast
from listed_world import GONE, customer_rows, import_rows, policy_rows
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.privacy import actions, queries
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.kinds import Channel, Purpose

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ONE, TWO, THREE = "C000000", "C000001", "C000002"
TEXT = {"source": "door", "text_version": "T-1"}


@pytest.fixture
def world(cast: Cast) -> Cast:
    import_rows(cast, policy_rows(3, agent=GONE))
    return cast


def says(world: Cast, number: str, said: str, *, hours_ago: int = 0, **other: Any) -> int:
    wish = {"purpose": "marketing", "channel": "any"} | TEXT | other
    return actions.record_consent(
        number, said=said, said_at=world.now - timedelta(hours=hours_ago), by=world.people[Role.ACCOUNT_MANAGER],
        at=world.now, **wish,
    )  # fmt: skip


def allowed(number: str, purpose: str, channel: str = "any") -> bool:
    return queries.may_contact(number, purpose, channel).allowed


@pytest.mark.req("L-03")
def test_a_refusal_stops_marketing_at_once_and_services_go_on(world: Cast) -> None:
    assert allowed(ONE, "marketing")
    says(world, ONE, "refused")
    assert not allowed(ONE, "marketing")
    assert not allowed(ONE, "event")  # an invitation is marketing
    assert allowed(ONE, "survey")
    assert allowed(ONE, "service", "sms")
    assert allowed(ONE, "return_visit")
    assert allowed(TWO, "marketing")
    assert queries.refused(Purpose.MARKETING, Channel.ANY)["customer_number"].to_list() == [ONE]
    assert queries.refused(Purpose.SERVICE, Channel.ANY).is_empty()


@pytest.mark.req("L-03")
def test_by_purpose_and_by_channel_the_latest_word_counts(world: Cast) -> None:
    says(world, ONE, "refused", channel="phone", hours_ago=5)
    assert not allowed(ONE, "marketing", "phone")
    assert allowed(ONE, "marketing", "sms")
    assert allowed(ONE, "marketing")
    says(world, ONE, "refused", hours_ago=4)
    assert not allowed(ONE, "marketing", "sms")
    says(world, ONE, "given", channel="wechat", hours_ago=3)
    assert allowed(ONE, "marketing", "wechat")
    assert not allowed(ONE, "marketing", "sms")
    assert allowed(ONE, "marketing")
    says(world, ONE, "withdrawn", hours_ago=2)
    assert not allowed(ONE, "marketing", "wechat")
    says(world, TWO, "refused", purpose="event")
    assert not allowed(TWO, "event")
    assert allowed(TWO, "marketing")  # only the invitation was refused
    assert [row.said for row in queries.history(ONE)] == ["withdrawn", "given", "refused", "refused"]


def test_what_counted_on_a_day_is_what_was_said_until_its_end(world: Cast) -> None:
    says(world, ONE, "refused", hours_ago=48)
    says(world, ONE, "given", hours_ago=0)
    today = world.today
    assert queries.may_contact(ONE, "marketing", "any", today).allowed
    assert not queries.may_contact(ONE, "marketing", "any", today - timedelta(days=1)).allowed
    assert queries.may_contact(ONE, "marketing", "any", today - timedelta(days=3)).allowed
    assert queries.refused("marketing", "any", today - timedelta(days=1)).height == 1
    assert queries.refused("marketing", "any", today).is_empty()


def test_every_order_of_entry_gives_the_same_state(world: Cast) -> None:
    """A statement typed in late takes its place by when it was said."""
    says(world, ONE, "given", hours_ago=1)
    says(world, ONE, "refused", hours_ago=3)
    assert allowed(ONE, "marketing")


def test_a_person_with_two_numbers_refuses_once(cast: Cast) -> None:
    rows = policy_rows(2, agent=GONE)
    people = customer_rows(rows)
    people[1]["id_number"] = people[0]["id_number"]
    import_rows(cast, rows, people)
    says(cast, TWO, "refused")
    assert not allowed(ONE, "marketing")
    assert queries.refused("marketing", "any")["customer_number"].to_list() == [ONE, TWO]
    says(cast, ONE, "given")
    assert allowed(TWO, "marketing")


@pytest.mark.parametrize("purpose", ["service", "return_visit"])
def test_a_duty_cannot_be_refused(world: Cast, purpose: str) -> None:
    with pytest.raises(PrivacyRefused, match="不能拒绝"):
        says(world, ONE, "refused", purpose=purpose)
    assert not queries.history(ONE)


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"purpose": "cash"}, "没有这种"), ({"said": "perhaps"}, "没有这种"), ({"text_version": " "}, "版本"),
        ({"purpose": "photo", "channel": "sms"}, "不分联系方式"), ({"said": "withdrawn"}, "没有可以撤回"),
        ({"hours_ago": -2}, "不能晚于现在"), ({"source": "gossip"}, "从何得知"),
    ],
)  # fmt: skip
def test_what_is_not_a_statement_is_refused(world: Cast, wish: dict[str, Any], why: str) -> None:
    with pytest.raises(PrivacyRefused, match=why):
        says(world, ONE, **({"said": "refused"} | wish))
    with pytest.raises(PrivacyRefused, match="没有这位客户"):
        says(world, "C999999", "refused")
    assert not queries.history(ONE)


@pytest.mark.req("L-11")
@pytest.mark.parametrize("purpose", ["location", "photo", "signature"])
def test_sensitive_data_needs_a_consent_of_its_own(world: Cast, purpose: str) -> None:
    others = {"location", "photo", "signature"} - {purpose}
    assert not queries.may_use(ONE, purpose).allowed
    assert "其余工作照常" in queries.may_use(ONE, purpose).why
    says(world, ONE, "given", purpose=purpose, hours_ago=3)
    assert queries.may_use(ONE, purpose).allowed
    assert not any(queries.may_use(ONE, other).allowed for other in others)  # one consent is not another
    says(world, ONE, "withdrawn", purpose=purpose, hours_ago=1)
    assert not queries.may_use(ONE, purpose).allowed
    assert not queries.may_use(
        ONE, purpose, world.today - timedelta(days=2)
    ).allowed  # before anything was said
    says(world, ONE, "given")  # marketing
    assert not queries.may_use(ONE, purpose).allowed
    with pytest.raises(PrivacyRefused, match="不是须单独同意"):
        queries.may_use(ONE, "marketing")


@pytest.mark.parametrize(
    "statement", ["UPDATE privacy_consent SET said = 'given'", "DELETE FROM privacy_consent"]
)
def test_a_statement_is_never_changed(world: Cast, statement: str) -> None:
    says(world, ONE, "refused")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [row.said for row in queries.history(ONE)] == ["refused"]
    assert append_only.missing_in("privacy") == []


def developed(world: Cast, numbers: list[str], holder: int) -> dict[str, int]:
    """Give the right to develop these customers to somebody; returns their subjects."""
    ledger.register_subjects(pl.DataFrame({"kind": "customer", "source_system": "core", "number": numbers}))
    subjects = {
        number: custody.customer_subjects(number).values_list("pk", flat=True)[0] for number in numbers
    }
    ledger.post_batch(
        pl.DataFrame(
            [{"subject_id": s, "custodian_id": holder, "expected_head": 0} for s in subjects.values()],
            schema={"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64},
        ),
        key="test", by=world.people[Role.RESOURCE_CLERK], approved_by=world.people[Role.BRANCH_MANAGER],
        effective_date=world.today, recorded_at=world.now, kind=EntryKind.RELEASE, relation=Relation.DEVELOPMENT,
        rule="S2-05", reason_code="instalment_1",
    )  # fmt: skip
    return subjects


@pytest.mark.req("L-03")
def test_who_could_develop_the_customer_loses_the_right_at_once(world: Cast) -> None:
    seller = world.people[Role.ACCOUNT_MANAGER]
    subjects = developed(world, [ONE, TWO, THREE], seller)
    says(world, ONE, "refused")
    says(world, TWO, "refused", channel="phone")  # another channel is still open
    says(world, THREE, "refused", purpose="survey")
    held = custody.holders_of(subjects.values(), relation=Relation.DEVELOPMENT)
    assert held[subjects[ONE]].custodian_id == org.buffer_group()
    assert held[subjects[TWO]].custodian_id == seller
    assert held[subjects[THREE]].custodian_id == seller
    history = custody.history(ONE, relation=Relation.DEVELOPMENT)
    assert history["reason_code"].to_list()[-1] == "refused_marketing"
    assert history["rule"].to_list()[-1] == "L-03"


@pytest.mark.req("L-03")
def test_the_custody_of_the_policy_stays(world: Cast) -> None:
    before = custody.history("P00000000")
    says(world, ONE, "refused")
    assert custody.history("P00000000").equals(before)


def test_the_state_of_a_page_names_channels_and_costs_three_queries(
    world: Cast, django_assert_max_num_queries: Any
) -> None:
    says(world, ONE, "refused", channel="phone", hours_ago=2)
    says(world, ONE, "given", purpose="photo", hours_ago=1)
    with django_assert_max_num_queries(4):
        lines = {line.purpose: line for line in queries.standings(ONE)}
    assert lines["marketing"].allowed
    assert lines["marketing"].closed == ("phone",)
    assert lines["event"].closed == ("phone",)
    assert lines["photo"].allowed
    assert not lines["location"].allowed
    assert [str(purpose) for purpose in lines] == [
        "marketing", "event", "survey", "location", "photo", "signature",
    ]  # fmt: skip


def test_a_blocked_customer_is_out_of_marketing_and_in_service(world: Cast) -> None:
    officer = world.people[Role.PRIVACY_OFFICER]
    says(world, ONE, "given", purpose="photo")
    actions.block(ONE, ground="保险法第八十七条", by=officer, at=world.now)
    assert not allowed(ONE, "marketing")
    assert not queries.may_use(ONE, "photo").allowed
    assert allowed(ONE, "service")
    assert queries.refused("marketing", "any")["customer_number"].to_list() == [ONE]
    with pytest.raises(PrivacyRefused, match="已经停止"):
        actions.block(ONE, ground="再来一次", by=officer, at=world.now)
    with pytest.raises(PrivacyRefused, match="依据"):
        actions.lift(ONE, ground=" ", by=officer, at=world.now)
    actions.lift(ONE, ground="客户重新投保", by=officer, at=world.now)
    assert allowed(ONE, "marketing")
    assert queries.blocked_numbers() == set()
