"""URLs of the ground."""

from __future__ import annotations

from django.urls import path

from tuogu.web.territory import views

app_name = "territory"
urlpatterns = [
    path("", views.distribution, name="distribution"),
    path("map.json", views.ground, name="map"),
    path("homes/", views.homes, name="homes"),
    path("homes/map.json", views.homes_map, name="homes_map"),
]
