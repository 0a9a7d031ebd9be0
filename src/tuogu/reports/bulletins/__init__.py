"""Every report by its name in the source documents: what it is, how often, how it is made.

In: a key, what is asked. Out: Content (files.bulletin). Never: a report that is no content of its own: page, workbook, PDF
and mail are forms of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from tuogu.files.bulletin import Content
from tuogu.reports.bulletins import motor_months, motor_progress, others
from tuogu.reports.bulletins.asked import Asked
from tuogu.reports.bulletins.by_figures import Figures
from tuogu.reports.failures import ReportsRefused

GROUPS: Final = {
    "motor": "车险续保",
    "service": "孤儿单服务",
    "campaign": "二次投保活动",
    "book": "客户与负荷",
}


@dataclass(frozen=True)
class Report:
    """`cadence`: day | week | month. `about`: one line of what it says. `cut`: dimensions may be chosen on its page."""

    key: str
    title: str
    cadence: str
    group: str
    req: str
    about: str
    make: Callable[[Asked, str, str], Content]
    every: str = ""  # the parameter that says how many days or months lie between two that go by themselves

    @property
    def cut(self) -> bool:
        return isinstance(self.make, Figures)

    def content(self, asked: Asked) -> Content:
        """The report as asked."""
        return self.make(asked, self.key, self.title)


_ALL: Final = (
    Report(
        "renewal_daily", "续保业务日报", "day", "motor", "S3-19", "各责任人当天的进展，报部门负责人", motor_progress.daily,
        "renewal.progress_every_days",
    ),
    Report(
        "renewal_weekly", "续保例会通报", "week", "motor", "S3-19", "各部门一周的终保、续保、流失与逾期，例会用",
        motor_progress.weekly, "renewal.meeting_every_days",
    ),
    Report(
        "renewal_monthly", "月度车险续保分析报告", "month", "motor", "S3-19", "续保率、渠道、去向、脱保原因与整改",
        motor_months.analysis, "renewal.analysis_every_months",
    ),
    Report(
        "renewal_assessment", "续保考核月报", "month", "motor", "S3-24", "考核到续保专员、责任人、业务渠道",
        motor_months.assessment, "renewal.assessed_every_months",
    ),
    Report(
        "lapsed_list", "脱保明细清单", "month", "motor", "S3-17", "下发基层持续追踪，直至客户车辆已经投保",
        motor_months.lapsed,
    ),
    Report(
        "service_monthly", "孤儿单服务月报", "month", "service", "S4-14", "全部指标，按机构、部门",
        Figures((), ("branch", "department")),
    ),
    Report(
        "development", "客户开发成功率（3/6/12个月）", "month", "service", "S4-15",
        "按日历月的三个月、六个月、一年开发成功率，另附按天",
        Figures(("develop*",), ("department", "team", "person", "source")),
    ),
    Report(
        "contact", "接触率、面访率", "month", "service", "S4-40", "期内接触、面访到的客户占名下客户",
        Figures(("contact", "visit")),
    ),
    Report(
        "persistency", "继续率", "month", "service", "S4-40", "13个月、25个月，按件数、按保费", Figures(("persistency*",))
    ),
    Report("complaint", "投诉率", "month", "service", "S4-40", "有效投诉占名下客户", Figures(("complaint",))),
    Report("in_time", "服务时效", "month", "service", "S4-40", "到期的服务事项在期限内完成多少", Figures(("in_time",))),
    Report("allowance", "津贴核算", "month", "service", "S4-27", "短信、面访津贴，按接触率、面访率分档", others.allowance),
    Report(
        "campaign", "活动月度通报", "month", "campaign", "S2-13", "定格的月度排名、予以通报的部门、专场支持", others.campaign
    ),
    Report(
        "resources", "客户资源利用与资料丰富度", "month", "campaign", "S2-20", "各部门用了多少下发的客户、资料补了多少",
        Figures(("utilisation", "enrichment", "ten_years"), ("department", "team")),
    ),
    Report(
        "load", "负荷与资料完整度", "month", "book", "S4-40", "人均件数与资料完整度",
        Figures(("load", "completeness"), ("branch", "department", "team")),
    ),
)  # fmt: skip
REPORTS: Final = {one.key: one for one in _ALL}


def report(key: str) -> Report:
    """One of them; ReportsRefused where there is none."""
    if key not in REPORTS:
        raise ReportsRefused(_("没有“%(key)s”这种报表") % {"key": key})
    return REPORTS[key]
