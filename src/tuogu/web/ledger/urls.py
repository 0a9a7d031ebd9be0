"""URLs of the ledger."""

from __future__ import annotations

from django.urls import path

from tuogu.web.ledger import batches, entries, exporting

app_name = "ledger"
urlpatterns = [
    path("", entries.record, name="entries"),
    path("count/", entries.count, name="count"),
    path("export/", exporting.export, name="export"),
    path("batches/", batches.listing, name="batches"),
    path("batches/<int:batch_id>/", batches.record, name="batch"),
    path("batches/<int:batch_id>/beside/", batches.beside, name="beside"),
    path("policies/<str:number>/", entries.history, name="history"),
]
