from django.apps import AppConfig


class AccessLogConfig(AppConfig):
    name = "tuogu.accesslog"
    label = "accesslog"
    verbose_name = "查看留痕"
