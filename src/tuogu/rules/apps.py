"""The room of rulebook versions: hangs the installation of its triggers on post_migrate."""

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (AppendOnly("rules_rulebookversion", (("id",), ("name", "version"))),)


class RulesConfig(AppConfig):
    name = "tuogu.rules"
    verbose_name = "制度"

    def ready(self) -> None:
        keep_installed(self, PROTECTED)
