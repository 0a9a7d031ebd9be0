"""URLs below `/review/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.review import board, desk, lots, months, one_log, own_log, penalties

app_name = "review"
urlpatterns = [
    path("", board.home, name="home"),
    path("log/", own_log.log, name="log"),
    path("mine/", penalties.mine, name="mine"),
    path("desk/", desk.desk, name="desk"),
    path("people/<str:number>/", one_log.person, name="person"),
    path("people/<str:number>/<str:day>/", one_log.record, name="one_log"),
    path("people/<str:number>/<str:day>/report/", one_log.report, name="report"),
    path("reports/<int:report_id>/end/", one_log.end, name="end_report"),
    path("lots/", lots.register, name="lots"),
    path("lots/open/", lots.open_lot, name="open_lot"),
    path("lots/<int:lot>/", lots.lot, name="lot"),
    path("lots/<int:lot>/public.json", lots.public, name="lot_public"),
    path("lots/<int:lot>/secret/", lots.secret, name="lot_secret"),
    path("lots/<int:lot>/commit/", lots.commit, name="lot_commit"),
    path("lots/<int:lot>/reveal/", lots.reveal, name="lot_reveal"),
    path("penalties/", penalties.listing, name="penalties"),
    path("penalties/notify/", penalties.notify, name="notify"),
    path("penalties/<int:penalty_id>/", penalties.record, name="penalty"),
    path("penalties/<int:penalty_id>/appeal/", penalties.appeal, name="appeal"),
    path("penalties/<int:penalty_id>/decide/", penalties.decide, name="decide"),
    path("months/", months.months, name="months"),
    path("months/close/", months.close, name="close_month"),
]
