"""The words of motor renewal, by code. Rooms, pages and workbooks show these and no others.

In: nothing. Out: mappings code → Chinese. Never: a code that means two things.
"""

from __future__ import annotations

BANDS = {"d0_30": "30天以内", "d31_60": "31-60天", "d61_90": "61-90天"}
ROUNDS = {"branch": "基层认领", "city": "全辖公开认领", "second": "二次认领", "second_city": "二次全辖认领"}
STEPS = {
    "listed": "进入月度清单",
    "claim_late": "认领逾期",
    "city_open": "转全辖公开认领",
    "dealt": "轮流指派责任人",
    "sms": "温馨提示短信",
    "own_contact": "责任人联系",
    "call_all": "集中呼出",
    "urge": "督促责任人",
    "final": "最终确认",
    "second_open": "二次分配",
    "second_city_open": "二次分配转全辖",
    "head_office": "提交总公司统一呼出",
    "to_leaders": "上报领导",
    "lapsed": "脱保挽救",
    "next_year": "来年转回联系",
}
INTENTIONS = {"will": "愿意续保", "undecided": "尚未决定", "wont": "明确不续"}
CALL_RESULTS = {**INTENTIONS, "not_reached": "未联系上"}  # what the call centre may answer
ENDS = {
    "renewed": "已续保",
    "elsewhere": "已在他处投保",
    "scrapped": "已报废或过户",
}  # what a person says of an end
OUTCOMES = {
    **ENDS,
    "said": "声明已续保，新保单未到",
}  # how it stands: a renewal that nobody has seen yet is said
CHANNELS = (
    "直销",
    "代理",
    "电销",
    "车商",
    "网销",
)  # as motor books call them; any other word is shown as it stands
