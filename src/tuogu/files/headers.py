"""What branches write above each column: synonyms of every canonical column, and of the sheets' names.

In: nothing. Out: tables. Never: one text that means two columns of one sheet (a test checks).
The title that templates and exports write (core.intake_titles) is always the first synonym.
"""

from __future__ import annotations

from tuogu.core.intake_titles import SHEET_TITLES, TITLES

# Words are separated by spaces.
_MORE_SHEETS = {
    "policies": "保单信息 保单明细 保单清单 保单数据 孤儿单 孤儿保单 孤儿单清单 policies policy",
    "customers": "客户信息 客户明细 客户清单 客户资料 投保人 customers customer",
    "people": "人员信息 人员清单 员工 业务员 花名册 人员花名册 people staff",
    "institutions": "机构信息 机构清单 组织机构 机构代码表 institutions institution",
    "coordinates": "坐标信息 社区坐标 经纬度 coordinates",
    "motor": "车险保单 车险清单 车险信息 车险业务 车险台账 车险保单清单 车险保单信息 机动车保险 motor",
    "facts": "考核数据 考核结果 指标数据 月度指标 facts",
}
_MORE: dict[str, dict[str, str]] = {
    "policies": {
        "policy_number": "保单号 保险单号 保单编号 保险单号码 保险合同号 合同号 保单合同号",
        "main_policy_number": "主险保单号码 主保单号 主险单号 所属主险保单号 主合同号",
        "kind": "主附险 主险/附加险 主附险标志 主附标志 险种主附",
        "product_name": "险种 产品名称 险种全称 产品 保险产品",
        "product_type": "产品类型 险种大类 险类 产品大类 设计类型",
        "protection": "保障型 是否保障 是否保障类 保障型产品",
        "premium_mode": "交费方式 缴费类型 交费类型 趸期交 趸交/期交 缴别",
        "payments_per_year": "交费频次 缴费频率 交费频率 缴费间隔 交费间隔 缴次",
        "premium_fen": "保费 期交保费 应收保费 每期保费 保险费 保费金额 应缴保费 标准保费 保费合计",
        "sum_insured_fen": "保额 保险金额 基本保额 基本保险金额",
        "payment_term_years": "交费年期 缴费期间 交费期间 缴费年限 交费年限 缴费期 交费期",
        "inception_date": "生效日 保单生效日 保单生效日期 承保日期 起保日期 生效时间 保险起期",
        "end_date": "满期日 终止日期 保险止期 保险期满日 到期日期 到期日 保障终止日期",
        "state": "状态 保单效力状态 效力状态 险种状态 合同状态",
        "lapse_date": "失效日 失效时间 中止日期 效力中止日期",
        "holder_number": "投保人编号 投保人号 投保人客户编号 投保客户号 投保人客户号码",
        "insured_number": "被保险人编号 被保人客户号 被保人编号 被保险人号 被保险人客户编号 被保客户号",
        "agent_number": (
            "业务员编号 业务员代码 业务员号 代理人工号 代理人编号 销售人员工号 营销员工号 原业务员工号"
        ),
        "institution_code": "管理机构代码 机构代码 所属机构 机构 管理机构编码 归属机构 机构编码",
        "source": "孤儿单类型来源 来源 孤儿来源 成孤原因 孤儿单原因",
        "components": "险种组合 保单组合方式 组合 组合类型",
    },
    "customers": {
        "customer_number": "客户编号 客户号码 客户代码 客户ID 投保人客户号 客户编码",
        "name": "客户姓名 名字 投保人姓名 客户名称 姓名/名称",
        "sex": "客户性别 投保人性别",
        "birth_date": "生日 出生年月日 出生年月 客户生日 出生日 投保人出生日期",
        "id_type": "证件种类 证件类别 证件名称",
        "id_number": "证件号 身份证号 身份证号码 身份证 证件编号 投保人证件号码",
        "phone": "联系方式 电话 手机 手机号 手机号码 电话号码 移动电话 联系手机 联系电话号码 投保人电话",
        "address": "地址 通讯地址 住址 家庭住址 家庭地址 通信地址 联系住址 投保人地址 现住址",
        "employer": "单位 工作单位名称 单位名称 就职单位 服务单位",
        "info_accurate": "信息准确 资料是否准确 客户信息是否准确 信息准确与否",
        "complaint": "投诉 有无投诉 是否有投诉 是否投诉件",
        "misconduct": "业务员违规 是否违规 有无违规 业务员是否有违规行为",
        "contactable": "是否可联系 可联系 能否联系上 是否能联系",
        "contact_attempts": "已用联系方式 联系次数 联系方式数 已联系次数 已尝试联系方式数",
    },
    "people": {
        "staff_number": "员工号 员工编号 业务员工号 人员编号 人员工号 员工工号 职工号",
        "name": "员工姓名 人员姓名 业务员姓名 名字",
        "series": "人员系列 所属系列 序列 职系",
        "rank": "级别 职位 职务 岗位 职等",
        "supervisor": "主管 是否组主管 主管标志 是否为主管",
        "team_code": "组 所在组 小组 所属团队 团队 组别 所属组代码 组代码",
        "institution_code": "机构 管理机构 机构代码 所在机构 归属机构 营业部 所属部门",
        "phone": "手机号 手机号码 联系电话 电话 联系方式 移动电话",
        "address": "住址 家庭地址 地址 居住地址 现住址 住家地址",
        "trait": "个人特长 特点 专长 人员特点",
        "hired_date": "入职日期 入司时间 入职时间 入司日 签约日期",
        "left_date": "离职日期 离司时间 离职时间 解约日期 离司日",
        "recruiter_number": "增员人 推荐人工号 增员人编号 推荐人 增员人员工号",
    },
    "institutions": {
        "institution_code": "机构编码 机构编号 代码 机构号 编码",
        "name": "名称 机构全称 机构 机构简称",
        "level": "机构级别 层级 机构层级 机构类型",
        "parent_code": "上级机构代码 上级代码 上级 上级机构编码 父机构",
        "region_code": "服务区划代码 区划代码 所在区划 行政区划 行政区划代码 服务区域",
    },
    "coordinates": {
        "region_code": "区划代码 社区编码 代码 区域代码 行政区划代码 社区村代码",
        "longitude": "东经 lng lon longitude x",
        "latitude": "北纬 lat latitude y",
        "datum": "坐标系统 坐标系类型 基准 datum",
        "source": "数据来源 坐标来源 source",
    },
    "motor": {
        "policy_number": "保单号码 保单号 保险单号 保单编号 商业险保单号 交强险保单号",
        "plate_number": "车牌 车牌号码 号牌号码 车辆号牌",
        "frame_number": "车架 车架号码 VIN 车辆识别代号 VIN码",
        "holder_number": "客户编号 车主客户号 投保人客户号 被保险人客户号",
        "premium_fen": "保费 签单保费 实收保费 保险费 总保费",
        "start_date": "起保日 起保 保险起期 起保时间 生效日期",
        "expiry_date": "终保日 终保 保险止期 终保时间 到期日期 到期日 满期日期",
        "agent_number": "业务员编号 业务员代码 业务员号 归属业务员工号 销售人员工号",
        "entrant_number": "录入员 录入人工号 录单员工号 出单员工号",
        "institution_code": "管理机构代码 机构代码 所属机构 机构 承保机构 归属机构",
        "channel": "渠道 业务来源 销售渠道",
        "fleet_number": "团单编号 车队号 团车编号",
        "important": "重要客户 重点客户 是否重点客户 VIP",
        "previous_number": "上年度保单号 续保前保单号 原保单号 上张保单号 被续保单号",
    },
    "facts": {
        "subject": "考核对象 被考核人 工号或部门代码 工号/部门代码 工号 部门代码",
        "month": "考核月份 所属月份 指标月份 年月 month",
        "fact_key": "指标名称 考核项目 指标项目 项目 key",
        "figure": "指标值 考核数值 结果 考核结果 值 value",
        "source_ref": "数据来源 来源依据 依据 来源记录 出处 文号 source",
        "author": "登记人工号 评定人 评定人工号 填报人 填报人工号",
    },
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "policies": (
        "policy_number",
        "premium_mode",
        "payments_per_year",
        "premium_fen",
        "inception_date",
        "state",
        "holder_number",
    ),
    "customers": ("customer_number", "name"),
    "people": ("staff_number", "name", "series"),
    "institutions": ("institution_code", "name", "level"),
    "coordinates": ("region_code", "longitude", "latitude", "datum"),
    "facts": ("subject", "month", "fact_key", "figure", "source_ref"),
    "motor": (
        "policy_number",
        "holder_number",
        "premium_fen",
        "start_date",
        "expiry_date",
        "institution_code",
    ),
}
# Columns that returned rows carry besides their own; never mapped.
REASON_HEADER, EXTRA_HEADER = "原因", "多出的内容"
ROW_HEADER, DATA_DATE_HEADER = "原行号", "数据日期"
RETURNED_HEADERS = frozenset(
    {ROW_HEADER, DATA_DATE_HEADER, REASON_HEADER}
)  # all three: rows that we gave back


def _synonyms(kind: str) -> dict[str, tuple[str, ...]]:
    titles, more = TITLES[kind], _MORE[kind]
    return {column: (title, column, *more[column].split()) for column, title in titles.items()}


SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {kind: _synonyms(kind) for kind in TITLES}
SHEET_NAMES: dict[str, tuple[str, ...]] = {k: (t, *_MORE_SHEETS[k].split()) for k, t in SHEET_TITLES.items()}
