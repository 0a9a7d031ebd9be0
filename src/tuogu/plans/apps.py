"""The room of stored plans: hangs the installation of its triggers on post_migrate."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (AppendOnly("plans_undostep", (("id",), ("scheduled_id", "number"))),)


class PlansConfig(AppConfig):
    name = "tuogu.plans"
    label = "plans"
    verbose_name = "方案"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
