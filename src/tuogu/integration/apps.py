"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    """The core system's side: keys with scope, idempotent pushes, webhooks."""

    name = "tuogu.integration"
