"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """What people keep of lists: saved views and chosen columns."""

    name = "tuogu.lists"
