from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tuogu.web"
    label = "web"
    verbose_name = "页面"

    def ready(self) -> None:
        from tuogu.web import checks  # noqa: F401  # importing registers them
        from tuogu.web.exports.registry import register_kinds

        register_kinds()
