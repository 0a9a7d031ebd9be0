"""What people do to their own account through allauth, written into the audit trail.

In: allauth's signals. Out: an `AccountEvent`; sessions opened on another device before the second factor was set up end.
Never: a session that came in without the second factor and outlives its set-up.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from tuogu import clock
from tuogu.accounts.actions import Kind, record
from tuogu.accounts.house_login import BY_HOUSE, SECOND_FACTOR_SEEN
from tuogu.accounts.models import Account

SECOND_FACTOR = "second_factor"  # session key: this session knows that a second factor exists


def listen() -> None:
    """Connect the receivers; called once when Django starts."""
    mfa_signals.authenticator_added.connect(_factor_added)
    mfa_signals.authenticator_removed.connect(_factor_removed)
    mfa_signals.authenticator_reset.connect(_codes_made)
    account_signals.password_changed.connect(_password_changed)
    account_signals.user_logged_in.connect(_came_by_house)


def _factor_added(request: HttpRequest, user: Account, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type != Authenticator.Type.TOTP:
        return _record(user, Kind.CODES_MADE)
    _record(user, Kind.FACTOR_ADDED)
    _end_other_sessions(request, user)
    return None


def _came_by_house(request: HttpRequest, sociallogin: object = None, **_: Any) -> None:
    """The session knows how it was opened: no password of ours to change, and whose word stands for the second factor."""
    if sociallogin is None:
        return
    request.session[BY_HOUSE] = True
    if getattr(request, SECOND_FACTOR_SEEN, False):
        request.session[SECOND_FACTOR] = True


def _factor_removed(request: HttpRequest, user: Account, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _record(user, Kind.FACTOR_REMOVED)
        request.session.pop(SECOND_FACTOR, None)


def _codes_made(user: Account, **_: Any) -> None:
    _record(user, Kind.CODES_MADE)


def _password_changed(user: Account, **_: Any) -> None:
    Account.objects.filter(pk=user.pk).update(must_change_password=False)
    _record(user, Kind.PASSWORD_CHANGED)


def _end_other_sessions(request: HttpRequest, user: Account) -> None:
    Account.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
    update_session_auth_hash(request, user)


def _record(user: Account, kind: str) -> None:
    record(user.person_id, kind, by=user.person_id, at=clock.now())
