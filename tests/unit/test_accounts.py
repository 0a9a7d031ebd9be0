"""Accounts: made by administrators for people in post, audited, and ended by leaving without anybody's help."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cast import PASSWORD, Cast
from tuogu.accounts import actions, queries
from tuogu.accounts.adapter import SealedFactorAdapter, StaffBackend
from tuogu.accounts.models import Account
from tuogu.org import actions as org_actions
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.roles import Role

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]


def open_account(cast: Cast, person: int, password: str = PASSWORD, login: str = "9101") -> int:
    return actions.make_account(
        person=person, login=login, password=password, by=cast.people[Role.ADMINISTRATOR], at=cast.now
    )


def test_an_account_belongs_to_one_person_in_post_and_leaves_a_line(cast: Cast):
    account = open_account(cast, cast.other)
    card = queries.account_of(cast.other)
    assert card is not None
    assert (card.login, card.active, card.must_change_password, card.second_factor) == (
        "9101",
        True,
        True,
        False,
    )
    assert queries.person_of(account) == cast.other
    assert [e.label for e in queries.events_of(cast.other)] == ["开立账号"]
    with pytest.raises(actions.AccountRefused, match="已有账号"):
        open_account(cast, cast.other)
    with pytest.raises(actions.AccountRefused, match="已被使用"):
        open_account(cast, cast.stranger)
    with pytest.raises(actions.AccountRefused, match="在职人员"):
        open_account(cast, org.buffer_group(), login="pool")


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123"])
def test_a_weak_password_is_refused_and_nothing_is_written(cast: Cast, password: str):
    with pytest.raises(actions.AccountRefused, match="密码不合要求"):
        open_account(cast, cast.other, password)
    assert queries.account_of(cast.other) is None
    assert queries.events_of(cast.other) == []


def test_the_audit_trail_is_append_only(cast: Cast):
    assert append_only.missing_in("accounts") == []
    for statement in ("UPDATE accounts_accountevent SET kind = 'x'", "DELETE FROM accounts_accountevent"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_leaver_and_a_deactivated_account_may_not_come_in(cast: Cast):
    admin, backend = cast.people[Role.ADMINISTRATOR], StaffBackend()
    open_account(cast, cast.other)
    account = Account.objects.get(person_id=cast.other)
    assert backend.user_can_authenticate(account)
    actions.deactivate(person=cast.other, by=admin, at=cast.now, reason="长期病假")
    assert not backend.user_can_authenticate(Account.objects.get(pk=account.pk))
    actions.reactivate(person=cast.other, by=admin, at=cast.now)
    assert backend.user_can_authenticate(Account.objects.get(pk=account.pk))
    org_actions.record_leaving(cast.other, left_date=cast.today, by=admin, at=cast.now)
    assert not backend.user_can_authenticate(Account.objects.get(pk=account.pk))
    with pytest.raises(actions.AccountRefused, match="离司"):
        actions.reactivate(person=cast.other, by=admin, at=cast.now)
    assert [e.kind for e in queries.events_of(cast.other)] == ["reactivated", "deactivated", "made"]


def test_nobody_resets_or_closes_the_own_account(cast: Cast):
    admin = cast.people[Role.ADMINISTRATOR]
    for act in (actions.reset_second_factor, actions.deactivate):
        with pytest.raises(actions.AccountRefused, match="本人"):
            act(person=admin, by=admin, at=cast.now, reason="自己来")


def test_the_secret_of_a_second_factor_is_stored_as_ciphertext(cast: Cast):
    adapter = SealedFactorAdapter()
    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DP" not in stored
    assert stored != adapter.encrypt("JBSWY3DPEHPK3PXP"), "each time under another nonce"
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"


def test_posts_are_not_given_to_oneself_nor_backwards(cast: Cast):
    admin = cast.people[Role.ADMINISTRATOR]
    with pytest.raises(org_actions.OrgError, match="任命自己"):
        org_actions.appoint(
            admin, Role.AUDITOR, institution_code="B", from_date=cast.today, by=admin, at=cast.now
        )
    with pytest.raises(org_actions.OrgError, match="倒签"):
        org_actions.appoint(
            cast.other,
            Role.AUDITOR,
            institution_code="B",
            from_date=cast.today - timedelta(days=1),
            by=admin,
            at=cast.now,
        )
    (own,) = org.posts_of([admin], cast.today)
    with pytest.raises(org_actions.OrgError, match="自己的岗位"):
        org_actions.end_post(own.id, until_date=cast.today, by=admin, at=cast.now)
    with pytest.raises(org_actions.OrgError, match="没有机构"):
        org_actions.appoint(
            cast.other, Role.AUDITOR, institution_code="?", from_date=cast.today, by=admin, at=cast.now
        )
