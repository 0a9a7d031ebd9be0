"""Institutions, people with dated attributes, pools with duty, posts, tokens and scope."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tuogu.core.custody import SHANGHAI
from tuogu.core.tables import INSTITUTIONS, PEOPLE
from tuogu.org import actions, queries
from tuogu.org.models import Institution, StaffRecord, Token
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.vault import create_key_file

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 2)


def at(day: date = DAY) -> datetime:
    """Nine in the morning of that business day."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def branch(db: None, settings: Any, tmp_path: Path) -> int:
    """A branch with two teams; returns the machine's id, who acts."""
    settings.TUOGU_KEY_FILE = tmp_path / "keys"
    create_key_file(settings.TUOGU_KEY_FILE)
    actions.sync_institutions(institutions(), by=queries.machine(), at=at())
    return queries.machine()


def institutions() -> pl.DataFrame:
    """Head, branch, department, two teams; children first, to be sorted out."""
    rows = [
        ("T2", "二组", "team", "D1", "330212"), ("T1", "一组", "team", "D1", "330203"),
        ("D1", "收展部", "department", "B1", "3302"), ("B1", "宁波分公司", "branch", "H", "3302"),
        ("H", "总公司", "head", None, None),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=INSTITUTIONS, orient="row")


def person(number: str, **changes: Any) -> dict[str, Any]:
    """A row of PEOPLE."""
    row = dict.fromkeys(PEOPLE) | {
        "staff_number": number, "name": f"姓名{number}", "series": "collection", "supervisor": False,
        "team_code": "T1", "institution_code": "B1", "phone": "13812345678", "address": "白鹤街道1号",
        "hired_date": date(2020, 1, 1),
    }  # fmt: skip
    return {**row, **changes}


def people(*rows: dict[str, Any]) -> pl.DataFrame:
    """A PEOPLE frame."""
    return pl.DataFrame(list(rows), schema=PEOPLE)


def test_institutions_arrive_in_any_order_and_again_changes_nothing(branch: int) -> None:
    paths = dict(Institution.objects.values_list("code", "path"))
    assert paths["T1"] == "/H/B1/D1/T1/"
    assert actions.sync_institutions(institutions().reverse(), by=branch, at=at()) == 0
    renamed = institutions().with_columns(
        name=pl.when(pl.col("institution_code") == "T1").then(pl.lit("新一组")).otherwise(pl.col("name"))
    )
    assert actions.sync_institutions(renamed, by=branch, at=at()) == 1
    assert queries.is_pool(queries.pool("department:D1")), "a department is a pool"


def test_an_unknown_parent_and_a_loop_are_refused(branch: int) -> None:
    for rows in (
        [("X", "x", "team", "nowhere", None)],
        [("X", "x", "team", "Y", None), ("Y", "y", "team", "X", None)],
    ):
        with pytest.raises(actions.OrgError, match="上级"):
            actions.sync_institutions(
                pl.DataFrame(rows, schema=INSTITUTIONS, orient="row"), by=branch, at=at()
            )


def test_people_are_created_once_and_changes_are_dated(branch: int) -> None:
    first = actions.sync_people(people(person("1"), person("2")), by=branch, at=at())
    assert (first.created, first.changed, first.unchanged) == (2, 0, 0)
    again = actions.sync_people(people(person("2"), person("1")), by=branch, at=at())
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    april = date(2026, 4, 1)
    moved = actions.sync_people(people(person("1", team_code="T2"), person("2")), by=branch, at=at(april))
    assert (moved.created, moved.changed, moved.unchanged) == (0, 1, 1)
    periods = StaffRecord.objects.filter(staff_number="1").order_by("from_date")
    assert [(r.from_date, r.until_date, r.team.code) for r in periods] == [
        (DAY, april, "T1"),
        (april, None, "T2"),
    ]
    assert len({r.person_id for r in periods}) == 1
    same_day = actions.sync_people(people(person("1", rank="高级"), person("2")), by=branch, at=at(april))
    assert same_day.changed == 1
    assert StaffRecord.objects.filter(staff_number="1").count() == 2, "no record that lived no day"


