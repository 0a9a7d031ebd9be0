"""The table of sign-in accounts. Private to this room: others use `actions` and `queries`.

An account belongs to one person in `org` and carries no right: rights come from the posts that the person holds today.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "Account": {
        "id": "C0", "password": "C0", "last_login": "C1", "login": "C1", "person": "C1", "is_active": "C1",
        "must_change_password": "C0", "created_by": "C1", "created_at": "C1",
    },
}  # fmt: skip


class AccountManager(BaseUserManager["Account"]):
    """Finds an account by its login, as allauth and Django ask for it."""


class Account(AbstractBaseUser):
    """Who signs in. `login` is the staff number when the account was made and never changes."""

    login = models.TextField(unique=True)
    person = models.OneToOneField("org.Custodian", models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "login"
    objects = AccountManager()
