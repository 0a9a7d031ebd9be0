"""The tables of the campaign's strategies, as people read them.

In: nothing. Out: `Sheet` values, the tables of each strategy and its options. Never: a planner imported here.
"""

from __future__ import annotations

from tuogu.core.apportion.rounding import rounding_sheet
from tuogu.core.sheets import Column, Sheet

WHERE = {"held": "在本活动手中", "waiting": "尚未下发", "taken": "已由其他分配取走"}
FUNNEL = Sheet(
    "funnel", "筛选漏斗",
    (Column("step", "步骤", "text"), Column("customers", "客户数", "count")),
    "从全部投保人到本次名单，每一步剩下多少客户", "funnel:step:customers",
)  # fmt: skip
SPLIT = Sheet(
    "split", "在职与孤儿、市区与县区",
    (
        Column("side", "销售人员", "text"), Column("area", "区域", "text"),
        Column("customers", "客户数", "count", total=True),
        Column("premium_fen", "缴费合计", "money", total=True),
        Column("held", "其中已有开拓责任人", "count", total=True),
    ),
    "筛选出的全部客户按销售人员是否在职、按区域分列；四格之和等于名单总数",
)  # fmt: skip
SHARES = Sheet(
    "shares", "部门配额",
    (
        Column("area", "区域", "text"), Column("department", "部门", "receiver"),
        Column("premium_fen", "上年保费", "money", total=True), Column("share_bp", "区域内占比", "rate"),
        Column("share", "占比（不取整）", "exact"),
        Column("exact_quota", "应得件数", "exact"), Column("quota", "配额", "count", total=True),
        Column("wave_1", "第一批", "count", total=True), Column("wave_2", "第二批", "count", total=True),
        Column("printed", "各自四舍五入", "count", total=True), Column("difference", "与四舍五入之差", "count", total=True),
        Column("area_said_by", "区域依据", "text"),
    ),
    "配额按上年保费占比在区域内计算；各自四舍五入一列与配额之差就是印刷版表格漏掉或多出的件数",
    "bars:department:wave_1,wave_2",
)  # fmt: skip
ROUNDING = rounding_sheet("rounding", "部门配额尾数证明", "部门", "receiver")
MIX = Sheet(
    "mix", "客户价值是否均匀",
    (
        Column("area", "区域", "text"), Column("department", "部门", "receiver"), Column("wave", "批次", "text"),
        Column("customers", "客户数", "count"), Column("premium_fen", "缴费合计", "money"),
        Column("mean_premium_fen", "件均保费", "money"), Column("offset_bp", "比区域件均高（低）", "rate"),
    ),
    "各部门、各批次的件均保费与全区域件均相差多少",
)  # fmt: skip
DISTRICTS = Sheet(
    "districts", "客户来源区县是否均匀",
    (
        Column("area", "区域", "text"), Column("department", "部门", "receiver"),
        Column("district_code", "区县", "region"),
        Column("customers", "客户数", "count", total=True), Column("share_bp", "占部门", "rate"),
        Column("area_share_bp", "占区域", "rate"),
    ),
    "各部门的客户来自哪些区县，与全区域的构成相差多少",
)  # fmt: skip
DUPLICATES = Sheet(
    "duplicates", "同一证件的客户号",
    (Column("person", "合并到客户号", "subject"), Column("customer_number", "客户号", "subject")),
    "证件类型与号码相同的客户号按一位客户计，名下保单合并计算",
)  # fmt: skip

