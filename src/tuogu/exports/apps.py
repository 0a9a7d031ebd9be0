"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (
    AppendOnly("exports_export", (("id",), ("code",))),
    AppendOnly("exports_act"),
    AppendOnly("exports_canary", (("id",), ("number",))),
)


class ExportsConfig(AppConfig):
    """Files that leave the house: asked with a reason, approved above a limit, watermarked, counted, expired."""

    name = "tuogu.exports"
    verbose_name = "导出"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
