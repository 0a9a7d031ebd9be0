"""The words of the ledger: kinds of subjects, relations, kinds of entries. Other rooms may import these."""

from __future__ import annotations

from django.db import models


class SubjectKind(models.TextChoices):
    """What can be held."""

    POLICY = "policy", "保单"
    CUSTOMER = "customer", "客户"
    VEHICLE_CASE = "vehicle_case", "车险续保件"


class Relation(models.TextChoices):
    """How it can be held. Each relation of a subject has its own, independent history."""

    CUSTODY = "custody", "责任"
    OWNERSHIP = "ownership", "归属"
    DEVELOPMENT = "development", "开发权"
    SUPERVISION = "supervision", "督导"


class EntryKind(models.TextChoices):
    """Why it moved."""

    OPEN = "open", "建档"
    RELEASE = "release", "下发"
    CLAIM = "claim", "认领"
    TRANSFER = "transfer", "调整"
    LEAVE = "leave", "离司接管"
    RETURN_TO_POOL = "return_to_pool", "退回公共池"
    UNDO = "undo", "撤销"
    CLOSE = "close", "终止"
    REOPEN = "reopen", "恢复"


# These need a second person; the database refuses them without one.
APPROVED_KINDS = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.UNDO)
