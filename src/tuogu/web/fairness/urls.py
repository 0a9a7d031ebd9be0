"""URLs of the fairness account."""

from __future__ import annotations

from django.urls import path

from tuogu.web.fairness import views

app_name = "fairness"
urlpatterns = [path("", views.board, name="board")]
