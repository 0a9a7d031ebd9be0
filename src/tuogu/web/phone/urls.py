"""URLs below `/m/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.phone import calls, cases, claimed, listing, outbox, pool, record, route, tasks, views, week

app_name = "phone"
urlpatterns = [
    path("", views.today, name="today"),
    path("customers/", views.customers, name="customers"),
    path("customers/<str:number>/", views.customer, name="customer"),
    path("customers/<str:number>/reveal/", views.reveal, name="reveal"),
    path("customers/<str:number>/record/", record.form, name="record"),
    path("record/", record.blank, name="blank"),
    path("records/", record.records, name="records"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("conflicts/<int:conflict>/", outbox.conflict, name="conflict"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("calls/", calls.calls, name="calls"),
    path("names/", listing.names, name="names"),
    path("week/", week.week, name="week"),
    path("route/", route.route, name="route"),
    path("pool/", pool.pool, name="pool"),
    path("pool/mine/", pool.claims, name="claims"),
    path("pool/mine/<str:number>/", claimed.customer, name="claimed"),
    path("pool/mine/<str:number>/reveal/", claimed.reveal, name="claimed_reveal"),
    path("cases/", cases.listing, name="cases"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("receipts/<int:receipt_id>/", cases.receipt, name="receipt"),
    path("months/", views.months, name="months"),
]
