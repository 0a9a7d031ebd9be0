from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tuogu.accounts"
    label = "accounts"
    verbose_name = "登录账号"
