"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("renewals_motorchange"),
    AppendOnly("renewals_monthlylist", (("id",), ("run_date",))),
    AppendOnly("renewals_listedcase", (("subject_id",),)),
    AppendOnly("renewals_firedstep", (("id",), ("subject_id", "step", "round"))),
    AppendOnly("renewals_stepanswer"),
    AppendOnly("renewals_naming"),
    AppendOnly("renewals_register", (("id",), ("institution_code", "month"))),
    AppendOnly("renewals_registerline", (("id",), ("register_id", "subject_id"))),
    AppendOnly("renewals_amendment"),
    AppendOnly("renewals_stated", (("id",), ("record_id", "subject_id"))),
    AppendOnly("renewals_ended", (("id",), ("subject_id", "seq"))),
    AppendOnly("renewals_support"),
    AppendOnly("renewals_supportanswer", (("support_id",),)),
    AppendOnly("renewals_callout"),
    AppendOnly("renewals_calloutline", (("id",), ("subject_id",))),
    AppendOnly("renewals_calloutresult", (("line_id",),)),
    AppendOnly("renewals_truthmark"),
    AppendOnly("renewals_sampled", (("id",), ("month", "subject_id"))),
    AppendOnly("renewals_sampleanswers", (("sampled_id",),)),
    AppendOnly("renewals_improvement", (("id",), ("institution_code", "month"))),
    AppendOnly("renewals_improvementline"),
    AppendOnly("renewals_rewardpolicy", (("id",), ("year", "version"))),
    AppendOnly("renewals_rewardapproval", (("policy_id",),)),
)


class RenewalsConfig(AppConfig):
    """Motor renewal: lists, claims, the clock, second allocation, rescue, registers, samples."""

    name = "tuogu.renewals"
    verbose_name = "车险续保"

    def ready(self) -> None:
        from tuogu.renewals import about_person, taking_back, telling

        keep_installed(self, PROTECTED)
        about_person.join_in()
        telling.join_in()
        taking_back.join_in()
