"""The Chinese header of every canonical column and sheet: what templates, exports and messages say.

In: nothing. Out: two mappings. Never: a canonical column of SHEETS without a title (a test compares).
"""

from __future__ import annotations

SHEET_TITLES = {
    "policies": "保单",
    "customers": "客户",
    "people": "人员",
    "institutions": "机构",
    "coordinates": "坐标",
}
TITLES: dict[str, dict[str, str]] = {
    "policies": {
        "policy_number": "保单号码",
        "main_policy_number": "主险保单号",
        "kind": "险种类别",
        "product_name": "险种名称",
        "product_type": "险种类型",
        "protection": "是否保障型",
        "premium_mode": "缴费方式",
        "payments_per_year": "缴费频次",
        "premium_fen": "保费(元)",
        "sum_insured_fen": "保额(元)",
        "payment_term_years": "缴费年期",
        "inception_date": "生效日期",
        "end_date": "满期日期",
        "state": "保单状态",
        "lapse_date": "失效日期",
        "holder_number": "投保人客户号",
        "insured_number": "被保险人客户号",
        "agent_number": "业务员工号",
        "institution_code": "管理机构",
        "source": "孤儿单来源",
        "components": "组合方式",
    },
    "customers": {
        "customer_number": "客户号",
        "name": "姓名",
        "sex": "性别",
        "birth_date": "出生日期",
        "id_type": "证件类型",
        "id_number": "证件号码",
        "phone": "联系电话",
        "address": "联系地址",
        "employer": "工作单位",
        "info_accurate": "信息是否准确",
        "complaint": "是否投诉",
        "misconduct": "业务员是否违规",
        "contactable": "能否联系",
        "contact_attempts": "已用联系方式数",
    },
    "people": {
        "staff_number": "工号",
        "name": "姓名",
        "series": "系列",
        "rank": "职级",
        "supervisor": "是否主管",
        "team_code": "所属组",
        "institution_code": "所属机构",
        "phone": "手机",
        "address": "家庭住址",
        "trait": "特长",
        "hired_date": "入司日期",
        "left_date": "离司日期",
        "recruiter_number": "增员人工号",
    },
    "institutions": {
        "institution_code": "机构代码",
        "name": "机构名称",
        "level": "级别",
        "parent_code": "上级机构",
        "region_code": "服务区划",
    },
    "coordinates": {
        "region_code": "社区代码",
        "longitude": "经度",
        "latitude": "纬度",
        "datum": "坐标系",
        "source": "来源",
    },
}
