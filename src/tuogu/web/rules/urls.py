"""URLs of the rulebook."""

from __future__ import annotations

from django.urls import path

from tuogu.web.rules import drafts, views

app_name = "rules"
urlpatterns = [
    path("", views.parameters, name="list"),
    path("versions/", views.versions, name="versions"),
    path("compare/", views.compare, name="compare"),
    path("drafts/", drafts.listing, name="drafts"),
    path("drafts/new/", drafts.begin, name="begin"),
    path("drafts/<int:draft_id>/", drafts.draft, name="draft"),
    path("drafts/<int:draft_id>/rehearse/", drafts.rehearse, name="rehearse"),
    path("drafts/<int:draft_id>/submit/", drafts.submit, name="submit"),
    path("drafts/<int:draft_id>/withdraw/", drafts.withdraw, name="withdraw"),
    path("drafts/<int:draft_id>/decide/", drafts.decide, name="decide"),
    path("drafts/<int:draft_id>/change/<str:key>/", drafts.change, name="change"),
]
