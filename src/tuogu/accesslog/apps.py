"""The room of the access log: hangs the installation of its triggers on post_migrate."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, watched

PROTECTED = (AppendOnly("accesslog_sighting"),)
PERMITS = AppendOnly("accesslog_retention")


class AccessLogConfig(AppConfig):
    name = "tuogu.accesslog"
    label = "accesslog"
    verbose_name = "查看留痕"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)
        watched(self, _missing)


def _install(using: str, **_: Any) -> None:
    """On the database that holds the log; on the other one the table is not there and is passed over."""
    from tuogu.accesslog.guards import install_guards

    install_guards(connections[using])


def _missing() -> list[str]:
    """In the database that holds the log."""
    from tuogu.accesslog import queries

    return queries.missing_guards()
