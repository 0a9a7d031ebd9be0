"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PoolsConfig(AppConfig):
    """Public pools: who may claim how much, what goes back by itself and when, what is hidden until claimed."""

    name = "tuogu.pools"
