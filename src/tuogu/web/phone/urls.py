"""URLs below `/m/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.phone import claimed, pool, views

app_name = "phone"
urlpatterns = [
    path("", views.today, name="today"),
    path("customers/", views.customers, name="customers"),
    path("customers/<str:number>/", views.customer, name="customer"),
    path("customers/<str:number>/reveal/", views.reveal, name="reveal"),
    path("pool/", pool.pool, name="pool"),
    path("pool/mine/", pool.claims, name="claims"),
    path("pool/mine/<str:number>/", claimed.customer, name="claimed"),
    path("pool/mine/<str:number>/reveal/", claimed.reveal, name="claimed_reveal"),
    path("months/", views.months, name="months"),
]
