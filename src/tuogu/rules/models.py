"""The table of adopted rulebooks. Private to this room; append-only by triggers."""

from __future__ import annotations

from django.db import models


class RulebookVersion(models.Model):
    """A rulebook as adopted: its whole content, so that a decision can be recomputed years later."""

    name = models.TextField()
    version = models.TextField()
    effective_date = models.DateField()
    content = models.JSONField()  # list of parameters, see content.py
    digest = models.TextField()  # Rulebook.digest()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    adopted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="rules_version_once", fields=["name", "version"])]
