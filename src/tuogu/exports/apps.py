"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("exports_export", (("id",), ("code",))),
    AppendOnly("exports_act"),
    AppendOnly("exports_canary", (("id",), ("number",))),
)


class ExportsConfig(AppConfig):
    """Files that leave the house: asked with a reason, approved above a limit, watermarked, counted, expired."""

    name = "tuogu.exports"
    verbose_name = "导出"

    def ready(self) -> None:
        keep_installed(self, PROTECTED)
