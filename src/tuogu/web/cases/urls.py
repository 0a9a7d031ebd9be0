"""URLs below `/cases/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.cases import acting, cards, quality, receipts, showing

app_name = "cases"
urlpatterns = [
    path("", showing.listing, name="list"),
    path("board/", showing.board, name="board"),
    path("new/", acting.new, name="new"),
    path("<int:case_id>/", showing.record, name="record"),
    path("<int:case_id>/step/", acting.step, name="step"),
    path("quality/", quality.desk, name="quality"),
    path("receipts/", receipts.listing, name="receipts"),
    path("receipts/<int:receipt_id>/", receipts.record, name="receipt"),
    path("receipts/<int:receipt_id>/act/", receipts.act, name="acknowledge"),
    path("cards/<str:number>/", cards.card, name="card"),
    path("cards/<str:number>/replace/", cards.replace, name="replace_card"),
]
