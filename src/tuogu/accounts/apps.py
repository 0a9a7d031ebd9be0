"""The room of sign-in accounts: hangs its triggers on post_migrate and its audit on what allauth does."""

from django.apps import AppConfig

from tuogu.org.append_only import AppendOnly, keep_installed

PROTECTED = (AppendOnly("accounts_accountevent"),)


class AccountsConfig(AppConfig):
    name = "tuogu.accounts"
    label = "accounts"
    verbose_name = "登录账号"

    def ready(self) -> None:
        from tuogu.accounts import self_service

        keep_installed(self, PROTECTED)
        self_service.listen()
