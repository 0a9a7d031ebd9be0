"""Pages of the imports. Keys of uploads stand last, so that the fixed words win."""

from __future__ import annotations

from django.urls import path

from tuogu.web.imports import known, mapping, others, reverting, runs, uploading

app_name = "imports"
urlpatterns = [
    path("", runs.listing, name="list"),
    path("new/", uploading.new, name="new"),
    path("template/", runs.template, name="template"),
    path("known/", known.listing, name="known"),
    path("known/<int:mapping_id>/forget/", known.forget, name="forget_known"),
    path("others/", others.listing, name="others"),
    path("others/<str:name>/", others.template, name="other_template"),
    path("runs/<int:run_id>/", runs.record, name="run"),
    path("runs/<int:run_id>/rejects/", runs.rejects, name="run_rejects"),
    path("runs/<int:run_id>/revert/", reverting.revert, name="revert"),
    path("runs/<int:run_id>/revert/ask/", reverting.ask, name="ask_revert"),
    path("runs/<int:run_id>/revert/confirm/", reverting.confirm, name="confirm_revert"),
    path("runs/<int:run_id>/revert/decline/", reverting.decline, name="decline_revert"),
    path("<str:key>/", uploading.upload, name="upload"),
    path("<str:key>/mapping/", mapping.mapping, name="mapping"),
    path("<str:key>/check/", uploading.check, name="check"),
    path("<str:key>/commit/", uploading.commit, name="commit"),
    path("<str:key>/discard/", uploading.discard, name="discard"),
    path("<str:key>/rejects/", uploading.rejects, name="rejects"),
]
