"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("notices_departurechange"),
    AppendOnly("notices_leaveread", (("batch_id",),)),
    AppendOnly("notices_template", (("id",), ("channel", "version"))),
    AppendOnly("notices_templatedecision", (("id",), ("template_id",))),
    AppendOnly("notices_messageevent"),
    AppendOnly("notices_proof"),
    AppendOnly("notices_contactchange"),
)


class NoticesConfig(AppConfig):
    """The 30-day clock of leavers: cases, letters, texts and WeCom messages with proof; contacts handed over."""

    name = "tuogu.notices"
    verbose_name = "离职告知"

    def ready(self) -> None:
        from tuogu.notices import about_person

        keep_installed(self, PROTECTED)
        about_person.join_in()
