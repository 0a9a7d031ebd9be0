"""URLs of the draws."""

from __future__ import annotations

from django.urls import path

from tuogu.web.draws import acting, opening, showing

app_name = "draws"
urlpatterns = [
    path("", showing.register, name="list"),
    path("new/", opening.new, name="new"),
    path("<int:draw>/", showing.draw, name="draw"),
    path("<int:draw>/public.json", showing.public, name="public"),
    path("<int:draw>/numbers.csv", showing.numbers, name="numbers"),
    path("<int:draw>/secret/", acting.secret, name="secret"),
    path("<int:draw>/commit/", acting.commit, name="commit"),
    path("<int:draw>/reveal/", acting.reveal, name="reveal"),
]
