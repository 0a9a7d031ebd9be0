"""URLs of the privacy desk."""

from __future__ import annotations

from django.urls import path

from tuogu.web.privacy import consents, deciding, desk, periods, sharing

app_name = "privacy"
urlpatterns = [
    path("", desk.requests, name="home"),
    path("new/", desk.new, name="new"),
    path("requests/<int:request_id>/", desk.record, name="request"),
    path("requests/<int:request_id>/act/", deciding.act, name="act"),
    path("requests/<int:request_id>/decide/", deciding.decide, name="decide"),
    path("requests/<int:request_id>/copy/", deciding.copy, name="copy"),
    path("statements/", consents.statements, name="statements"),
    path("customers/<str:number>/", consents.customer, name="customer"),
    path("customers/<str:number>/door/", consents.door, name="door"),
    path("customers/<str:number>/lift/", consents.lift, name="lift"),
    path("sharing/", sharing.register, name="sharing"),
    path("sharing/parties/", sharing.parties, name="parties"),
    path("sharing/record/", sharing.processing, name="processing"),
    path("periods/", periods.periods, name="periods"),
]
