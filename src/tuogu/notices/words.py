"""The Chinese words for the codes of this room. Never: a word in the place of a code in a table."""

from __future__ import annotations

CHANNELS = {"sms": "短信", "wecom": "企业微信", "letter": "信函", "mail": "电子邮件"}
CASE_STATES = {
    "waiting": "待告知",
    "prepared": "已备好",
    "sent": "已发出，待回执",
    "proved": "已告知",
    "waived": "经复核免告知",
}
MESSAGE_STATES = {
    "queued": "待发",
    "sending": "发送中",
    "accepted": "已受理，待回执",
    "delivered": "已送达",
    "failed": "未送达",
    "unsure": "不确定是否发出",
    "cancelled": "已取消",
    "printed": "已打印，待寄",
    "posted": "已寄出，待签收",
}
PROOF_KINDS = {
    "sms_delivered": "短信送达回执",
    "letter_signed": "信函签收",
    "wecom_read": "企业微信送达",
    "phone_call": "电话告知",
    "in_person": "当面告知，客户签字",
}
PHONE_OUTCOMES = {
    "told": "已告知",
    "not_reached": "未接通",
    "not_the_holder": "接听人不是投保人",
    "hung_up": "客户中断",
}
WHY = {"served": "离职时由其负责", "sold": "由其销售"}
LEFT_OUT = {
    "ended": "已终止或履行完毕",
    "short": "保险期间不足一年",
    "property": "非人身保险",
}
TROUBLES = {
    "": "",
    "no_contact": "没有可用手机和地址",
    "message_failed": "已发未达，须换渠道",
    "unconfigured": "渠道没有配置",
    "refused": "通道拒收",
    "rejected": "通道报告未送达",
    "not_a_contact": "客户不在企微联系人中",
    "too_many_tries": "多次重试未成",
    "unreachable": "通道连不上",
    "timeout": "通道超时",
    "busy": "通道暂不可用",
    "unknown_after_crash": "发送中断，通道无法核对",
    "not_found": "通道没有这条消息",
}
EVENTS = {
    "prepared": "备好",
    "sending": "交给通道",
    "accepted": "通道受理",
    "delivered": "送达",
    "retry": "稍后重试",
    "failed": "未送达",
    "unsure": "不确定是否发出",
    "resent": "核实未发出，重新排队",
    "confirmed": "核实已发出",
    "cancelled": "取消",
    "printed": "打印",
    "posted": "寄出",
    "signed": "签收",
}
TRANSFER_STATES = {
    "planned": "待提交",
    "sending": "提交中",
    "waiting": "等待接替（24 小时内生效）",
    "done": "接替完毕",
    "refused": "客户拒绝",
    "full": "接替人客户已满",
    "failed": "提交未成",
}
WAIVER_STATES = {"asked": "待复核", "granted": "已同意", "declined": "不同意"}
TRANSFER_KINDS = {"leaver": "离职继承", "in_post": "在职继承"}
LINK_STATES = {"active": "正常", "pending": "转接中", "refused": "客户拒绝转接"}
