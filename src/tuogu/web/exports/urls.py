"""URLs of the exports."""

from __future__ import annotations

from django.urls import path

from tuogu.web.exports import control, deciding, outside, own, printing

app_name = "exports"
urlpatterns = [
    path("", own.listing, name="list"),
    path("<int:export>/fetch/", own.fetch, name="fetch"),
    path("<int:export>/withdraw/", own.withdraw, name="withdraw"),
    path("<int:export>/decide/", deciding.decide, name="decide"),
    path("<int:export>/", control.record, name="record"),
    path("all/", control.listing, name="all"),
    path("trace/", control.trace, name="trace"),
    path("parties/", outside.parties, name="parties"),
    path("printed/", printing.printed, name="printed"),
]
