"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (
    AppendOnly("integration_keyevent"),
    AppendOnly("integration_event", (("id",), ("kind", "source_id"))),
    AppendOnly("integration_delivery"),
)


class IntegrationConfig(AppConfig):
    """The core system's side: keys with scope, idempotent pushes, webhooks."""

    name = "tuogu.integration"
    verbose_name = "接口"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
