"""Pages about people. Staff numbers stand last, so that the fixed words win."""

from __future__ import annotations

from django.urls import path

from tuogu.web.staff import account, calendar, exporting, institutions, leaving, posts, substitutes, views

app_name = "staff"
urlpatterns = [
    path("", views.register, name="list"),
    path("totals/", views.totals, name="totals"),
    path("export/", exporting.export, name="export"),
    path("duty/", posts.duty, name="duty"),
    path("posts/", posts.posts, name="posts"),
    path("posts/<int:post_id>/end/", posts.end_post, name="end_post"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/<int:absence_id>/end/", calendar.end_absence, name="end_absence"),
    path("substitutes/", substitutes.substitute, name="substitute"),
    path("substitutes/<int:substitute_id>/end/", substitutes.end_substitute, name="end_substitute"),
    path("institutions/", institutions.institutions, name="institutions"),
    path("institutions/<str:code>/", institutions.institution, name="institution"),
    path("<str:staff_number>/", views.record, name="record"),
    path("<str:staff_number>/reveal/", views.reveal, name="reveal"),
    path("<str:staff_number>/leave/", leaving.leave, name="leave"),
    path("<str:staff_number>/account/", account.account, name="account"),
    path("<str:staff_number>/account/act/", account.act, name="account_act"),
]
