"""Every stored field of every room is filed by its class of personal data, and what is personal or secret is no plain text.

Rooms are found, not listed: an application that is installed tomorrow is tested tomorrow.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from tuogu.privacy.filing import CLASSES, LIBRARIES, FiledField, filing

ROOMS = filing()
# C2 and C3 that are no ciphertext, each for a reason
PLAIN = {
    "books.Customer.birth_date",  # ages are counted by the set; shown by the year only
    "accounts.Account.password",  # Django's salted hash
    "sessions.Session.session_key",  # Django's own, ended within a working day
    "sessions.Session.session_data",
    "mfa.Authenticator.data",  # sealed by our adapter before it is stored
    "account.EmailAddress.email",  # allauth's; nobody has one here
    "account.EmailConfirmation.key",
    "socialaccount.SocialApp.secret",  # allauth's; providers stand in the settings
    "socialaccount.SocialApp.key",
    "socialaccount.SocialAccount.extra_data",
    "socialaccount.SocialToken.token",
    "socialaccount.SocialToken.token_secret",
}


def every_field() -> list[FiledField]:
    return [field for room in ROOMS for field in room.fields]


def path(field: FiledField) -> str:
    return f"{field.room}.{field.model}.{field.field}"


@pytest.mark.req("L-05")
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.label)
def test_every_field_has_a_class_and_no_class_is_of_a_field_that_is_gone(room):
    assert [path(field) for field in room.fields if field.filed not in CLASSES] == []
    assert room.gone == ()


@pytest.mark.req("L-05")
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.label)
def test_what_is_personal_or_secret_is_stored_as_ciphertext(room):
    plain = {path(f) for f in room.fields if f.filed in ("C2", "C3") and not f.sealed}
    assert plain <= PLAIN


def test_rooms_are_found_by_themselves():
    found = {room.label for room in ROOMS}
    installed = {c.label for c in apps.get_app_configs() if list(c.get_models())}
    assert found == installed
    assert {"org", "rules", "ledger", "jobs", "exports", "books", "privacy"} <= found
    assert {path(field) for field in every_field()} >= PLAIN, "an exception for a field that is gone"
    assert set(LIBRARIES) <= installed


def test_a_field_that_nobody_filed_is_found(monkeypatch: pytest.MonkeyPatch):
    from tuogu.exports import models as exports

    kept = {name: dict(fields) for name, fields in exports.PERSONAL.items()}
    del kept["Export"]["reason"]
    kept["Export"]["motive"] = "C1"
    monkeypatch.setattr(exports, "PERSONAL", kept)
    room = next(room for room in filing() if room.label == "exports")
    assert [field.field for field in room.fields if not field.filed] == ["reason"]
    assert room.gone == ("Export.motive",)


def test_names_that_sound_personal_are_not_filed_as_harmless():
    """A phone, a name of a person, an address or an ID that is called so must not pass as business data in plain text."""
    telling = ("phone", "id_number", "address", "home", "employer", "token", "secret", "password")
    for field in every_field():
        model = apps.get_model(field.room, field.model)
        stored = model._meta.get_field(field.field)
        if isinstance(stored, models.TextField | models.CharField) and any(
            w in field.field.split("_") for w in telling
        ):
            assert field.filed in ("C2", "C3") or "hash" in field.field, path(field)
