"""The room of rulebook versions: hangs the installation of its triggers on post_migrate."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (AppendOnly("rules_rulebookversion", (("id",), ("name", "version"))),)


class RulesConfig(AppConfig):
    name = "tuogu.rules"
    verbose_name = "制度"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
