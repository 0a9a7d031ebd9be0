"""URLs below `/campaigns/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.campaigns import board, enrichment, evaluation, ranking, reports, scripts

app_name = "campaigns"
urlpatterns = [
    path("", board.listing, name="list"),
    path("open/", board.open_campaign, name="open"),
    path("scripts/", scripts.scripts, name="scripts"),
    path("<int:campaign_id>/", board.board, name="board"),
    path("<int:campaign_id>/end/", board.end, name="end"),
    path("<int:campaign_id>/reports/", reports.listing, name="reports"),
    path("<int:campaign_id>/reports/file/", reports.file, name="reports_file"),
    path("<int:campaign_id>/reports/<str:department>/<str:first>/", reports.write, name="write"),
    path("reports/<int:report_id>/", reports.record, name="report"),
    path("reports/<int:report_id>/audit/", reports.audit, name="audit"),
    path("<int:campaign_id>/rankings/", ranking.listing, name="rankings"),
    path("rankings/<int:ranking_id>/", ranking.bulletin, name="ranking"),
    path("rankings/<int:ranking_id>/publish/", ranking.publish, name="publish"),
    path("rankings/<int:ranking_id>/seminar/", ranking.seminar, name="seminar"),
    path("rankings/<int:ranking_id>/file/", ranking.file, name="ranking_file"),
    path("<int:campaign_id>/enrichment/", enrichment.enrichment, name="enrichment"),
    path("<int:campaign_id>/evaluation/", evaluation.evaluation, name="evaluation"),
]
