"""The room of privacy: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

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
        keep_installed(self, PROTECTED)
