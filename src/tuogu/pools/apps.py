"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("pools_claim", (("id",), ("entry_id",))),
    AppendOnly("pools_claimstep", (("id",), ("claim_id", "step", "counted_from"))),
    AppendOnly("pools_contacted"),
)


class PoolsConfig(AppConfig):
    """Public pools: who may claim how much, what goes back by itself and when, what is hidden until claimed."""

    name = "tuogu.pools"
    verbose_name = "公共池"

    def ready(self) -> None:
        from tuogu.pools import about_person

        keep_installed(self, PROTECTED)
        about_person.join_in()
