"""What people write for each enumeration, and the value it means.

Keys are half width, lower case and without spaces: `standardise_text.word` brings cells into that form first.
`CHINESE` gives the one word that exports and templates use, so that writing and reading are inverse.
"""

from __future__ import annotations

from tuogu.core.facts import FACT_KEYS

KIND = {"main": "主险", "rider": "附加险"}
PRODUCT_TYPE = {
    "participating": "分红险",
    "universal": "万能险",
    "annuity": "年金险",
    "whole_life": "终身寿险",
    "term_life": "定期寿险",
    "health": "健康险",
    "accident": "意外险",
}
PREMIUM_MODE = {"single": "趸交", "regular": "期交"}
PAYMENTS = {"0": "趸交", "1": "年交", "2": "半年交", "4": "季交", "12": "月交"}
STATE = {
    "in_force": "有效",
    "lapsed": "失效",
    "matured": "满期",
    "surrendered": "退保",
    "terminated": "终止",
    "paid_out": "已给付",
    "transferred": "转出",
}
SOURCE = {
    "leaver": "离司",
    "moved_in": "迁入",
    "long_lapsed": "长期失效",
    "integrated": "整合",
    "unreachable": "失联",
    "team_not_qualified": "原团队不合格",
    "other": "其他",
}
COMPONENTS = {
    "single": "单一",
    "main_rider_short": "主险+短期附加",
    "main_rider_long": "主险+长期附加",
    "main_main": "主险+主险",
}
SEX = {"M": "男", "F": "女"}
ID_TYPE = {"resident_id": "身份证", "passport": "护照", "other": "其他"}
YES_NO = {"yes": "是", "no": "否"}
SERIES = {"collection": "收展", "marketing": "营销", "service": "保全", "planner": "规划师"}
LEVEL = {"head": "总", "branch": "分", "central": "中支", "sub": "支", "department": "部", "team": "组"}
DATUM = {"WGS-84": "WGS-84", "GCJ-02": "GCJ-02", "BD-09": "BD-09"}
COORDINATE_SOURCE = {"synthetic": "合成", "imported": "导入"}

CHINESE: dict[str, dict[str, str]] = {
    "kind": KIND,
    "product_type": PRODUCT_TYPE,
    "protection": YES_NO,
    "premium_mode": PREMIUM_MODE,
    "payments_per_year": PAYMENTS,
    "state": STATE,
    "source": SOURCE,
    "components": COMPONENTS,
    "sex": SEX,
    "id_type": ID_TYPE,
    "info_accurate": YES_NO,
    "complaint": YES_NO,
    "misconduct": YES_NO,
    "contactable": YES_NO,
    "important": YES_NO,
    "series": SERIES,
    "supervisor": YES_NO,
    "level": LEVEL,
    "datum": DATUM,
    "fact_key": {fact.key: fact.label for fact in FACT_KEYS.values()},
}

