"""Every URL. One line a room; each name has a row in `permissions`."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from tuogu.web.api.urls import urls as api
from tuogu.web.home import buffer
from tuogu.web.home import views as home
from tuogu.web.phone import keeping
from tuogu.web.search import views as search

urlpatterns = [
    path("", home.home, name="home"),
    path("buffer/", buffer.rows, name="buffer"),
    path("buffer/lines/", buffer.lines, name="buffer_lines"),
    path("search/", search.search, name="search"),
    path("", include("tuogu.web.sign_in.urls")),
    path("", include("tuogu.web.me.urls")),
    path("", include("tuogu.web.health.urls")),
    path("exports/", include("tuogu.web.exports.urls")),
    path("imports/", include("tuogu.web.imports.urls")),
    path("jobs/", include("tuogu.web.jobs.urls")),
    path("policies/", include("tuogu.web.policies.urls")),
    path("customers/", include("tuogu.web.customers.urls")),
    path("lists/", include("tuogu.web.lists.urls")),
    path("transfers/", include("tuogu.web.transfers.urls")),
    path("ledger/", include("tuogu.web.ledger.urls")),
    path("kit/", include("tuogu.web.kit.urls")),
    path("notices/", include("tuogu.web.notices.urls")),
    path("work/", include("tuogu.web.work.urls")),
    path("renewals/", include("tuogu.web.renewals.urls")),
    path("campaigns/", include("tuogu.web.campaigns.urls")),
    path("reports/", include("tuogu.web.reports.urls")),
    path("chances/", include("tuogu.web.chances.urls")),
    path("cases/", include("tuogu.web.cases.urls")),
    path("pools/", include("tuogu.web.pools.urls")),
    path("review/", include("tuogu.web.review.urls")),
    path("staff/", include("tuogu.web.staff.urls")),
    path("rules/", include("tuogu.web.rules.urls")),
    path("system/keys/", include("tuogu.web.keys.urls")),
    path("system/", include("tuogu.web.system.urls")),
    path("api/v1/", api),
    path("m/", include("tuogu.web.phone.urls")),
    path("sw.js", keeping.worker, name="phone_worker"),
    path("plans/", include("tuogu.web.plans.urls")),
    path("draws/", include("tuogu.web.draws.urls")),
    path("facts/", include("tuogu.web.facts.urls")),
    path("fairness/", include("tuogu.web.fairness.urls")),
    path("territory/", include("tuogu.web.territory.urls")),
    path("corrections/", include("tuogu.web.corrections.urls")),
    path("", include("tuogu.web.regions.urls")),
    path("audit/", include("tuogu.web.audit.urls")),
    path("privacy/", include("tuogu.web.privacy.urls")),
    path("language/", set_language, name="set_language"),
]
handler400 = "tuogu.web.refusals.broken"
handler403 = "tuogu.web.refusals.refused"
handler404 = "tuogu.web.refusals.not_found"
handler500 = "tuogu.web.refusals.failed"
