"""The matching strategy's own tables, as people read them.

In: nothing. Out: SHEETS. Never: a column of a table without heading and unit.
"""

from __future__ import annotations

from tuogu.core.sheets import Column, Sheet

ELIGIBILITY = Sheet(
    "eligibility", "接收资格",
    (
        Column("staff_number", "人员", "receiver"),
        Column("team_code", "组", "institution"),
        Column("group", "分组", "text"),
        Column("recruits", "有效增员", "count"),
        Column("complaints", "有效投诉", "count"),
        Column("held", "已持有孤儿保单", "count"),
        Column("room", "可再接收", "count"),
        Column("eligible", "合格", "yes"),
        Column("reason", "理由", "text"),
    ),
    note="每位在职人员能否接收孤儿保单，逐项条件（S4-07）。",
)  # fmt: skip

FUNNEL = Sheet(
    "funnel", "孤儿保单去向",
    (
        Column("step", "环节", "text"),
        Column("combination", "组合性", "count"),
        Column("non_pure", "非纯", "count"),
        Column("pure", "纯", "count"),
        Column("policies", "合计", "count"),
    ),
    note="从有效孤儿保单到接收人，每一环节各类型的件数（S4-01）。",
    chart="funnel:step:policies",
)  # fmt: skip

TIERS = Sheet(
    "tiers", "去向层级",
    (
        Column("tier", "层级", "text"),
        Column("customers", "客户数", "count", total=True),
        Column("policies", "件数", "count", total=True),
        Column("share_bp", "占比", "rate"),
    ),
    note="指定接收人、原营业组、同区他组、其他组、无合格接收人各多少（S4-12）；本就不在匹配之列的见未分配。",
    chart="bars:tier:policies",
)  # fmt: skip

TEAMS = Sheet(
    "teams", "各组余缺",
    (
        Column("team_code", "组", "institution"),
        Column("stock", "本组孤儿保单", "count", total=True),
        Column("eligible", "合格人数", "count", total=True),
        Column("room", "可接收", "count", total=True),
        Column("named", "由指定接收人接收", "count", total=True),
        Column("kept", "留在本组", "count", total=True),
        Column("sent", "转给他组", "count", total=True),
        Column("unplaced", "未分配", "count", total=True),
        Column("received", "接收他组", "count", total=True),
        Column("room_left", "富余", "count", total=True),
    ),
    note="有富余的组在接收他组之前，本组的客户都已安排（S4-12）。",
)  # fmt: skip

PEOPLE = Sheet(
    "people", "接收人",
    (
        Column("staff_number", "人员", "receiver"),
        Column("team_code", "组", "institution"),
        Column("people_class", "人员类别", "text"),
        Column("productivity_fen", "上月产能", "money"),
        Column("held", "原持有", "count", total=True),
        Column("customers", "接收客户", "count", total=True),
        Column("policies", "接收件数", "count", total=True),
        Column("premium_fen", "年化保费", "money", total=True),
        Column("held_after", "接收后持有", "count", total=True),
    ),
    note="每人接收多少客户、件数、保费，接收后共持有多少。",
    chart="bars:staff_number:policies",
)  # fmt: skip

ORDERS = Sheet(
    "orders", "三种分法",
    (
        Column("order", "组内分法", "text"),
        Column("chosen", "本方案采用", "yes"),
        Column("people", "接收人数", "count"),
        Column("policies_max", "最多件数", "count"),
        Column("policies_mean", "人均件数", "decimal"),
        Column("premium_max_fen", "最多年化保费", "money"),
        Column("premium_median_fen", "年化保费中位数", "money"),
    ),
    note="同一批客户按整块、轮流、蛇形各分一次的结果（S4-13）。",
)  # fmt: skip

SHEETS = (FUNNEL, TIERS, ELIGIBILITY, TEAMS, PEOPLE, ORDERS)