_ALSO: dict[str, dict[str, str]] = {
    "kind": {"主": "main", "主约": "main", "主合同": "main", "附": "rider", "附加": "rider", "附约": "rider"},
    "product_type": {
        "分红": "participating",
        "分红型": "participating",
        "两全保险(分红型)": "participating",
        "万能": "universal",
        "万能型": "universal",
        "年金": "annuity",
        "年金保险": "annuity",
        "终身寿": "whole_life",
        "终身": "whole_life",
        "终身险": "whole_life",
        "定期寿": "term_life",
        "定期": "term_life",
        "定期险": "term_life",
        "健康": "health",
        "医疗险": "health",
        "重疾险": "health",
        "重大疾病险": "health",
        "意外": "accident",
        "意外伤害险": "accident",
    },
    "premium_mode": {
        "趸缴": "single",
        "一次": "single",
        "一次性": "single",
        "一次交清": "single",
        "一次缴清": "single",
        "期缴": "regular",
        "分期": "regular",
        "分期交费": "regular",
        "年交": "regular",
        "年缴": "regular",
        "半年交": "regular",
        "季交": "regular",
        "月交": "regular",
    },
    "payments_per_year": {
        "趸缴": "0",
        "一次": "0",
        "一次性": "0",
        "一次交清": "0",
        "年缴": "1",
        "年": "1",
        "按年": "1",
        "半年缴": "2",
        "半年": "2",
        "按半年": "2",
        "季缴": "4",
        "季": "4",
        "季度": "4",
        "按季": "4",
        "月缴": "12",
        "月": "12",
        "按月": "12",
    },
    "state": {
        "正常": "in_force",
        "有效中": "in_force",
        "生效": "in_force",
        "中止": "lapsed",
        "效力中止": "lapsed",
        "停效": "lapsed",
        "期满": "matured",
        "满期终止": "matured",
        "已满期": "matured",
        "已退保": "surrendered",
        "解约": "surrendered",
        "已终止": "terminated",
        "给付": "paid_out",
        "理赔终止": "paid_out",
        "已转出": "transferred",
        "迁出": "transferred",
    },
    "source": {
        "离职": "leaver",
        "业务员离司": "leaver",
        "业务员离职": "leaver",
        "转入": "moved_in",
        "失效": "long_lapsed",
        "机构整合": "integrated",
        "联系不上": "unreachable",
        "离司失联": "unreachable",
        "原团队考核不合格": "team_not_qualified",
        "其它": "other",
    },
    "components": {
        "单一险种": "single",
        "单主险": "single",
        "主险+短期附加险": "main_rider_short",
        "主险+短险": "main_rider_short",
        "主险+长期附加险": "main_rider_long",
        "主险+长险": "main_rider_long",
        "双主险": "main_main",
    },
    "sex": {
        "m": "M",
        "f": "F",
        "male": "M",
        "female": "F",
        "男性": "M",
        "女性": "F",
        "先生": "M",
        "女士": "F",
    },
    "id_type": {
        "居民身份证": "resident_id",
        "二代身份证": "resident_id",
        "id": "resident_id",
        "其它": "other",
        "军官证": "other",
        "户口簿": "other",
        "户口本": "other",
        "出生证": "other",
        "港澳通行证": "other",
        "台胞证": "other",
    },
    "series": {
        "收展系列": "collection",
        "收费": "collection",
        "续收": "collection",
        "营销系列": "marketing",
        "个险": "marketing",
        "营销员": "marketing",
        "保全系列": "service",
        "保险规划师": "planner",
        "理财规划师": "planner",
        "银保": "planner",
        "客服": "service",
    },
    "level": {
        "总公司": "head",
        "分公司": "branch",
        "省分": "branch",
        "省分公司": "branch",
        "中心支公司": "central",
        "地市": "central",
        "支公司": "sub",
        "县支": "sub",
        "营销部": "department",
        "部门": "department",
        "小组": "team",
        "团队": "team",
    },
    "datum": {
        "wgs84": "WGS-84",
        "gps": "WGS-84",
        "gcj02": "GCJ-02",
        "火星坐标": "GCJ-02",
        "国测局": "GCJ-02",
        "高德": "GCJ-02",
        "bd09": "BD-09",
        "百度": "BD-09",
    },
}
_YES = ("y", "yes", "true", "t", "1", "√", "✓", "对", "有", "能", "可", "可以", "准确", "正确", "已", "是的")
_NO = (
    *("n", "no", "false", "f", "0", "×", "x", "✗", "错", "没有", "不能", "不可", "不可以", "不准确"),
    *("不正确", "未", "不是", "不"),
)
_ALSO_YES_NO = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")


def words_of(column: str) -> dict[str, str]:
    """What may be written in `column` → its value: the Chinese word, the value itself, and synonyms."""
    chinese = CHINESE[column]
    also = _ALSO_YES_NO if chinese is YES_NO else _ALSO.get(column, {})
    exact = {word.lower(): value for value, word in chinese.items()} | {v.lower(): v for v in chinese}
    return also | exact
