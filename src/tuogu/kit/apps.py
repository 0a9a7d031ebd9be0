"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("kit_print", (("id",), ("replaces_id",))),
    AppendOnly("kit_page", (("id",), ("key",), ("register_id", "place"))),
    AppendOnly("kit_pagecustomer", (("id",), ("page_id", "customer_number"))),
    AppendOnly("kit_scan", (("id",), ("register_id", "digest"))),
    AppendOnly("kit_signedpage", (("page_id",),)),
)


class KitConfig(AppConfig):
    """What is carried to the door: registers with page codes, check-up sheets, family tables, estates."""

    name = "tuogu.kit"
    verbose_name = "服务工具"

    def ready(self) -> None:
        from tuogu.kit import about_person

        keep_installed(self, PROTECTED)
        about_person.join_in()
