"""URLs of the plans."""

from __future__ import annotations

from django.urls import path

from tuogu.web.plans import (
    adjusting,
    deciding,
    downloads,
    filings,
    making,
    releasing,
    reviews,
    rounds,
    showing,
    strategy,
    undoing,
)

app_name = "plans"
urlpatterns = [
    path("", showing.register, name="list"),
    path("new/", making.new, name="new"),
    path("making/", making.waiting, name="making"),
    path("rounds/", rounds.listing, name="rounds"),
    path("rounds/new/", rounds.new, name="round_new"),
    path("rounds/<int:number>/", rounds.record, name="round"),
    path("rounds/steps/<int:step>/", rounds.step, name="step"),
    path("filings/", filings.filings, name="filings"),
    path("filings/<int:filing>/file/", filings.filed_file, name="filed_file"),
    path("reviews/", reviews.listing, name="reviews"),
    path("reviews/<int:case>/", reviews.review, name="review"),
    path("reviews/policy/<str:number>/", reviews.explanation, name="explanation"),
    path("reviews/policy/<str:number>/ask/", reviews.ask, name="ask_review"),
    path("<int:plan>/", showing.plan, name="plan"),
    path("<int:plan>/adjust/", adjusting.adjust, name="adjust"),
    path("<int:plan>/adjust/upload/", adjusting.upload, name="adjust_upload"),
    path("<int:plan>/adjust/sheet.xlsx", adjusting.sheet, name="adjust_sheet"),
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