EVALUATION = Sheet(
    "evaluation", "季度考核",
    (
        Column("area", "区域", "text"), Column("department", "部门", "receiver"),
        Column("quota", "配额", "count", total=True), Column("released", "已下发", "count", total=True),
        Column("completions", "二次投保客户", "count", total=True),
        Column("reported", "部门上报", "count", total=True),
        Column("rate_bp", "占配额", "rate"), Column("released_rate_bp", "占已下发", "rate"),
        Column("target_bp", "目标", "rate"), Column("threshold_bp", "回收线", "rate"),
        Column("verdict", "结论", "text"),
        Column("taken", "已由其他分配取走", "count", total=True), Column("remaining", "剩余客户", "count", total=True),
        Column("draw_exact", "应回收（取整前）", "exact"), Column("draw", "回收件数", "count", total=True),
    ),
    "完成率按全部配额计算，低于回收线的部门从剩余客户中抽签回收；占已下发的完成率仅供参考；已由其他分配取走的计入配额，不计入剩余",
    "bars:department:quota,completions",
)  # fmt: skip
DRAWS = Sheet(
    "draws", "抽签名单",
    (
        Column("department", "部门", "receiver"), Column("part", "名单", "text"),
        Column("draw_id", "抽取编号", "identifier"),
        Column("listed", "名单件数", "count", total=True), Column("drawn", "抽出", "count", total=True),
        Column("list_digest", "名单摘要", "identifier"),
    ),
    "摘要与抽签前公布的一致才算数：登记过的抽签列其公布的名单摘要（按公布代号），尚未抽签或直接用种子的按客户号",
)  # fmt: skip
LOTS = Sheet(
    "lots", "抽签次序",
    (
        Column("department", "部门", "receiver"), Column("part", "名单", "text"), Column("position", "次序", "count"),
        Column("pseudonym", "公布代号", "identifier"), Column("number", "客户", "subject"), Column("drawn", "抽中", "yes"),
    ),
    "按公布的种子，任何人都能重算的次序；每份名单从头抽起；登记过的抽签按公布代号排序",
)  # fmt: skip
RECORDS = Sheet(
    "records", "考核客户",
    (
        Column("number", "客户", "subject"), Column("department", "部门", "receiver"), Column("area", "区域", "text"),
        Column("receiver", "在谁手中", "receiver"), Column("converted", "已二次投保", "yes"),
        Column("planned", "出自先前方案", "yes"), Column("where", "现况", "text", words=WHERE),
    ),
    "计入各部门配额的每一位客户；已由其他分配取走的计入配额，不再抽签",
)  # fmt: skip
REDISTRIBUTION = Sheet(
    "redistribution", "再次分配",
    (
        Column("area", "区域", "text"), Column("department", "部门", "receiver"),
        Column("completions", "部门完成量", "count", total=True), Column("share", "占达标部门", "exact"),
        Column("exact_quota", "应得件数", "exact"), Column("quota", "再次分配量", "count", total=True),
    ),
    "再次分配量＝回收总量×（部门完成量÷各达标部门完成总量），只在本区域内",
    "bars:department:quota",
)  # fmt: skip
POOL = Sheet(
    "pool", "回收池",
    (
        Column("area", "区域", "text"), Column("pool", "回收池", "receiver"),
        Column("reclaimed", "池中客户", "count", total=True), Column("given", "再次分配", "count", total=True),
        Column("kept", "留在池中", "count", total=True),
    ),
    "再次分配与留在池中之和等于回收总量，一件不少",
)  # fmt: skip

STOCK = Sheet(
    "stock", "部门可分客户",
    (
        Column("department", "部门", "receiver"), Column("pooled", "部门池中", "count", total=True),
        Column("given", "本次分到人", "count", total=True), Column("kept", "留在部门池", "count", total=True),
        Column("with_people", "已在人员手中", "count", total=True), Column("people", "有产能记录的人员", "count"),
        Column("best", "其中业务精英", "count"),
    ),
    "本次分到人的件数不超过部门池中的客户",
)  # fmt: skip
BEST_PEOPLE = Sheet(
    "best_people", "业务精英名次",
    (
        Column("department", "部门", "receiver"), Column("rank", "名次", "count"),
        Column("staff_number", "人员", "receiver"),
        Column("productivity_fen", "上月产能", "money"), Column("chosen", "入选", "yes"), Column("share", "占比", "exact"),
        Column("quota", "分得件数", "count", total=True),
    ),
    "按上月产能排名，产能相同按散列；入选者按占比分得客户",
)  # fmt: skip
SUB_ROUNDING = rounding_sheet("rounding", "人员件数尾数证明", "人员", "receiver")
IDLE = Sheet(
    "idle", "久未完成的客户",
    (
        Column("department", "部门", "receiver"), Column("receiver", "在谁手中", "receiver"),
        Column("number", "客户", "subject"), Column("since", "自何日起", "day"), Column("days", "已过天数", "count"),
    ),
    "持有天数超过制度规定而尚未二次投保的客户，避免浪费",
)  # fmt: skip

CAMPAIGN_SHEETS = (FUNNEL, SPLIT, SHARES, ROUNDING, MIX, DISTRICTS, DUPLICATES)
RECLAIM_SHEETS = (EVALUATION, DRAWS, LOTS, RECORDS, DUPLICATES)
REDISTRIBUTION_SHEETS = (EVALUATION, REDISTRIBUTION, POOL, ROUNDING, RECORDS, DUPLICATES)
DEPARTMENT_SHEETS = (STOCK, BEST_PEOPLE, SUB_ROUNDING, IDLE)
