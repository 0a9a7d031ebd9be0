"""URLs of the rulebook."""

from __future__ import annotations

from django.urls import path

from tuogu.web.rules import views

app_name = "rules"
urlpatterns = [
    path("", views.parameters, name="list"),
    path("versions/", views.versions, name="versions"),
    path("compare/", views.compare, name="compare"),
]
