from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tuogu.web"
    label = "web"
    verbose_name = "页面"
