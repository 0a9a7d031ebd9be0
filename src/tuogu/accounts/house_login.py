"""Signing in through the house's identity provider (OpenID Connect): an existing account by its staff number, nothing else.

In: what the provider said of somebody who has just signed in there. Out: the account with that login, or a refusal at the
door. Never: an account made or linked (nothing of the provider is stored), a second factor spared on a word that nobody
has agreed to take (TUOGU_OIDC_MFA), somebody who is not in post.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tuogu.accounts.models import Account

log = logging.getLogger("tuogu.sign_in")
BY_HOUSE = "signed_in_by_house"  # session key: the password was not asked for here
SECOND_FACTOR_SEEN = "tuogu_second_factor_seen"  # attribute of the request: the provider vouches for it
_MULTIPLE = "mfa"  # RFC 8176


class HouseLoginAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """allauth asks this adapter what to make of somebody whom the provider has let in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002  # allauth's signature
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the account, or send the person back to the door."""
        said = sociallogin.account.extra_data
        number = claim_of(said, settings.OIDC_CLAIM)
        account = Account.objects.filter(login=number).first() if number else None
        if account is None or sociallogin.state.get("process") != "login":
            log.warning("sign-in by the identity provider refused")  # nothing personal in the log
            refuse(request, _("统一认证通过了，但这里没有你的账号；请系统管理员开立，或核对工号。"))
        sociallogin.user = account
        if settings.OIDC_SECOND_FACTOR and _MULTIPLE in (said.get("id_token") or {}).get("amr", ()):
            setattr(request, SECOND_FACTOR_SEEN, True)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_kept: Any) -> None:  # noqa: ARG002
        """Whatever went wrong on the way: back to the door, where the password still opens."""
        log.warning("sign-in by the identity provider failed")
        refuse(request, _("统一认证没有完成；请再试一次，或用工号和密码登录。"))


def claim_of(said: dict[str, Any], claim: str) -> str:
    """The staff number: from the signed token, else from what the provider says of the same person; '' without one."""
    token, info = said.get("id_token") or {}, said.get("userinfo") or {}
    if token and info and token.get("sub") != info.get("sub"):
        return ""
    return str(token.get(claim) or info.get(claim) or "").strip()


def refuse(request: HttpRequest, why: str) -> NoReturn:
    """Back to the sign-in page with a sentence."""
    messages.error(request, why)
    raise ImmediateHttpResponse(redirect("account_login"))
