"""URLs of the customers."""

from __future__ import annotations

from django.urls import path

from tuogu.web.customers import exporting, finding, lists, records

app_name = "customers"
urlpatterns = [
    path("", lists.customers, name="list"),
    path("totals/", lists.totals, name="totals"),
    path("views/", lists.views, name="views"),
    path("find/", finding.find, name="find"),
    path("export/", exporting.export, name="export"),
    path("<str:number>/", records.record, name="record"),
    path("<str:number>/beside/", records.beside, name="beside"),
    path("<str:number>/reveal/", records.reveal, name="reveal"),
]
