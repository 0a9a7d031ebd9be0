"""The tables of sign-in accounts and of what was done to them. Private to this room: others use `actions` and `queries`.

An account belongs to one person in `org` and carries no right: rights come from the posts that the person holds today.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Account": {
        "id": "C0", "password": "C3", "last_login": "C1", "login": "C1", "person": "C1", "is_active": "C1",
        "must_change_password": "C0", "demo": "C0", "sessions_ended": "C0", "created_by": "C1", "created_at": "C1",
    },
    "AccountEvent": {
        "id": "C0", "person_id": "C1", "kind": "C0", "by_id": "C1", "at": "C1", "reason": "C1",
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
    demo = models.BooleanField(default=False)  # made by `tuogu demo`: only these may use the demo door
    sessions_ended = models.PositiveIntegerField(default=0)  # counts up: sessions opened before are void
    created_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "login"
    objects = AccountManager()

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Django compares this in each request with what the session was opened under."""
        hashed = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # missing in the stubs
        return f"{hashed}{self.sessions_ended:x}"


class AccountEvent(models.Model):
    """What was done to an account, by whom. Append-only by triggers; no foreign keys, so that it outlives all else."""

    class Kind(models.TextChoices):
        MADE = "made", "开立账号"
        PASSWORD_SET = "password_set", "重设密码"
        PASSWORD_CHANGED = "password_changed", "本人修改密码"
        FACTOR_ADDED = "factor_added", "启用动态口令"
        FACTOR_REMOVED = "factor_removed", "停用动态口令"
        FACTOR_RESET = "factor_reset", "重置动态口令"
        CODES_MADE = "codes_made", "生成恢复码"
        SIGNED_OUT = "signed_out", "退出所有设备"
        DEACTIVATED = "deactivated", "停用账号"
        REACTIVATED = "reactivated", "恢复账号"

    person_id = models.BigIntegerField(db_index=True)
    kind = models.TextField(choices=Kind.choices)
    by_id = models.BigIntegerField()
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
