"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("review_log", (("id",), ("person_id", "log_date", "number"))),
    AppendOnly("review_lognamed", (("id",), ("log_id", "customer_number"))),
    AppendOnly("review_check"),
    AppendOnly("review_lot", (("id",), ("code",))),
    AppendOnly("review_lotperson", (("id",), ("lot_id", "pseudonym"), ("lot_id", "person_id"))),
    AppendOnly("review_lotstep", (("id",), ("lot_id", "number"), ("lot_id", "party_id", "step"))),
    AppendOnly("review_report"),
    AppendOnly("review_reportend", (("report_id",),)),
    AppendOnly("review_outsidefinding", (("id",), ("source", "ref", "kind", "person_id"))),
    AppendOnly("review_penalty", (("id",), ("key",))),
    AppendOnly("review_penaltystep", (("id",), ("penalty_id", "number"))),
    AppendOnly("review_monthclose", (("id",), ("month", "institution_code", "number"))),
)


class ReviewConfig(AppConfig):
    """Work logs, inspections, the penalty ledger, and the facts of a month that plans read."""

    name = "tuogu.review"
    verbose_name = "日志与检查"

    def ready(self) -> None:
        from tuogu.review import about_person

        keep_installed(self, PROTECTED)
        about_person.join_in()
