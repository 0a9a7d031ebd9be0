"""The Chinese words that people read for the codes that tables hold.

In: nothing. Out: one mapping for each enumerated column of core.tables, code → label. Never: a label in the
place of a code in a table (labels are put on at the edge), two words for one code in register and report.
"""

from __future__ import annotations

ORPHAN_SOURCES = {
    "leaver": "离司",
    "moved_in": "迁入",
    "long_lapsed": "长期失效",
    "integrated": "整合",
    "unreachable": "离司失联",
    "team_not_qualified": "原团队不合格",
    "other": "其他",
}
ORPHAN_TYPES = {"combination": "组合性", "non_pure": "非纯", "pure": "纯"}
NATURES = {"normal": "正常件", "hard": "困难件", "problem": "问题件"}
SERVICE_CLASSES = {"normal": "正常件", "difficult": "疑难件", "lapsed": "失效件"}
POLICY_STATES = {
    "in_force": "有效",
    "lapsed": "失效",
    "matured": "满期",
    "surrendered": "退保",
    "terminated": "终止",
    "paid_out": "已给付",
    "transferred": "转出",
}
PAYMENT_FREQUENCIES = {0: "趸交", 1: "年交", 2: "半年交", 4: "季交", 12: "月交"}
LEVERS = {"unit": "整单元", "adjacent": "相邻区件"}
UNPLACED_REASONS = {
    "not_regular": "非期交",
    "lapsed": "失效",
    "paid_up": "一年内无应收",
    "no_address_code": "地址待编码",
    "hard": "困难件",
    "difficult": "疑难件",
    "problem": "问题件",
    "no_capacity": "无容量",
    "no_manager": "无可用客户经理",
    "agent_in_post": "业务员在职",
}
MANUAL_REASONS = {
    "no_address": "没有地址",
    "no_community": "未写社区",
    "ambiguous": "多个候选，无法区分",
    "low_confidence": "把握不足",
    "outside_city": "地址在本市以外",
    "no_region": "区划无法识别",
    "unknown_community": "所写社区不在编码簿中",
}
BREAK_LEVELS = {"manager": "客户经理", "team": "组", "community": "社区", "street": "街道", "unit": "单元"}
REGION_LEVELS = {"total": "合计", "district": "区县", "street": "街道", "community": "社区", "unit": "单元"}
LEAVE_REASONS = {"left": "离职", "retired": "退休", "contract_ended": "解约", "moved_away": "调离本机构"}
VERDICTS = {
    "chosen": "选中",
    "dearer": "更远",
    "month_band": "超出月度范围",
    "cap": "超过上限",
    "floor": "原责任人将不足",
    "contiguity": "服务区将断开",
    "team": "跨组",
    "balance": "持有件数将失衡",
    "kept": "沿用原责任人",
}
ENTRY_REASONS = {
    "opening": "建档",
    "undo_release": "撤销下发",
    "orphan": "业务员已离司，入保全组",
    "agent_in_post": "业务员在职",
    "ended": "保单终止",
    "lives_again": "保单恢复有效",
    "import_reverted": "撤销导入",
    **LEAVE_REASONS,
}
RULES = {  # rows of the requirements that entries of the ledger name as their rule
    "S0-19": "批量分配",
    "S0-23": "按季发放",
    "S0-24": "保全组接管",
    "S0-25": "离司接管",
    "N-01": "责任台账",
    "N-06": "批次撤销",
    "P-13": "导入撤回",
}
