"""The Chinese words for what an import counts. Never: a word in the place of a code in a table."""

from __future__ import annotations

IMPORTED = {
    "institutions": "机构变动", "people_new": "新增人员", "people_updated": "更新在库人员", "people_left": "离司人员",
    "moved_by_leaving": "随离司转保全组", "customers": "客户", "policies": "主险保单", "riders": "附加险",
    "customers_updated": "更新在库客户", "policies_updated": "更新在库主险", "riders_updated": "更新在库附加险",
    "stale": "库中同日或更新（未覆盖）", "erased": "已按本人请求删除（未写入）",
    "opened": "新建责任", "opened_buffer": "其中归保全组", "already_open": "已有责任", "closed": "终止", "reopened": "恢复",
    "motor_new": "新增车险保单", "motor_updated": "更新在库车险保单", "motor_same": "车险与在库相同",
    "motor_stale": "车险库中同日或更新（未覆盖）", "motor_renewed": "由新保单确认已续保",
    "motor_buffer": "车险来源不明归保全组",
    "coordinates": "坐标", "rejected": "拒收行", "missing_from_full": "全量文件缺少（待核）",
}  # fmt: skip
