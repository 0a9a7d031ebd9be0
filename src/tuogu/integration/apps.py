"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

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
        keep_installed(self, PROTECTED)
