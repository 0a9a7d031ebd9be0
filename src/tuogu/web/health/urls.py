"""One URL."""

from __future__ import annotations

from django.urls import path

from tuogu.web.health.views import healthz

urlpatterns = [path("healthz", healthz, name="health")]
