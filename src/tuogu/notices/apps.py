"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The 30-day clock of leavers: cases, letters, texts and WeCom messages with proof; contacts handed over."""

    name = "tuogu.notices"
