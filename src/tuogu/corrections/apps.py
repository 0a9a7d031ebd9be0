"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (  # everything but Batch, which moves from state to state; its steps are events
    AppendOnly("corrections_script", (("id",), ("name", "version"))),
    AppendOnly("corrections_scriptapproval", (("script_id",),)),
    AppendOnly("corrections_programme"),
    AppendOnly("corrections_target", (("id",), ("programme_id", "customer_number"))),
    AppendOnly("corrections_returnvisit", (("id",), ("corrects_id",))),
    AppendOnly("corrections_amendment", (("id",), ("undoes_id",))),
    AppendOnly("corrections_withdrawal", (("amendment_id",),)),
    AppendOnly("corrections_batchevent"),
    AppendOnly("corrections_batchline", (("id",), ("batch_id", "amendment_id"))),
    AppendOnly("corrections_lineoutcome", (("line_id",),)),
    AppendOnly("corrections_batchpaper", (("id",), ("batch_id", "kind"))),
    AppendOnly("corrections_truthcheck"),
    AppendOnly("corrections_finding"),
    AppendOnly("corrections_hold"),
    AppendOnly("corrections_holdend", (("hold_id",),)),
    AppendOnly("corrections_sample", (("id",), ("code",))),
    AppendOnly("corrections_sampleitem", (("id",), ("sample_id", "customer_number"))),
    AppendOnly("corrections_verdict"),
)


class CorrectionsConfig(AppConfig):
    """Customers' data made whole: return visits, the amendment register, signed batches for IT, samples and holds."""

    name = "tuogu.corrections"
    verbose_name = "资料更正"

    def ready(self) -> None:
        from tuogu.corrections import about_person, holding

        keep_installed(self, PROTECTED)
        about_person.join_in()
        holding.join_in()
