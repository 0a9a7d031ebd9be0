"""What changed among people in a period, for an auditor: who they are by number, posts, duty, tokens.

In: days. Out: frames of ids and staff numbers. Never: a name, a phone, a home.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db.models import Q

from tuogu.bulk import titled
from tuogu.core.custody import day_bounds
from tuogu.org.models import Absence, Custodian, DutyRoster, Post, StaffRecord, Substitute, Token

_PEOPLE = {"人员号": "person_id", "工号": "staff_number", "机构": "institution__code", "团队": "team__code",
           "自": "from_date", "至": "until_date", "离司日": "left_date", "登记时间": "recorded_at"}  # fmt: skip
_POOLS = {"人员号": "id", "类别": "kind", "键": "key", "名称": "name"}
_POSTS = {"编号": "id", "人员号": "person_id", "岗位": "role", "机构": "institution__code",
          "区域": "region_code", "全公司": "everywhere", "自": "from_date",
          "至": "until_date", "任命人员号": "by_id", "任命时间": "recorded_at", "结束人员号": "ended_by_id",
          "结束时间": "ended_at"}  # fmt: skip
_ABSENCES = {"编号": "id", "人员号": "person_id", "自": "from_date", "至": "until_date", "登记人员号": "by_id",
             "登记时间": "recorded_at", "结束人员号": "ended_by_id", "结束时间": "ended_at"}  # fmt: skip
_SUBSTITUTES = {"编号": "id", "人员号": "person_id", "代管人员号": "substitute_id", "自": "from_date", "至": "until_date",
                "指定人员号": "by_id", "指定时间": "recorded_at", "结束人员号": "ended_by_id",
                "结束时间": "ended_at"}  # fmt: skip
_DUTY = {"公共池人员号": "pool_id", "值班人员号": "person_id", "自": "from_date", "至": "until_date",
         "指定人员号": "by_id", "指定时间": "recorded_at"}  # fmt: skip
_TOKENS = {
    "人员号": "person_id",
    "发给时间": "issued_at",
    "发给人员号": "issued_by_id",
    "作废时间": "revoked_at",
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Everybody by number (so that ids elsewhere can be read), and what was decided from `first` to `last`."""
    begin, end = day_bounds(first, last)
    recorded = Q(recorded_at__gte=begin, recorded_at__lt=end)
    ended = Q(ended_at__gte=begin, ended_at__lt=end)
    issued = Q(issued_at__gte=begin, issued_at__lt=end) | Q(revoked_at__gte=begin, revoked_at__lt=end)
    current = StaffRecord.objects.filter(Q(until_date__isnull=True) | recorded)
    return {
        "人员编号": titled(current.order_by("person_id", "id"), _PEOPLE),
        "公共池与系统": titled(Custodian.objects.exclude(kind="person").order_by("id"), _POOLS),
        "岗位任免": titled(Post.objects.filter(recorded | ended).order_by("id"), _POSTS),
        "缺勤": titled(Absence.objects.filter(recorded | ended).order_by("id"), _ABSENCES),
        "代管": titled(Substitute.objects.filter(recorded | ended).order_by("id"), _SUBSTITUTES),
        "值班": titled(DutyRoster.objects.filter(recorded).order_by("id"), _DUTY),
        "令牌": titled(Token.objects.filter(issued).order_by("id"), _TOKENS),
    }
