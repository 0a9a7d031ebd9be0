"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (
    AppendOnly("pools_claim", (("id",), ("entry_id",))),
    AppendOnly("pools_claimstep", (("id",), ("claim_id", "step", "counted_from"))),
    AppendOnly("pools_contacted"),
)


class PoolsConfig(AppConfig):
    """Public pools: who may claim how much, what goes back by itself and when, what is hidden until claimed."""

    name = "tuogu.pools"
    verbose_name = "公共池"

    def ready(self) -> None:
        from tuogu.pools import about_person

        post_migrate.connect(_install, sender=self)
        about_person.join_in()


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
