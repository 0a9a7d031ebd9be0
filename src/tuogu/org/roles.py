"""The posts that people hold. One enumeration; labels are what the pages show. What a post may do stands in `rights`."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """What a person may be asked to do; where (an institution or a region, with all below) stands in the post."""

    ACCOUNT_MANAGER = "account_manager", "客户经理"
    TEAM_LEAD = "team_lead", "组长"
    DEPARTMENT_MANAGER = "department_manager", "部门经理"
    RESOURCE_CLERK = "resource_clerk", "资源管理岗"
    BUFFER_MEMBER = "buffer_member", "保全组成员"
    RENEWAL_ADMINISTRATOR = "renewal_administrator", "续期管理岗"
    BRANCH_MANAGER = "branch_manager", "机构负责人"
    PROVINCE_OFFICER = "province_officer", "省公司管理岗"
    CALL_CENTRE = "call_centre", "总公司客服中心"
    INSPECTOR = "inspector", "品质管理岗"
    IT_OFFICER = "it_officer", "信息技术岗"
    PRIVACY_OFFICER = "privacy_officer", "个人信息保护岗"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "系统管理员"
    SECURITY_ADMINISTRATOR = "security_administrator", "安全管理员"
