"""This room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    """Customers' data made whole: return visits, the amendment register, signed batches for IT, samples and holds."""

    name = "tuogu.corrections"
