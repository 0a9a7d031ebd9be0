"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (AppendOnly("audit_auditpack"),)


class AuditConfig(AppConfig):
    """What an auditor takes home: the pack of a period, and its verification."""

    name = "tuogu.audit"
    verbose_name = "审计"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
