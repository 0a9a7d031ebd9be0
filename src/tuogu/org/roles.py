"""The roles that people hold. One enumeration; labels are what the pages show."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """What a person may be asked to do. Which page needs which role is written where it is used."""

    ACCOUNT_MANAGER = "account_manager", "客户经理"
    TEAM_LEAD = "team_lead", "组长"
    RESOURCE_CLERK = "resource_clerk", "资源管理岗"
    BUFFER_MEMBER = "buffer_member", "保全组成员"
    BRANCH_MANAGER = "branch_manager", "机构负责人"
    INSPECTOR = "inspector", "检查岗"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "系统管理员"
