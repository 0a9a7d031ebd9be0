"""System pages."""

from __future__ import annotations

from django.urls import path

from tuogu.web.system import classes, exposure, views

app_name = "system"
urlpatterns = [
    path("", views.home, name="home"),
    path("classes/", classes.classes, name="classes"),
    path("exposure/", exposure.exposure, name="exposure"),
    path("accesslog/", views.accesslog, name="accesslog"),
    path("accesslog/totals/", views.accesslog_totals, name="accesslog_totals"),
]
