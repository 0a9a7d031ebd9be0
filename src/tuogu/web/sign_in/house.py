"""To the house's identity provider and back. allauth does the work; `accounts.house_login` decides who comes in.

In: the button on the sign-in page, then what the provider sends back. Out: a redirect. Never: a page of a provider that is
not configured (404), a crash because the provider is not there.
"""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect import views as openid
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException


@never_cache
@require_POST
def leave_for(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The button: on to the provider."""
    return _asked(openid.login, request, provider_id)


@never_cache
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The provider sends the person back."""
    return _asked(openid.callback, request, provider_id)


@require_safe
def cancelled(request: HttpRequest) -> HttpResponse:
    """The person thought better of it."""
    return redirect("account_login")


def _asked(view: object, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view(request, provider_id)  # type: ignore[operator]  # allauth has no types
    except RequestException:
        messages.error(request, _("统一认证现在连不上；请用工号和密码登录。"))
        return redirect("account_login")
    return answer
