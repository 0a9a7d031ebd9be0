"""URLs below `/kit/`."""

from __future__ import annotations

from django.urls import path

from tuogu.web.kit import ground, hub, registers, returns, sheets, telling

app_name = "kit"
urlpatterns = [
    path("", hub.hub, name="hub"),
    path("scripts/", hub.scripts, name="scripts"),
    path("registers/", registers.listing, name="registers"),
    path("registers/<int:register>/", registers.record, name="register"),
    path("registers/<int:register>/print/", registers.paper, name="paper"),
    path("registers/<int:register>/file/", registers.file, name="register_file"),
    path("returns/", returns.returns, name="returns"),
    path("scans/<int:scan>/file/", returns.scan_file, name="scan_file"),
    path("customers/<str:number>/", sheets.customer, name="customer"),
    path("customers/<str:number>/print/", sheets.paper, name="sheets_paper"),
    path("customers/<str:number>/file/", sheets.file, name="sheets_file"),
    path("customers/<str:number>/members/", telling.member, name="member"),
    path("customers/<str:number>/members/<int:member>/remove/", telling.remove, name="remove_member"),
    path("customers/<str:number>/outside/", telling.outside, name="outside"),
    path("high-end/", ground.high_end, name="high_end"),
    path("high-end/file/", ground.high_end_file, name="high_end_file"),
    path("estates/", ground.estates, name="estates"),
    path("estates/file/", ground.estates_file, name="estates_file"),
]
