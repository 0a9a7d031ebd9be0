"""The tables of a resource centre's plan, with their Chinese headings.

In: nothing. Out: SHEETS. Never: a table of the plan that is not described here.
"""

from __future__ import annotations

from tuogu.core.sheets import Column, Sheet

KEYS = ("amount", "date", "inception", "payment_time", "address", "phone", "institution", "bought_again")
_HEADINGS = ("金额", "日期", "投保时间", "缴费时间", "地址完整度", "电话完整度", "原投保机构", "转保或加保")

FUNNEL = Sheet(
    "funnel", "可分配范围", (Column("step", "步骤", "text"), Column("customers", "客户数", "count")),
    note="从全部客户到可分配存量，每一步还剩多少", chart="funnel:step:customers",
)  # fmt: skip
STOCK = Sheet(
    "stock", "月末存量",
    (
        Column("category", "资源类别", "text"),
        Column("customers", "件数", "count", total=True),
        Column("stock_bp", "存量占比", "rate"),
        Column("policies", "保单数", "count", total=True),
        Column("worth_fen", "金额", "money", total=True),
        Column("first_date", "最早日期", "day"),
        Column("last_date", "最晚日期", "day"),
    ),
    note="方案日统计的可分配资源，随方案存档，之后重算一致", chart="bars:category:customers",
)  # fmt: skip
PER_CAPITA = Sheet(
    "per_capita", "人均可分配件数",
    (
        Column("category", "资源类别", "text"),
        Column("share_bp", "规定占比", "rate"),
        Column("stock", "存量", "count", total=True),
        Column("target", "目标件数", "count", total=True),
        Column("target_each", "目标人均", "exact"),
        Column("within_target", "目标内", "count", total=True),
        Column("carried", "补足其他类", "count", total=True),
        Column("available", "本次可分", "count", total=True),
        Column("available_each", "实际人均", "exact"),
        Column("left", "留池", "count", total=True),
    ),
    note="占比是目标：每类先给目标与存量中较小的一个，缺口按制度规定的先后由其他类补足",
    chart="bars:category:target,available",
)  # fmt: skip
SCORE_CARDS = Sheet(
    "score_cards", "规划师评分表",
    (
        Column("staff_number", "工号", "receiver"),
        Column("rank", "职级", "text"),
        Column("rank_points", "职级分", "points"),
        Column("task_bp", "任务完成率", "rate"),
        Column("task_points", "任务分", "points"),
        Column("attendance_bp", "参会率", "rate"),
        Column("attendance_points", "参会分", "points"),
        Column("log_bp", "日志合格率", "rate"),
        Column("log_points", "日志分", "points"),
        Column("discretion_points", "部门调配分", "points"),
        Column("score", "总分", "points"),
        Column("rank_source", "职级出处", "text"),
        Column("task_source", "任务出处", "text"),
        Column("attendance_source", "参会出处", "text"),
        Column("log_source", "日志出处", "text"),
        Column("discretion_source", "调配理由", "text"),
        Column("discretion_author", "给分人", "text"),
        Column("missing", "缺少的数据", "text"),
    ),
    note="五项得分之和；缺少的数据计0分并列明，不作推测", chart="bars:staff_number:score",
)  # fmt: skip
QUOTAS = Sheet(
    "quotas", "个人件数",
    (
        Column("staff_number", "工号", "receiver"),
        Column("score", "总分", "points"),
        Column("withheld", "停发", "yes"),
        Column("weight", "计算用分", "points"),
        Column("share", "占比", "exact"),
        Column("quota", "应得件数", "exact"),
        Column("floor", "整数部分", "count", total=True),
        Column("remainder", "余数", "exact"),
        Column("extra", "得尾数", "yes"),
        Column("pieces", "实得件数", "count", total=True),
        Column("tie", "并列", "yes"),
        Column("note", "说明", "text"),
    ),
    note="得分折算成件数：应得、舍去与尾数的去向；得分为零或停发的为零件", chart="bars:staff_number:pieces",
)  # fmt: skip
GRID = Sheet(
    "grid", "各人各类件数",
    (
        Column("staff_number", "工号", "receiver"),
        Column("maturity", "满期", "count", total=True),
        Column("renewal", "续期", "count", total=True),
        Column("old", "老客户", "count", total=True),
        Column("not_yet_due", "未到期", "count", total=True),
        Column("other", "其他", "count", total=True),
        Column("pieces", "合计", "count", total=True),
    ),
    note="每格是应得数的上整数或下整数，行列合计都准确",
)  # fmt: skip
RANKINGS = Sheet(
    "rankings", "资源排列",
    (
        Column("category", "资源类别", "text"),
        Column("rank", "名次", "count"),
        Column("number", "客户", "subject"),
        Column("points", "重要性", "points"),
        Column("amount_fen", "金额", "money"),
        Column("date", "日期", "day"),
        Column("release_date", "宜下发日", "day"),
        Column("times", "流转次数", "count"),
        *(Column(f"{key}_points", heading, "points") for key, heading in zip(KEYS, _HEADINGS, strict=True)),
        Column("circulation_points", "流转扣减", "points"),
    ),
    note="每类按重要性排列，各项得分之和即重要性",
)  # fmt: skip
WORTH = Sheet(
    "worth", "价值均衡",
    (
        Column("staff_number", "工号", "receiver"),
        Column("score", "计算用分", "points"),
        Column("pieces", "件数", "count", total=True),
        Column("worth_fen", "金额", "money", total=True),
        Column("worth_per_point_fen", "每分金额", "money"),
        Column("margin_fen", "公平余量（全部）", "money"),
        Column("category_margin_fen", "公平余量（分类最小）", "money"),
        Column("rounding_margin_fen", "公平余量（计入取整）", "money"),
    ),
    note="余量不为负：按每分计，去掉对方最贵的一件后，没有人少于任何别人；计入取整的余量由选件次序保证",
)  # fmt: skip

SHEETS = (STOCK, PER_CAPITA, SCORE_CARDS, QUOTAS, GRID, WORTH, RANKINGS, FUNNEL)
