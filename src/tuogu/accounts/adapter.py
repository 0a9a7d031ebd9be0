"""How allauth signs our people in: by staff number, with no sign-up and no e-mail, and only while they are in post.

In: what allauth asks its adapters. Out: our answers. Never: an account made by a visitor, a secret of a second factor
stored in clear, a session of somebody who has left.
"""

from __future__ import annotations

import base64
import logging
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tuogu import clock
from tuogu.accounts.house_login import SECOND_FACTOR_SEEN
from tuogu.org import queries as org
from tuogu.vault import VaultError, open_text, seal_text

log = logging.getLogger("tuogu.sign_in")


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Asked at the door and again in each request: a leaver's or a deactivated account's sessions end by themselves."""

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.is_active) and org.may_receive(user.person_id, clock.business_today())

    def get_user(self, user_id: int) -> Any:
        """The account of a session. Whether its person is still in post the page's middleware asks, with the posts."""
        account = get_user_model().objects.filter(pk=user_id).first()
        return account if account is not None and account.is_active else None


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by an administrator, never by a visitor."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("这个账号已停用，或本人已离司。"),
        "enter_current_password": _("原密码不对。"),
        "incorrect_code": _("动态口令不对，或已经用过；请等手机上换出下一个再输。"),
        "incorrect_password": _("密码不对。"),
        "too_many_login_attempts": _("连续输错次数太多，请五分钟后再试。"),
        "username_password_mismatch": _("工号或密码不对。"),
        "rate_limited": _("操作太频繁，请稍后再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """A login is given, never invented."""

    def pre_login(self, request: HttpRequest, user: Any, **_: Any) -> HttpResponse | None:
        """The right password of somebody who may not come in leads to a page that says why."""
        if not StaffBackend().user_can_authenticate(user):
            clear_login(request)
            closed: HttpResponse = self.respond_user_inactive(request, user)
            return closed
        return None

    def authentication_failed(self, request: HttpRequest, **_: Any) -> None:  # noqa: ARG002  # allauth's signature
        log.warning(
            "sign-in refused"
        )  # neither the login nor where it came from: the log holds nothing personal

    def is_reauthentication_required(self, **_: Any) -> bool:
        """Whoever came in a few minutes ago need not type the password again to set up the second factor."""
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT


class SealedFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps the secrets of second factors as ciphertext of the vault."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("动态口令不对，或已经用过；请等手机上换出下一个再输。"),
    }

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Not asked again of somebody whose identity provider has just vouched for a second factor."""
        if getattr(context.request, SECOND_FACTOR_SEEN, False):
            return False
        return bool(super().is_mfa_enabled(user, types))

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal_text(text) or b"").decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        opened = open_text(base64.b64decode(encrypted_text))
        if opened is None:
            raise VaultError("a second factor has no secret")
        return opened
