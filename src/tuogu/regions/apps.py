"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """The stored code book: local changes by version, zones drawn on the map, decisions on doubtful addresses."""

    name = "tuogu.regions"
