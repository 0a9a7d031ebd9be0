"""The room of sign-in accounts: hangs its triggers on post_migrate and its audit on what allauth does."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from tuogu.org.append_only import AppendOnly, guards_of, install

PROTECTED = (AppendOnly("accounts_accountevent"),)


class AccountsConfig(AppConfig):
    name = "tuogu.accounts"
    label = "accounts"
    verbose_name = "登录账号"

    def ready(self) -> None:
        from tuogu.accounts import self_service

        post_migrate.connect(_install, sender=self)
        self_service.listen()


def _install(using: str, **_: Any) -> None:
    install(connections[using], guards_of(PROTECTED, connections[using].vendor))