def test_personal_data_is_ciphertext_and_a_changed_phone_is_a_change(branch: int) -> None:
    actions.sync_people(people(person("1")), by=branch, at=at())
    record = StaffRecord.objects.get()
    stored = b"".join(bytes(v) for v in (record.name_sealed, record.phone_sealed, record.home_sealed))
    for secret in ("姓名1", "13812345678", "白鹤街道"):
        assert secret.encode() not in stored
    assert queries.names([record.person_id]) == {record.person_id: "姓名1"}
    assert queries.labels([record.person_id]) == {record.person_id: "1"}
    changed = actions.sync_people(
        people(person("1", phone="13900000000")), by=branch, at=at(date(2026, 3, 5))
    )
    assert changed.changed == 1


@pytest.mark.req("S0-25")
def test_a_leave_date_of_somebody_in_post_is_handed_on_not_written(branch: int) -> None:
    actions.sync_people(people(person("1")), by=branch, at=at())
    left = date(2026, 3, 10)
    synced = actions.sync_people(people(person("1", left_date=left)), by=branch, at=at(left))
    (row,) = synced.leaving.rows()
    assert row[1:] == ("1", left)
    assert StaffRecord.objects.get(until_date=None).left_date is None
    assert queries.may_receive(row[0], left), "until the ledger has moved the book, in one transaction"
    actions.record_leaving(row[0], left_date=left, by=branch, at=at(left))
    assert not queries.may_receive(row[0], left)
    assert (
        actions.sync_people(people(person("1", left_date=left)), by=branch, at=at(left)).leaving.height == 0
    )


def test_a_newcomer_who_already_left_is_recorded_so_and_a_future_leave_is_not(branch: int) -> None:
    rows = people(person("1", left_date=date(2026, 1, 1)), person("2", left_date=date(2027, 1, 1)))
    assert actions.sync_people(rows, by=branch, at=at()).leaving.height == 0
    in_post = queries.people(Scope.everything(), DAY)
    assert in_post["staff_number"].to_list() == ["2"]
    back = actions.sync_people(people(person("1"), person("2")), by=branch, at=at(date(2026, 5, 1)))
    assert back.changed == 1, "rehired"
    assert queries.people(Scope.everything(), date(2026, 5, 1)).height == 2


def test_unknown_institutions_and_double_numbers_are_refused(branch: int) -> None:
    with pytest.raises(actions.OrgError, match="T9"):
        actions.sync_people(people(person("1", team_code="T9")), by=branch, at=at())
    with pytest.raises(actions.OrgError, match="重复"):
        actions.sync_people(people(person("1"), person("1")), by=branch, at=at())


def two_people(by: int) -> tuple[int, int]:
    """Ann (team 1) and Bob (team 2)."""
    actions.sync_people(people(person("1"), person("2", team_code="T2")), by=by, at=at())
    ann, bob = queries.staff_ids(["1", "2"])["custodian_id"].to_list()
    return ann, bob


@pytest.mark.req("S0-24")
def test_a_pool_has_a_named_duty_person_on_each_day(branch: int) -> None:
    ann, bob = two_people(branch)
    buffer = queries.buffer_group()
    assert buffer in queries.pools_without_duty(DAY)
    assert actions.ensure_pool("buffer", "保全组", ann, by=branch, at=at()) == buffer
    april = date(2026, 4, 1)
    actions.set_duty(buffer, bob, from_date=april, by=branch, at=at())
    assert [queries.duty_person(buffer, d) for d in (DAY, date(2026, 3, 31), april)] == [ann, ann, bob]
    assert buffer not in queries.pools_without_duty(april)
    left = actions.record_leaving(bob, left_date=april, by=branch, at=at(april))
    assert buffer in left, "somebody must be named at once"
    with pytest.raises(actions.OrgError, match="在职"):
        actions.set_duty(buffer, bob, from_date=april, by=branch, at=at(april))


