"""Every stored field of the books and the plans is filed by its class of personal data, and C2 text is ciphertext."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from tuogu.accesslog.models import PERSONAL as ACCESSLOG
from tuogu.accounts.models import PERSONAL as ACCOUNTS
from tuogu.books.models import PERSONAL as BOOKS
from tuogu.plans.models import PERSONAL as PLANS

FILED = [("accesslog", ACCESSLOG), ("accounts", ACCOUNTS), ("books", BOOKS), ("plans", PLANS)]


@pytest.mark.parametrize(("room", "filed"), FILED)
def test_every_field_has_a_class_and_no_class_is_of_a_field_that_is_gone(room, filed):
    found = {
        m.__name__: {f.name for f in m._meta.concrete_fields} for m in apps.get_app_config(room).get_models()
    }
    assert {model: set(fields) for model, fields in filed.items()} == found
    assert {c for fields in filed.values() for c in fields.values()} <= {"C0", "C1", "C2"}


@pytest.mark.parametrize(("room", "filed"), FILED)
def test_personal_text_is_stored_as_bytes_only(room, filed):
    for model in apps.get_app_config(room).get_models():
        for field in model._meta.concrete_fields:
            if filed[model.__name__][field.name] == "C2" and not isinstance(field, models.DateField):
                assert isinstance(field, models.BinaryField), f"{model.__name__}.{field.name}"
