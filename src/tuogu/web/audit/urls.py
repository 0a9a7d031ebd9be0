"""Audit pages."""

from __future__ import annotations

from django.urls import path

from tuogu.web.audit import packs, views

app_name = "audit"
urlpatterns = [
    path("", views.period, name="period"),
    path("packs/", packs.listing, name="packs"),
    path("packs/new/", packs.ask, name="ask"),
    path("packs/check/", packs.check, name="check"),
    path("packs/<int:pack_id>.zip", packs.download, name="download"),
    path("in/<slug:room>/<str:name>/", views.table, name="table"),
]
