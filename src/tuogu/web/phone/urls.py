"""URLs below `/m/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.phone import views

app_name = "phone"
urlpatterns = [
    path("", views.today, name="today"),
    path("customers/", views.customers, name="customers"),
    path("customers/<str:number>/", views.customer, name="customer"),
    path("customers/<str:number>/reveal/", views.reveal, name="reveal"),
    path("months/", views.months, name="months"),
]
