"""Signing out on a device that keeps pages and records: everything of this site goes (P-21).

In: the sign-out form. Out: allauth's answer, with the order to clear. Never: the order at a desk, which keeps nothing
but the choice of light or dark.
"""

from __future__ import annotations

from allauth.account import views as account
from django.http import HttpRequest, HttpResponse

COOKIE = "tg_offline"  # set by the phone's script once it keeps something


def sign_out(request: HttpRequest) -> HttpResponse:
    """allauth's sign-out; caches, the sealed outbox, its key and the worker go with it."""
    response: HttpResponse = account.logout(request)
    if request.method == "POST" and COOKIE in request.COOKIES:
        response["Clear-Site-Data"] = '"cache", "storage"'
        response.delete_cookie(COOKIE)
    return response
