"""URLs of the transfers."""

from __future__ import annotations

from django.urls import path

from tuogu.web.transfers import asking, deciding, showing

app_name = "transfers"
urlpatterns = [
    path("", showing.listing, name="list"),
    path("new/", asking.new, name="new"),
    path("ask/", asking.ask, name="ask"),
    path("<int:request_id>/", showing.record, name="record"),
    path("<int:request_id>/decide/", deciding.decide, name="decide"),
    path("<int:request_id>/withdraw/", deciding.withdraw, name="withdraw"),
    path("<int:request_id>/undo/", deciding.undo, name="undo"),
]
