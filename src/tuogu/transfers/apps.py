"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

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
        keep_installed(self, PROTECTED)
