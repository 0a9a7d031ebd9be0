"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Consents and refusals, requests of data subjects, retention, the register of sharing."""

    name = "tuogu.privacy"
