"""Own account."""

from __future__ import annotations

from django.urls import path

from tuogu.web.me import views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/sign-out-everywhere/", views.sign_out_everywhere, name="me_sessions"),
]
