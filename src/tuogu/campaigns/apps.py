"""This room as a Django application: hangs the installation of its triggers on post_migrate."""

from __future__ import annotations

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (
    AppendOnly("campaigns_campaign", (("id",), ("title",), ("plan_id",))),
    AppendOnly("campaigns_campaignend", (("campaign_id",),)),
    AppendOnly(
        "campaigns_weeklyreport", (("id",), ("campaign_id", "department_code", "first_date", "number"))
    ),
    AppendOnly("campaigns_reportedpolicy", (("id",), ("report_id", "policy_number"))),
    AppendOnly("campaigns_reportaudit", (("id",), ("report_id", "number"))),
    AppendOnly("campaigns_monthranking", (("id",), ("campaign_id", "month"))),
    AppendOnly("campaigns_bulletin", (("ranking_id",),)),
    AppendOnly("campaigns_seminargrant", (("ranking_id",),)),
    AppendOnly("campaigns_scriptuse"),
    AppendOnly("campaigns_completeness", (("id",), ("campaign_id", "customer_number", "number"))),
)


class CampaignsConfig(AppConfig):
    """The repurchase campaign in operation: weekly reports, ranking, evaluation days."""

    name = "tuogu.campaigns"
    verbose_name = "活动"

    def ready(self) -> None:
        from tuogu.campaigns import about_person

        keep_installed(self, PROTECTED)
        about_person.join_in()
