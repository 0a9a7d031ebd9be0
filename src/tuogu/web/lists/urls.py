"""URLs of saved views and chosen columns."""

from __future__ import annotations

from django.urls import path

from tuogu.web.lists import views

app_name = "lists"
urlpatterns = [
    path("<str:list_name>/", views.kept, name="views"),
    path("<str:list_name>/save/", views.save, name="save"),
    path("<str:list_name>/columns/", views.columns, name="columns"),
    path("<str:list_name>/default/", views.default, name="default"),
    path("views/<int:view>/", views.act, name="act"),
]
