"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """What an auditor takes home: the pack of a period, and its verification."""

    name = "tuogu.audit"
