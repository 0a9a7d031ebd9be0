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
ROUTES = {
    "territory": "区域规划",
    "agent_in_post": "在职业务员",
    "specialist": "专人处理",
    "investigation": "调查核实",
    "buffer": "保全组",
    "closed": "已终止",
}
POLICY_STATES = {
    "in_force": "有效",
    "lapsed": "失效",
    "matured": "满期",
    "surrendered": "退保",
    "terminated": "终止",
    "paid_out": "已给付",
    "transferred": "转出",
}
# times a year that a premium is paid
PAYMENT_FREQUENCIES = {0: "趸交", 1: "年交", 2: "半年交", 4: "季交", 12: "月交"}
POOLS = {"pool:campaign-city": "活动回收池（市区）", "pool:campaign-county": "活动回收池（县区）"}
RESOURCE_CATEGORIES = {
    "maturity": "满期",
    "renewal": "续期",
    "old": "老客户",
    "not_yet_due": "未到期",
    "other": "其他",
}
METRICS = {  # what certificates count: how many of the stored integers make one of the unit that people read
    "metres": (1, "米·件"),
    "region_level": (1, "区划级差·件"),
    "rounding": (1_000_000, "件，与精确份额之差合计"),
    "lot": (1, "件"),
    "band_pieces": (1, "月度越界件"),
    "unmapped": (1, "未安置件"),
    "heaviest": (1, "最多督导件之和"),
    "tier_cost": (1, "层级代价·件"),
    "area_metres": (1, "米·件（服务区外加价）"),
}
LEVERS = {
    **{f"resource_{category}": f"{label}资源" for category, label in RESOURCE_CATEGORIES.items()},
    "recruiter": "直接增员者",
    "group_supervisor": "直辖组主管",
    "developer": "直接培育者",
    "year_seller": "一年内签单的在职营销员",
    "latest_seller": "最近签单的在职营销员",
    "own_team": "回归原营业组",
    "near_team": "同区他组富余",
    "other_team": "他组富余",
    "own_area": "服务区内收展员",
    "nearest": "就近收展员",
    "unit": "整单元",
    "adjacent": "相邻区件",
    "new": "月度新产生保单",
    "cross": "同一客户",
    "region": "区域",
    "keyword": "关键字",
    "single": "单件调整",
    "block": "整块调整",
    "map": "对应关系",
    "supervise": "督导",
    "own_agent": "交回原销售人员",
    "quota": "部门配额",
    "best_people": "业务精英",
    "reclaim": "抽签回收",
    "redistribute": "再次分配",
    "hand": "人工调整",
}
LEVER_REQUIREMENTS = {"own_agent": "S2-03"}  # levers that another row than their strategy's own orders
SUBJECTS = {"policy": "保单", "customer": "客户"}
HOLDERS = {"custody": "责任人", "development": "开发权人", "supervision": "督导专员"}  # by relation
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
    "no_receiver": "无合格接收人",
    "not_normal": "不属可分配件",
    "too_large": "件数超过一人一期",
    "no_agent": "没有原业务员",
    "no_holder": "没有投保人",
    "no_collector": "区域没有收展员",
    "data_fault": "数据错误",
    "map_conflict": "对应关系自相矛盾",
    "collector_left": "收展员已离司",
    "not_mapped": "对应关系没有覆盖",
    "kept": "已有责任人",
    "collection_piece": "收费件",
    "supervised_already": "已有督导人",
    "no_specialist": "本分公司没有督导专员",
    "in_pool": "在保全组，尚无责任人",
    "already_held": "已有开拓责任人",
    "no_region": "区域不明",
    "no_department": "没有可接收的部门",
    "rounding_left": "四舍五入余下",
    "not_drawn": "未抽中",
    "taken_elsewhere": "已由其他分配取走",
    "pool": "留在资源池",
    "converted": "已二次投保",
    "department_passed": "部门未到回收线",
    "no_department_met": "没有达标部门",
    "no_best_people": "部门没有业务精英",
    "receiver_away": "接收人不在岗",
    "refused_marketing": "客户已拒绝营销",
    "data_unproven": "客户资料待更正",
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
PLAN_STAGES = {  # what a planner says of where it is
    "bound": "求下界",
    "areas": "划分片区",
    "search": "搜索更近的分法",
    "hand_over": "相邻片区调剂应收",
    "settle": "收尾微调",
    "check": "核对",
    "done": "完成",
}
SERIES = {"collection": "收展", "marketing": "营销", "service": "保全", "planner": "规划师"}
STANDING_BASES = {"held": "台账所载", "planned": "前一方案所定"}
CAMPAIGN_AREAS = {"city": "市区", "county": "县区"}
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
    "no_recruit": "增员不足",
    "complaint": "有有效投诉",
    "full": "余量不足",
    "no_fact": "业绩数据不全",
    "not_in_post": "已离司",
    "away": "不在岗",
    "other_series": "系列不符",
    "unknown_person": "不在册",
    "smoothed": "逐月微调改派",
    "level": "前一级已定",
    "less_room": "余量较少",
    "beside": "只是相邻",
    "more_pieces": "督导件较多",
    "longer_code": "另有更细的代码",
    "not_best": "未入业务精英",
    "other_turn": "分给另一位精英",
    "by_program": "程序原选定",
}
ENTRY_REASONS = {
    "opening": "建档",
    "undo_release": "撤销下发",
    "orphan": "业务员已离司，入保全组",
    "agent_in_post": "业务员在职",
    "ended": "保单终止",
    "lives_again": "保单恢复有效",
    "import_reverted": "撤销导入",
    "refused_marketing": "客户拒绝营销",
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
    "L-03": "拒绝营销",
    "P-18": "人工调整",
}
VISIT_REASONS = {  # the ten of S4-21, in its order
    "due_reminder": "续期缴费提醒",
    "bonus": "告知派送红利",
    "data_change": "协办信息变更",
    "benefit": "通知协办给付",
    "claim": "协办理赔手续",
    "explanation": "保单校正解说",
    "review": "保单检视规划",
    "new_service": "新品服务告知",
    "information": "提供资讯知识",
    "greeting": "节日生日祝福",
}
EVIDENCE_KINDS = {  # records that meet duties
    "visit": "面访",
    "call": "电话",
    "sms": "短信",
    "wecom": "微信",
    "letter": "信函",
    "card": "贺卡",
    "check_up": "保单检查",
    "loss_notice": "告知损失",
    "payment": "已缴费",
    "lapse_form": "失效件反馈表",
    "papers_submitted": "资料提交",
    "papers_delivered": "资料送达",
    "appointment": "预约",
    "event": "客养活动",
}
CASE_EVENTS = {  # what starts a duty, or ends those of an instalment
    "papers_complete": "资料收齐",
    "papers_answered": "受理完结",
    "second_meeting": "第二次面谈",
    "missed_visit": "客户爽约",
    "paid": "已缴费",
}
