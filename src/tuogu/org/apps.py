"""The room of institutions, people, posts and scope."""

from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "tuogu.org"
    verbose_name = "机构与人员"
