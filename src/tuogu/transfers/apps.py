"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (
    AppendOnly("transfers_transferrequest"),
    AppendOnly("transfers_transferrow", (("id",), ("request_id", "subject_id"))),
    AppendOnly("transfers_transferstep", (("id",), ("request_id", "number"))),
)


class TransfersConfig(AppConfig):
    """Transfers asked for by hand, confirmed by a second person."""

    name = "tuogu.transfers"
    verbose_name = "调整申请"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
