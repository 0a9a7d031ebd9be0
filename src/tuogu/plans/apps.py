from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "tuogu.plans"
    label = "plans"
