"""The words of this room. Other rooms may import these."""

from __future__ import annotations

from django.db import models


class RegisterKind(models.TextChoices):
    """Which register is printed. The first two have the columns of S1-29, the others the reasons to visit (S4-21)."""

    CONTACT = "contact", "客户联系资料册"  # what falls due in a month, of one account manager
    ASSIGNED = "assigned", "保单分配登记表"  # what one account manager was given on a day
    VISIT_DAY = "visit_day", "拜访理由单（一天）"  # whom one goes to on a day, and why
    VISIT_WEEK = "visit_week", "拜访理由单（一周）"


VISITS = frozenset({RegisterKind.VISIT_DAY, RegisterKind.VISIT_WEEK})


class PrintState(models.TextChoices):
    """How far a printed register is on its way back."""

    OUT = "out", "待回收"
    PARTLY = "partly", "部分回收"
    SIGNED = "signed", "已签收"
    REPLACED = "replaced", "已另印"
