"""Every URL. One line a room; each name has a row in `permissions`."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import path
from django.views.i18n import set_language

from tuogu.web.home import views as home

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("me/", home.home, name="me"),
    path("language/", set_language, name="set_language"),
]
handler404 = "tuogu.web.refusals.not_found"
handler500 = "tuogu.web.refusals.failed"
