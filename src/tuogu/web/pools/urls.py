"""URLs below `/pools/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.pools import acting, contact, showing

app_name = "pools"
urlpatterns = [
    path("", showing.board, name="board"),
    path("pieces/", showing.pieces, name="pieces"),
    path("claim/", acting.claim, name="claim"),
    path("claims/", showing.claims, name="claims"),
    path("claims/<int:claim_id>/back/", acting.give_back, name="give_back"),
    path("log/", showing.log, name="log"),
    path("contact/<str:number>/", contact.contact, name="contact"),
]
