"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("work_task", (("id",), ("subject_id", "obligation", "anchor_date", "key"))),
    AppendOnly("work_taskend", (("task_id",),)),
    AppendOnly("work_record", (("id",), ("client_key",), ("corrects_id",))),
    AppendOnly("work_recordpolicy", (("id",), ("record_id", "subject_id"))),
    AppendOnly("work_attachment", (("id",), ("record_id", "digest"))),
    AppendOnly("work_satisfactionform", (("record_id",), ("signature_id",))),
    AppendOnly("work_referral"),
    AppendOnly("work_familymember", (("id",), ("withdraws_id",))),
    AppendOnly("work_outsidepolicy", (("id",), ("withdraws_id",))),
    AppendOnly("work_conflict", (("id",), ("client_key",))),
    AppendOnly("work_conflictend", (("conflict_id",), ("record_id",))),
    AppendOnly("work_weekplan"),
    AppendOnly("work_weekplanline", (("id",), ("plan_id", "place"))),
    AppendOnly("work_escalation", (("id",), ("task_id", "step"))),
    AppendOnly("work_rolled", (("day",),)),
)


class WorkConfig(AppConfig):
    """What is owed to customers and what was done for them: tasks, records, weekly plans, escalation."""

    name = "tuogu.work"
    verbose_name = "客户服务"

    def ready(self) -> None:
        from tuogu.work import about_person

        keep_installed(self, PROTECTED)
        about_person.join_in()