def test_tokens_are_stored_as_hashes_and_end_with_revocation_and_leaving(branch: int) -> None:
    ann, bob = two_people(branch)
    token = actions.issue_token(ann, by=branch, at=at())
    assert queries.person_by_token(token, at=at()) == ann
    assert queries.person_by_token(token + "x", at=at()) is None
    assert token.encode() not in bytes(Token.objects.get().digest)
    assert actions.revoke_tokens(ann, at=at(date(2026, 3, 3))) == 1
    assert queries.person_by_token(token, at=at(date(2026, 3, 4))) is None
    his = actions.issue_token(bob, by=branch, at=at())
    actions.record_leaving(bob, left_date=DAY, by=branch, at=at())
    assert queries.person_by_token(his, at=at(date(2026, 3, 3))) is None
    with pytest.raises(actions.OrgError, match="在职"):
        actions.issue_token(bob, by=branch, at=at())


def test_roles_and_scope_follow_the_posts_held(branch: int) -> None:
    ann, bob = two_people(branch)
    actions.appoint(ann, Role.TEAM_LEAD, institution_code="T1", from_date=DAY, by=branch, at=at())
    actions.appoint(ann, Role.TEAM_LEAD, institution_code="T1", from_date=DAY, by=branch, at=at())
    actions.appoint(bob, Role.AUDITOR, everywhere=True, from_date=DAY, by=branch, at=at())
    assert queries.roles_of(ann, DAY) == {Role.TEAM_LEAD}
    assert queries.roles_of(ann, date(2026, 3, 1)) == frozenset()
    assert queries.scope_of(ann, DAY) == Scope(frozenset({"T1"}), custodian_ids=frozenset({ann}))
    assert queries.scope_of(bob, DAY).all_rows
    (held,) = queries.posts_of([bob], DAY)
    assert actions.end_post(held.id, until_date=DAY, by=branch, at=at())
    assert not actions.end_post(held.id, until_date=DAY, by=branch, at=at()), "it ended already"
    assert not queries.scope_of(bob, DAY).all_rows
    actions.record_leaving(ann, left_date=DAY, by=branch, at=at())
    assert queries.scope_of(ann, DAY) == Scope.nothing()


def test_scope_reaches_down_the_tree_and_by_region(branch: int) -> None:
    ann, bob = two_people(branch)
    assert queries.institutions_within(Scope(frozenset({"D1"}))) == {"D1", "T1", "T2"}
    assert queries.institutions_within(Scope(region_prefixes=frozenset({"330212"}))) == {"T2"}
    assert queries.institutions_within(Scope.nothing()) == frozenset()
    team = Scope(frozenset({"T2"}))
    assert queries.people(team)["staff_number"].to_list() == ["2"]
    assert queries.custodians_within(team) == {bob}
    assert queries.custodians_within(Scope(custodian_ids=frozenset({ann}))) == {ann}
    assert queries.custodians_within(Scope.everything()) is None
    assert queries.people(Scope.nothing()).is_empty()
    both = team | Scope(custodian_ids=frozenset({ann}))
    assert queries.people(both)["staff_number"].to_list() == ["1", "2"]


@pytest.mark.req("P-12")
def test_who_stands_in_a_region_covers_departments_that_name_none_and_their_people(branch: int) -> None:
    rows = [
        ("F", "分公司", "branch", "H", "33"), ("G", "中心支公司", "central", "F", "3302"),
        ("GD", "营销部", "department", "G", None), ("GT", "营销一组", "team", "GD", None),
        ("Y", "外省项目部", "department", "F", "4403"), ("YT", "项目组", "team", "Y", None),
        ("HD", "总公司部门", "department", "H", None),
    ]  # fmt: skip
    tree = pl.concat([institutions(), pl.DataFrame(rows, schema=INSTITUTIONS, orient="row")])
    actions.sync_institutions(tree, by=branch, at=at())
    actions.sync_people(
        people(person("7", team_code="GT", institution_code="GD"), person("8", team_code="YT", institution_code="Y")),
        by=branch, at=at(),
    )  # fmt: skip
    province = Scope(region_prefixes=frozenset({"33"}))
    covered = queries.institutions_within(province)
    assert {"F", "G", "GD", "GT", "B1", "D1", "T1", "T2"} == covered, (
        "not the head office, nor what serves elsewhere"
    )
    assert queries.people(province)["staff_number"].to_list() == ["7"]
    assert {code for code, _name in queries.institution_choices(province)} == covered
    assert {node.code for node in queries.house(province, DAY)} >= {"GD", "GT"}
    assert queries.institutions_within(Scope(region_prefixes=frozenset({"330212"}))) == {"T2"}
