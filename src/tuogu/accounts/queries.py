"""Reads of accounts. Custodian ids in and out; nothing here says what a person may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from tuogu.accounts.audited import audit_tables as audit_tables
from tuogu.accounts.models import Account, AccountEvent


@dataclass(frozen=True)
class AccountCard:
    """What pages show of an account."""

    person: int
    login: str
    active: bool
    must_change_password: bool
    second_factor: bool
    last_login: datetime | None
    created_at: datetime
    created_by: int
    demo: bool


@dataclass(frozen=True)
class Event:
    """One line of the audit trail of an account."""

    kind: str
    label: str
    by: int
    at: datetime
    reason: str


def person_of(account_id: int) -> int | None:
    """The person of an account; None for an unknown one."""
    return Account.objects.filter(pk=account_id).values_list("person_id", flat=True).first()


def account_of(person: int) -> AccountCard | None:
    """The account of a person; None when there is none."""
    return accounts_of([person]).get(person)


def accounts_of(people: Iterable[int]) -> dict[int, AccountCard]:
    """The accounts of these people; who has none is absent."""
    return _cards(Account.objects.filter(person_id__in=set(people)))


def demo_accounts() -> dict[int, AccountCard]:
    """Active accounts that `tuogu demo` made: the only ones that the demo door opens to."""
    return _cards(Account.objects.filter(demo=True, is_active=True))


def must_change_password(account_id: int) -> bool:
    """Whether the password was given by somebody else and is still to be changed."""
    return Account.objects.filter(pk=account_id, must_change_password=True).exists()


def events_of(person: int, limit: int = 50) -> list[Event]:
    """What was done to a person's account, newest first."""
    rows = AccountEvent.objects.filter(person_id=person).order_by("-id")[:limit]
    return [Event(e.kind, e.get_kind_display(), e.by_id, e.at, e.reason) for e in rows]


def _cards(rows: Iterable[Account]) -> dict[int, AccountCard]:
    accounts = list(rows)
    factor = set(
        Authenticator.objects.filter(
            user_id__in=[a.pk for a in accounts], type=Authenticator.Type.TOTP
        ).values_list("user_id", flat=True)
    )
    return {
        a.person_id: AccountCard(
            a.person_id, a.login, a.is_active, a.must_change_password, a.pk in factor, a.last_login, a.created_at,
            a.created_by_id, a.demo,
        )
        for a in accounts
    }  # fmt: skip
