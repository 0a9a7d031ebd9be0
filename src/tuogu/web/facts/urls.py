"""URLs of the facts."""

from __future__ import annotations

from django.urls import path

from tuogu.web.facts import views

app_name = "facts"
urlpatterns = [
    path("", views.listing, name="list"),
    path("history/", views.history, name="history"),
]
