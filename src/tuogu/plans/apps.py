"""The room of stored plans: hangs the installation of its triggers on post_migrate."""

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("plans_undostep", (("id",), ("scheduled_id", "number"))),
    AppendOnly("plans_eligibilityfact", (("id",), ("custodian_id", "month", "key", "number"))),
    AppendOnly("plans_draw", (("id",), ("code",))),
    AppendOnly("plans_drawnumber", (("id",), ("draw_id", "pseudonym"), ("draw_id", "subject_id"))),
    AppendOnly("plans_drawstep", (("id",), ("draw_id", "number"), ("draw_id", "party_id", "step"))),
    AppendOnly("plans_adjustment", (("id",), ("revision_id",))),
    AppendOnly("plans_round", (("id",), ("institution_code", "name"))),
    AppendOnly("plans_roundstep", (("id",), ("round_id", "number"))),
    AppendOnly("plans_handoff", (("id",), ("step_id", "number"))),
    AppendOnly("plans_departmentfiling", (("id",), ("department_code", "year", "kind", "number"))),
    AppendOnly("plans_reviewcase", (("id",),)),
    AppendOnly("plans_reviewoutcome", (("id",), ("case_id",))),
)


class PlansConfig(AppConfig):
    name = "tuogu.plans"
    label = "plans"
    verbose_name = "方案"

    def ready(self) -> None:
        keep_installed(self, PROTECTED)
