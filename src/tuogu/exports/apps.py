"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Files that leave the house: asked with a reason, approved above a limit, watermarked, counted, expired."""

    name = "tuogu.exports"
