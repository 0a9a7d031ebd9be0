"""Writes of accounts: each is one transaction, takes its actor and moment, and leaves an `AccountEvent`.

In: a person of `org`. Out: an account that may sign in, or may no longer. Never: a right (posts give those), a password
kept or shown, an account of somebody who is not in post.
"""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from tuogu.accounts.failures import AccountRefused
from tuogu.accounts.models import Account, AccountEvent
from tuogu.core.custody import business_date
from tuogu.org import queries as org

__all__ = [
    "AccountRefused",
    "deactivate",
    "end_sessions",
    "make_account",
    "reactivate",
    "reset_second_factor",
    "set_password",
]

Kind = AccountEvent.Kind


@transaction.atomic
def make_account(
    *,
    person: int,
    login: str,
    password: str,
    by: int,
    at: datetime,
    must_change: bool = True,
    demo: bool = False,
) -> int:
    """Open an account for a person in post; returns its id. AccountRefused when there is one, or the password is weak."""
    if not org.is_person(person) or not org.may_receive(person, business_date(at)):
        raise AccountRefused("只能为在职人员开立账号")
    if Account.objects.filter(person_id=person).exists():
        raise AccountRefused("这名人员已有账号；忘记密码请重设，停用的请恢复")
    if Account.objects.filter(login__iexact=login).exists():
        raise AccountRefused(f"登录名 {login} 已被使用")
    account = Account(
        login=login,
        person_id=person,
        must_change_password=must_change,
        demo=demo,
        created_by_id=by,
        created_at=at,
    )
    _give_password(account, password)
    account.save()
    record(person, Kind.MADE, by=by, at=at)
    return int(account.pk)


@transaction.atomic
def set_password(*, person: int, password: str, by: int, at: datetime, reason: str = "") -> None:
    """A new password from an administrator: it must be changed at the next sign-in, and open sessions end."""
    account = _account(person)
    _give_password(account, password)
    account.must_change_password = by != person
    account.sessions_ended += 1
    account.save(update_fields=["password", "must_change_password", "sessions_ended"])
    record(person, Kind.PASSWORD_SET, by=by, at=at, reason=reason)


@transaction.atomic
def reset_second_factor(*, person: int, by: int, at: datetime, reason: str) -> None:
    """Take away the one-time-code device and its recovery codes; the person must set up a new one. Sessions end."""
    if by == person:
        raise AccountRefused("不能重置本人的动态口令；请由另一位管理员办理")
    account = _account(person)
    Authenticator.objects.filter(user=account).delete()
    _end_sessions(account)
    record(person, Kind.FACTOR_RESET, by=by, at=at, reason=reason)


@transaction.atomic
def end_sessions(*, person: int, by: int, at: datetime) -> None:
    """Sign the person out everywhere, this device included."""
    _end_sessions(_account(person))
    record(person, Kind.SIGNED_OUT, by=by, at=at)


@transaction.atomic
def deactivate(*, person: int, by: int, at: datetime, reason: str) -> None:
    """Nobody signs in with the account any more, and open sessions end. The same again changes nothing."""
    if by == person:
        raise AccountRefused("不能停用本人的账号")
    account = _account(person)
    if not account.is_active:
        return
    Account.objects.filter(pk=account.pk).update(is_active=False, sessions_ended=F("sessions_ended") + 1)
    record(person, Kind.DEACTIVATED, by=by, at=at, reason=reason)


@transaction.atomic
def reactivate(*, person: int, by: int, at: datetime, reason: str = "") -> None:
    """Give a deactivated account back to somebody in post. The same again changes nothing."""
    account = _account(person)
    if not org.may_receive(person, business_date(at)):
        raise AccountRefused("已离司的人员不能恢复账号")
    if account.is_active:
        return
    Account.objects.filter(pk=account.pk).update(is_active=True)
    record(person, Kind.REACTIVATED, by=by, at=at, reason=reason)


def record(person: int, kind: str, *, by: int, at: datetime, reason: str = "") -> None:
    """One line of the audit trail of accounts."""
    AccountEvent.objects.create(person_id=person, kind=kind, by_id=by, at=at, reason=reason)


def _account(person: int) -> Account:
    account = Account.objects.filter(person_id=person).first()
    if account is None:
        raise AccountRefused("这名人员没有账号")
    return account


def _end_sessions(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(sessions_ended=F("sessions_ended") + 1)


def _give_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise AccountRefused("密码不合要求：" + "；".join(error.messages)) from error
    account.set_password(password)
