"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install, keep_installed, missing, watched

PROTECTED = (
    AppendOnly("cases_case", (("id",), ("key",))),
    AppendOnly("cases_casestep", (("id",), ("case_id", "seq"))),
    AppendOnly("cases_servicecard", (("number",), ("replaces_id",))),
    AppendOnly("cases_handedline", (("id",), ("case_id", "subject_id"))),
    AppendOnly("cases_receipt", (("id",), ("batch_id", "person_id"))),
    AppendOnly("cases_receiptline", (("id",), ("receipt_id", "subject_id"))),
    AppendOnly("cases_receiptstep", (("id",), ("receipt_id", "act"))),
    AppendOnly("cases_considered", (("batch_id",),)),
    AppendOnly("cases_incomeshare", (("entry_id",),)),
)


class CasesConfig(AppConfig):
    """What runs through several hands: service flow and card, hard, difficult, lapsed, dispatched, papers, hand-over."""

    name = "tuogu.cases"
    verbose_name = "个案"

    def ready(self) -> None:
        from tuogu.cases import about_person, guards, telling

        def after_migrating(using: str, **_: Any) -> None:
            install(connections[using], guards.guards(connections[using].vendor))

        def absent() -> list[str]:
            here = connections["default"]
            return missing(here, [*guards_of(PROTECTED, here.vendor), *guards.guards(here.vendor)])

        keep_installed(self, PROTECTED)
        post_migrate.connect(after_migrating, sender=self, weak=False)  # nobody else holds it
        watched(self, absent)
        about_person.join_in()
        telling.join_in()
