"""Which tables lie in the side database. On PostgreSQL there is none, and everything lies in `default`.

Nothing in the side database may point at a row of the main one by a foreign key: ids are stored as plain numbers.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Model

SIDE = "side"
SIDE_APPS = frozenset({"accesslog", "jobs", "sessions", "django_tasks_database", "django_cache"})
SIDE_MODELS = frozenset({"integration.callday"})  # tables of rooms that otherwise lie in the main database


def side_alias() -> str:
    """The alias that side tables live under in this installation."""
    return SIDE if SIDE in settings.DATABASES else "default"


class SideRouter:
    """Django's database router for SIDE_APPS."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:  # noqa: ARG002  # Django's signature
        beside = model._meta.app_label in SIDE_APPS or model._meta.label_lower in SIDE_MODELS
        return side_alias() if beside else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        beside = (
            app_label in SIDE_APPS or f"{app_label}.{model_name}" in SIDE_MODELS or bool(hints.get("side"))
        )
        return db == (side_alias() if beside else "default")
