"""URLs below `/m/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.phone import (
    calls,
    cases,
    claimed,
    family,
    listing,
    outbox,
    pool,
    record,
    referrals,
    renewals,
    route,
    tasks,
    views,
    week,
)
from tuogu.web.review import own_log

app_name = "phone"
urlpatterns = [
    path("", views.today, name="today"),
    path("customers/", views.customers, name="customers"),
    path("customers/<str:number>/", views.customer, name="customer"),
    path("customers/<str:number>/reveal/", views.reveal, name="reveal"),
    path("customers/<str:number>/record/", record.form, name="record"),
    path("customers/<str:number>/records/<int:record>/correct/", record.correction, name="correct"),
    path("customers/<str:number>/family/", family.family, name="family"),
    path("customers/<str:number>/referrals/", referrals.referrals, name="referrals"),
    path("log/", own_log.phone_log, name="log"),
    path("log/blank/", own_log.phone_blank, name="log_blank"),
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
    path("renewals/", renewals.mine, name="renewals"),
    path("renewals/open/", renewals.open_round, name="renewals_open"),
    path("renewals/blank/", renewals.blank, name="renewal_blank"),
    path("renewals/<int:subject>/", renewals.one, name="renewal"),
    path("cases/", cases.listing, name="cases"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("receipts/<int:receipt_id>/", cases.receipt, name="receipt"),
    path("months/", views.months, name="months"),
]
