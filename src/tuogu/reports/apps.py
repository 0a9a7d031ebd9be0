"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("reports_chancemodel", (("id",),)),
    AppendOnly("reports_frozenmonth", (("id",), ("month",))),
    AppendOnly("reports_frozendefinition", (("id",), ("frozen_id", "measure"))),
    AppendOnly("reports_snapshot", (("id",), ("frozen_id", "measure", "ten_years", "dimension", "value"))),
    AppendOnly("reports_frozeninput", (("id",), ("frozen_id", "name"))),
    AppendOnly("reports_issued", (("id",), ("report", "institution_code", "first_date", "number"))),
    AppendOnly("reports_schedule"),
    AppendOnly("reports_schedulestop", (("schedule_id",),)),
    AppendOnly("reports_schedulerun", (("id",), ("schedule_id", "first_date"))),
    AppendOnly("reports_mailing", (("id",), ("schedule_id", "issued_id", "person_id"))),
    AppendOnly("reports_mailstep", (("id",), ("mailing_id", "seq"))),
)


class ReportsConfig(AppConfig):
    """Figures, frozen months, bulletins, analyses, mail."""

    name = "tuogu.reports"
    verbose_name = "报表"

    def ready(self) -> None:
        keep_installed(self, PROTECTED)
