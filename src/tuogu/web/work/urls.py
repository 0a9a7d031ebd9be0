"""URLs of supervision."""

from __future__ import annotations

from django.urls import path

from tuogu.web.work import board, conflicts, counts, coverage, escalations, greetings, late, week_plans

app_name = "work"
urlpatterns = [
    path("", board.board, name="board"),
    path("map.json", board.ground, name="map"),
    path("late/", late.late, name="late"),
    path("late/<int:task_id>/waive", late.waive, name="waive"),
    path("escalations/", escalations.escalations, name="escalations"),
    path("conflicts/", conflicts.conflicts, name="conflicts"),
    path("conflicts/<int:conflict_id>/resolve", conflicts.resolve, name="resolve"),
    path("week-plans/", week_plans.week_plans, name="week_plans"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/gaps/", coverage.gaps, name="gaps"),
    path("counts/", counts.counts, name="counts"),
    path("greetings/", greetings.greetings, name="greetings"),
]
