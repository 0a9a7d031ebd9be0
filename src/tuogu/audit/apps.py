"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (AppendOnly("audit_auditpack"),)


class AuditConfig(AppConfig):
    """What an auditor takes home: the pack of a period, and its verification."""

    name = "tuogu.audit"
    verbose_name = "审计"

    def ready(self) -> None:
        keep_installed(self, PROTECTED)
