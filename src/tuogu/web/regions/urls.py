"""URLs of addresses and places."""

from __future__ import annotations

from django.urls import path

from tuogu.web.regions import (
    booklet,
    changes,
    codebook,
    deciding,
    desk,
    homes,
    patterns,
    visits,
    zones,
    zoning,
)

app_name = "regions"
urlpatterns = [
    path("addresses/", desk.home, name="home"),
    path("addresses/queue/", desk.queue, name="desk"),
    path("addresses/patterns/", patterns.listing, name="patterns"),
    path("addresses/pattern/", patterns.pattern, name="pattern"),
    path("addresses/undo/", deciding.undo, name="undo"),
    path("addresses/of/<str:number>/", desk.item, name="item"),
    path("addresses/of/<str:number>/search/", desk.search, name="search"),
    path("addresses/of/<str:number>/reveal/", desk.reveal, name="reveal"),
    path("addresses/of/<str:number>/choose/", deciding.choose, name="choose"),
    path("addresses/of/<str:number>/uncodable/", deciding.uncodable, name="uncodable"),
    path("addresses/of/<str:number>/skip/", deciding.skip, name="skip"),
    path("addresses/homes/", homes.listing, name="homes"),
    path("addresses/homes/<str:staff_number>/", homes.item, name="home_item"),
    path("addresses/homes/<str:staff_number>/decide/", homes.decide, name="decide_home"),
    path("codebook/", codebook.tree, name="codebook"),
    path("codebook/below/", codebook.below, name="below"),
    path("codebook/versions/", codebook.versions, name="versions"),
    path("codebook/booklet/", booklet.page, name="booklet"),
    path("codebook/booklet.xlsx", booklet.workbook, name="booklet_file"),
    path("codebook/changes/", changes.listing, name="changes"),
    path("codebook/changes/new/", changes.new, name="new_change"),
    path("codebook/changes/template.xlsx", changes.template, name="change_template"),
    path("codebook/changes/<int:proposal>/", changes.change, name="change"),
    path("codebook/changes/<int:proposal>/decide/", changes.decide, name="decide_change"),
    path("codebook/of/<str:code>/", codebook.record, name="code"),
    path("zones/", zones.board, name="zones"),
    path("zones/map.json", zones.ground, name="zones_map"),
    path("zones/draw/", zoning.draw, name="draw_zone"),
    path("zones/import/", zoning.take_over, name="import_zones"),
    path("zones/<int:zone>/", zones.record, name="zone"),
    path("zones/<int:zone>/redraw/", zoning.redraw, name="redraw_zone"),
    path("zones/<int:zone>/end/", zoning.end, name="end_zone"),
    path("visits/", visits.listing, name="visits"),
]
