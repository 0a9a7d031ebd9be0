"""The room of privacy: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (
    AppendOnly("privacy_requeststep", (("id",), ("request_id", "number"))),
    AppendOnly("privacy_blockstep", (("id",), ("customer_number", "number"))),
    AppendOnly("privacy_party", (("id",), ("code", "number"))),
    AppendOnly("privacy_sharing", (("id",), ("reference", "party_code"))),
    AppendOnly("privacy_retentionrun"),
    AppendOnly("privacy_keyevent"),
    AppendOnly("privacy_consent"),
)


class PrivacyConfig(AppConfig):
    """Consents and refusals, requests of data subjects, retention, the register of sharing."""

    name = "tuogu.privacy"
    verbose_name = "数据保护"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
