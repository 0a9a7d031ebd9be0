"""The filing of every stored field by its class (L-05), found in the rooms themselves.

In: the installed applications. Out: each field with its class. Never: a list of rooms kept by hand; a field of ours, or of a
library whose tables lie in our database, that nobody has filed (a test fails the build).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib import import_module

from django.apps import AppConfig, apps
from django.db import models

CLASSES = {
    "C3": "秘密：口令、密钥、令牌",
    "C2": "个人信息：姓名、证件、电话、地址、生日",
    "C1": "业务数据：号码、金额、日期、理由",
    "C0": "技术数据：编号、摘要、状态",
}
OURS = "tuogu."
# Tables of libraries in our database: who wrote them does not file them, so we do.
LIBRARIES: dict[str, dict[str, dict[str, str]]] = {
    "contenttypes": {"ContentType": {"id": "C0", "app_label": "C0", "model": "C0"}},
    "auth": {
        "Permission": {"id": "C0", "name": "C0", "content_type": "C0", "codename": "C0"},
        "Group": {"id": "C0", "name": "C0"},
    },
    "sessions": {"Session": {"session_key": "C3", "session_data": "C3", "expire_date": "C0"}},
    "account": {
        "EmailAddress": {"id": "C0", "user": "C1", "email": "C2", "verified": "C0", "primary": "C0"},
        "EmailConfirmation": {"id": "C0", "email_address": "C0", "created": "C0", "sent": "C0", "key": "C3"},
    },
    "mfa": {
        "Authenticator": {
            "id": "C0", "user": "C1", "type": "C0", "data": "C3", "created_at": "C1", "last_used_at": "C1",
        },
    },
    "socialaccount": {
        "SocialApp": {
            "id": "C0", "provider": "C0", "provider_id": "C0", "name": "C0", "client_id": "C1", "secret": "C3",
            "key": "C3", "settings": "C0",
        },
        "SocialAccount": {
            "id": "C0", "user": "C1", "provider": "C0", "uid": "C1", "last_login": "C1", "date_joined": "C1",
            "extra_data": "C2",
        },
        "SocialToken": {
            "id": "C0", "app": "C0", "account": "C1", "token": "C3", "token_secret": "C3", "expires_at": "C0",
        },
    },
    "django_tasks_database": {
        "DBTaskResult": {
            "id": "C0", "status": "C0", "enqueued_at": "C0", "started_at": "C0", "finished_at": "C0",
            "args_kwargs": "C0", "priority": "C0", "task_path": "C0", "worker_ids": "C0", "queue_name": "C0",
            "backend_name": "C0", "run_after": "C0", "return_value": "C0", "exception_class_path": "C0",
            "traceback": "C0",
        },
    },
}  # fmt: skip


@dataclass(frozen=True)
class FiledField:
    """One stored field. `filed`: its class, '' = nobody has filed it."""

    room: str
    model: str
    field: str
    filed: str
    sealed: bool  # bytes in the database, never text


@dataclass(frozen=True)
class RoomFiling:
    """The fields of one application, and those that are filed but are gone."""

    label: str
    title: str
    ours: bool
    fields: tuple[FiledField, ...]
    gone: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many fields of each class."""
        return dict(Counter(field.filed for field in self.fields))


def filing() -> list[RoomFiling]:
    """Every application with tables: ours first, each by its name."""
    rooms = [
        _room(config)
        for config in apps.get_app_configs()
        if list(config.get_models(include_auto_created=True))
    ]
    return sorted(rooms, key=lambda room: (not room.ours, room.label))


def declared(config: AppConfig) -> dict[str, dict[str, str]]:
    """What a room itself says of its fields."""
    if not config.name.startswith(OURS):
        return LIBRARIES.get(config.label, {})
    found: dict[str, dict[str, str]] = getattr(import_module(f"{config.name}.models"), "PERSONAL", {})
    return found


def _room(config: AppConfig) -> RoomFiling:
    said = declared(config)
    fields, known = [], set()
    for model in config.get_models(include_auto_created=True):
        if model._meta.auto_created:  # a table of pairs of ids that Django makes of a relation
            continue
        filed = said.get(model.__name__, {})
        for field in model._meta.concrete_fields:
            known.add((model.__name__, field.name))
            sealed = isinstance(field, models.BinaryField)
            fields.append(
                FiledField(config.label, model.__name__, field.name, filed.get(field.name, ""), sealed)
            )
    gone = [
        f"{model}.{name}" for model, names in said.items() for name in names if (model, name) not in known
    ]
    return RoomFiling(
        config.label, str(config.verbose_name), config.name.startswith(OURS), tuple(fields), tuple(gone)
    )
