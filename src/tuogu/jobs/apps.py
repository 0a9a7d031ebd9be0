from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "tuogu.jobs"
    label = "jobs"
    verbose_name = "作业"
