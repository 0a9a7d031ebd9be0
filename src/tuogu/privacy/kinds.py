"""The words of this room: purposes, channels, states, kinds of requests. Other rooms may import these.

In: nothing. Out: enumerations and which purposes are what. Never: a duty of service among what can be refused.
"""

from __future__ import annotations

from django.db import models


class Purpose(models.TextChoices):
    """What a customer is contacted for, or what is taken of the customer."""

    MARKETING = "marketing", "营销推介"
    EVENT = "event", "活动邀约"
    SURVEY = "survey", "满意度调查"
    SERVICE = "service", "服务通知"
    RETURN_VISIT = "return_visit", "回访核实"
    LOCATION = "location", "位置签到"
    PHOTO = "photo", "现场照片"
    SIGNATURE = "signature", "电子签名"


REFUSABLE = (Purpose.MARKETING, Purpose.EVENT, Purpose.SURVEY)  # allowed until refused (L-03)
DUTIES = (
    Purpose.SERVICE,
    Purpose.RETURN_VISIT,
)  # owed to the customer: no consent needed, no refusal possible
SENSITIVE = (Purpose.LOCATION, Purpose.PHOTO, Purpose.SIGNATURE)  # only with a consent of its own (L-11)
# refusing the first refuses the second too: an invitation is marketing; not the other way round
COVERED_BY = {Purpose.EVENT: (Purpose.MARKETING,)}


class Channel(models.TextChoices):
    """How a customer is reached."""

    ANY = "any", "任何方式"
    PHONE = "phone", "电话"
    SMS = "sms", "短信"
    WECHAT = "wechat", "微信"
    VISIT = "visit", "上门"
    LETTER = "letter", "信函"


CHANNELS = tuple(channel for channel in Channel if channel != Channel.ANY)


class Said(models.TextChoices):
    """What the customer said."""

    GIVEN = "given", "同意"
    REFUSED = "refused", "拒绝"
    WITHDRAWN = "withdrawn", "撤回同意"


class Source(models.TextChoices):
    """Where it was said."""

    DOOR = "door", "上门时本人告知"
    DESK = "desk", "柜面本人告知"
    CALL = "call", "电话中本人告知"
    RETURN_VISIT = "return_visit", "回访中告知"
    WRITING = "writing", "书面或短信"
    REQUEST = "request", "个人信息请求"


class RequestKind(models.TextChoices):
    """What a data subject may ask for (PIPL 44-50, 24)."""

    COPY = "copy", "查阅、复制"
    CORRECTION = "correction", "更正、补充"
    DELETION = "deletion", "删除"
    CONSENTS = "consents", "同意记录"
    EXPLANATION = "explanation", "自动化决策说明"


class RequestState(models.TextChoices):
    """Where a request stands."""

    INTAKE = "intake", "已受理"
    CHECKED = "checked", "身份已核实"
    IN_WORK = "in_work", "办理中"
    PROPOSED = "proposed", "待第二人批准"
    ANSWERED = "answered", "已答复"


OPEN_STATES = tuple(state for state in RequestState if state != RequestState.ANSWERED)


class Outcome(models.TextChoices):
    """How a request was answered."""

    GRANTED = "granted", "已照办"
    PARTLY = "partly", "部分照办"
    REFUSED = "refused", "不予办理"
    BLOCKED = "blocked", "停止处理（封存）"
    ERASED = "erased", "已删除"
    HANDED_OVER = "handed_over", "已转信息更正"


class IdentityCheck(models.TextChoices):
    """How it was made sure that the data subject is the one who asks. What was shown is not kept."""

    DOCUMENT = "document", "当面核对证件"
    CALL_BACK = "call_back", "回拨登记电话"
    QUESTIONS = "questions", "核对保单要素"
    AGENT = "agent", "核对代理人授权书"


class LegalGround(models.TextChoices):
    """Why personal data goes to an outside party (PIPL 13, 21, 23)."""

    CONTRACT = "contract", "履行合同所必需"
    DUTY = "duty", "履行法定义务"
    CONSENT = "consent", "本人单独同意"
    ENTRUSTED = "entrusted", "委托处理"
    RIGHT = "right", "本人行使查阅复制权"
