"""URLs below `/chances/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.chances import views

app_name = "chances"
urlpatterns = [
    path("", views.listing, name="list"),
    path("train/", views.train, name="train"),
    path("<int:model_id>/", views.record, name="record"),
]
