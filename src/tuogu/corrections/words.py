"""The Chinese words for the codes of this room, and what an outcome means for the worklist.

Never: a word in the place of a code in a table.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

RETURN_VISIT = "return_visit"
CALLS = {  # scripts by which account managers call: by why the customer came to them, then by what the call is for (S1-24)
    "call_orphan": gettext_noop("约访：孤儿保单"),
    "call_stripped": gettext_noop("约访：剥离保单"),
    "call_reconfirm": gettext_noop("行动前再次确认"),
    "call_due": gettext_noop("续期缴费提醒"),
    "call_revival": gettext_noop("失效复效"),
}
CAMPAIGN = {
    "campaign_contact": gettext_noop("活动接触"),
    "campaign_closing": gettext_noop("活动促成"),
}  # the repurchase campaign's (S2-18)
USES = {RETURN_VISIT: gettext_noop("回访核实"), **CALLS, **CAMPAIGN}  # what a script is for
CAMPAIGN_ASKS = {  # what such a script leads through
    "campaign_contact": {
        "opening": gettext_noop("破冰与来意"),
        "policy": gettext_noop("保单检视"),
        "need": gettext_noop("了解需求"),
        "next": gettext_noop("约定下次见面"),
    },
    "campaign_closing": {
        "need": gettext_noop("确认需求"),
        "offer": gettext_noop("说明建议"),
        "objection": gettext_noop("处理疑问"),
        "close": gettext_noop("请客户决定"),
    },
}
CHANNELS = {"phone": "电话", "home": "上门", "wecom": "微信"}
OUTCOMES = {
    "confirmed": "接通并核对",
    "declined": "接通拒答",
    "not_the_person": "接听的不是本人",
    "appointment": "约时再访",
    "no_answer": "无人接听",
    "powered_off": "停机",
    "empty_number": "空号",
    "wrong_number": "号码错误",
}
REACHED = frozenset({"confirmed"})  # somebody answered the questions
AGAIN = frozenset(
    {"appointment", "no_answer", "not_the_person", "powered_off"}
)  # tried again, up to the rulebook's number
ANSWER_STATES = {"same": "核对无误", "new": "有变化", "declined": "不愿说"}
SOURCES = {
    "return_visit": "回访",
    "service": "服务中得知",
    "customer": "客户本人要求",
    "import_check": "导入核查",
    "undo": "撤回更改",
}
BY_HAND = ("service", "customer", "import_check")  # sources that a person may name
AMENDMENT_STATES = {
    "open": "待归集",
    "listed": "在清单中",
    "applied": "已更改",
    "conflict": "有冲突，未更改",
    "withdrawn": "已撤销",
}
LINE_OUTCOMES = {"applied": "已更改", "conflict": "有冲突，未更改"}
VERDICTS = {"true": "属实", "wrong": "不实", "unreachable": "联系不上"}
TARGET_STATES = {"due": "约定已到", "new": "未访", "again": "待再访", "later": "约在以后", "done": "已完成"}
PAPERS = {"list": "清单", "filed": "备档件", "scan": "签名扫描件"}
