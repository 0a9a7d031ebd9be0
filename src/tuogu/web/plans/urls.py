"""URLs of the plans."""

from __future__ import annotations

from django.urls import path

from tuogu.web.plans import deciding, downloads, making, releasing, showing, strategy, undoing

app_name = "plans"
urlpatterns = [
    path("", showing.register, name="list"),
    path("new/", making.new, name="new"),
    path("making/", making.waiting, name="making"),
    path("<int:plan>/", showing.plan, name="plan"),
    path("<int:plan>/map.json", showing.picture, name="map"),
    path("<int:plan>/rows/", showing.rows, name="rows"),
    path("<int:plan>/placed/", strategy.placed, name="placed"),
    path("<int:plan>/tables/<slug:name>/", strategy.sheet, name="sheet"),
    path("<int:plan>/changes/", showing.changes, name="changes"),
    path("<int:plan>/compare/", showing.compare, name="compare"),
    path("<int:plan>/register.xlsx", downloads.register, name="register"),
    path("<int:plan>/changes.xlsx", downloads.changes, name="changes_file"),
    path("<int:plan>/decide/", deciding.decide, name="decide"),
    path("<int:plan>/withdraw/", deciding.withdraw, name="withdraw"),
    path("<int:plan>/release/", releasing.release, name="release"),
    path("releases/<int:release>/outlook/", releasing.outlook, name="release_outlook"),
    path("releases/<int:release>/cancel/", releasing.cancel, name="cancel"),
    path("releases/<int:release>/again/", releasing.again, name="again"),
    path("releases/<int:release>/undo/", undoing.undo, name="undo"),
    path("releases/<int:release>/undo/decide/", undoing.decide, name="undo_decide"),
]
