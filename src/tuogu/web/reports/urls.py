"""URLs below `/reports/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.reports import figures, frozen, issuing, rows, schedules, showing

app_name = "reports"
urlpatterns = [
    path("", showing.hub, name="hub"),
    path("issued/", issuing.listing, name="issued_list"),
    path("issued/<int:issue_id>/", issuing.record, name="issued"),
    path("issued/<int:issue_id>/file/", issuing.file, name="issued_file"),
    path("figures/<str:measure>/", figures.figure, name="figure"),
    path("figures/<str:measure>/map/", figures.ground, name="map"),
    path("figures/<str:measure>/rows/", rows.behind, name="rows"),
    path("frozen/", frozen.listing, name="frozen_list"),
    path("frozen/<str:month>/", frozen.record, name="frozen"),
    path("schedules/", schedules.listing, name="schedules"),
    path("schedules/add/", schedules.add, name="schedule_add"),
    path("schedules/<int:schedule_id>/stop/", schedules.stop, name="schedule_stop"),
    path("<str:key>/", showing.page, name="report"),
    path("<str:key>/issue/", issuing.issue, name="issue"),
    path("<str:key>/file/", showing.file, name="file"),
]
