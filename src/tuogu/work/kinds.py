"""The words of this room: kinds of records, outcomes, reasons. Other rooms may import these.

In: nothing. Out: enumerations. Never: a message or a call among what counts as a visit (A-30).
"""

from __future__ import annotations

from django.db import models

from tuogu.core.calling import ATTITUDES
from tuogu.core.labels import EVIDENCE_KINDS, VISIT_REASONS
from tuogu.core.visit_reasons import NO_VISIT


class Kind(models.TextChoices):
    """How a customer was served; the codes are those by which duties are met."""

    CALL = "call", EVIDENCE_KINDS["call"]
    VISIT = "visit", EVIDENCE_KINDS["visit"]
    SMS = "sms", EVIDENCE_KINDS["sms"]
    WECHAT = "wecom", EVIDENCE_KINDS["wecom"]
    LETTER = "letter", EVIDENCE_KINDS["letter"]
    CARD = "card", EVIDENCE_KINDS["card"]
    EVENT = "event", EVIDENCE_KINDS["event"]
    HANDED = "papers_delivered", EVIDENCE_KINDS["papers_delivered"]


class Purpose(models.TextChoices):
    """Why: service is a duty, the other two may be refused by the customer (N-17)."""

    SERVICE = "service", "服务"
    CAMPAIGN = "campaign", "活动开拓"
    RENEWAL = "renewal", "续保"


class Outcome(models.TextChoices):
    """What came of it."""

    MET = "met", "已见面"
    REACHED = "reached", "已联系上"
    SENT = "sent", "已送出"
    NOT_HOME = "not_home", "不在家"
    NO_SHOW = "no_show", "客户爽约"
    NO_ANSWER = "no_answer", "未接通"
    REFUSED = "refused", "不愿见面"
    WRONG_CONTACT = "wrong_contact", "联系方式不对"


class Attitude(models.TextChoices):
    """The class of a customer's attitude; it drives the order of visits (S4-22)."""

    WARM = "warm", ATTITUDES["warm"]
    COLD = "cold", ATTITUDES["cold"]


class Service(models.TextChoices):
    """Basic services (S1-26); the last two: told of the loss before a lapse (S4-20), paid."""

    EXPLAIN = "explain", "解释条款"
    VERIFY = "verify", "核实保单信息"
    REMIND = "remind", "收费提醒"
    PAY_METHOD = "pay_method", "确认交费方式"
    TRANSFER = "transfer", "办理转账"
    PRESERVATION = "preservation", "核实保全事宜"
    TIDY_UP = "tidy_up", "保单整理与建议"
    LOSS_NOTICE = "loss_notice", EVIDENCE_KINDS["loss_notice"]
    PAID = "payment", EVIDENCE_KINDS["payment"]  # by the receipt that the customer shows; never cash


class Reason(models.TextChoices):
    """Ten reasons to visit (S4-21)."""

    DUE = "due_reminder", VISIT_REASONS["due_reminder"]
    BONUS = "bonus", VISIT_REASONS["bonus"]
    DATA_CHANGE = "data_change", VISIT_REASONS["data_change"]
    BENEFIT = "benefit", VISIT_REASONS["benefit"]
    CLAIM = "claim", VISIT_REASONS["claim"]
    EXPLANATION = "explanation", VISIT_REASONS["explanation"]
    REVIEW = "review", VISIT_REASONS["review"]
    NEW_SERVICE = "new_service", VISIT_REASONS["new_service"]
    INFORMATION = "information", VISIT_REASONS["information"]
    GREETING = "greeting", VISIT_REASONS["greeting"]


class NoVisit(models.TextChoices):
    """Why a customer is not visited (S4-36). The last two open the repair of the data."""

    DIED = "died", NO_VISIT["died"]
    IMPRISONED = "imprisoned", NO_VISIT["imprisoned"]
    ABSCONDED = "absconded", NO_VISIT["absconded"]
    NUMBER_CHANGED = "number_changed", NO_VISIT["number_changed"]
    MOVED = "moved", NO_VISIT["moved"]


class Collection(models.TextChoices):
    """How the premium will be collected from a customer who will not meet anybody (S1-24)."""

    BANK = "bank", "银行转账"
    COUNTER = "counter", "柜面缴费"
    ONLINE = "online", "网上缴费"


class Asked(models.TextChoices):
    """Tasks that records and people ask for, beside the duties of the rulebook."""

    APPOINTMENT = "appointment", "赴约"
    DATA_REPAIR = "data_repair", "修正客户资料"
    SATISFACTION = "satisfaction", "补满意度调查问卷"
    RENEWAL = "renewal", "续保联系"
    NEXT_YEAR = "next_year", "来年转回联系"
    OTHER = "other", "交办事项"


class TaskOutcome(models.TextChoices):
    """How a task ended."""

    DONE = "done", "已完成"
    VOID = "void", "已失效"  # the subject closed, or the reason went away
    WAIVED = "waived", "已免办"


class Decision(models.TextChoices):
    """What becomes of a record whose customer has another custodian by now."""

    ACCEPT = "accept", "计入原责任人"
    TRANSFER = "transfer", "计入现责任人"
    DROP = "drop", "不计入"


BETWEEN_SERVICES, AFTER_SERVICES = "、", "；"  # how the tapped services stand before what was typed
