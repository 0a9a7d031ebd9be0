"""URLs of the keys."""

from __future__ import annotations

from django.urls import path

from tuogu.web.keys import docs, hooks, views

app_name = "keys"
urlpatterns = [
    path("", views.keys, name="list"),
    path("docs/", docs.docs, name="docs"),
    path("<int:key>/approve/", views.approve, name="approve"),
    path("<int:key>/revoke/", views.revoke, name="revoke"),
    path("webhooks/", hooks.subscribe, name="subscribe"),
    path("webhooks/<int:subscription>/", hooks.act, name="act"),
]
