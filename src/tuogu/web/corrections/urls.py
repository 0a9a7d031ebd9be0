"""URLs of the corrections."""

from __future__ import annotations

from django.urls import path

from tuogu.web.corrections import (
    batches,
    correcting,
    desk,
    papers,
    programmes,
    register,
    road,
    samples,
    scripts,
    truth,
)

app_name = "corrections"
urlpatterns = [
    path("", programmes.programmes, name="list"),
    path("programmes/new/", programmes.new, name="new_programme"),
    path("programmes/<int:programme>/", programmes.programme, name="programme"),
    path("programmes/<int:programme>/visits/", programmes.visits, name="visits"),
    path("programmes/<int:programme>/summary.xlsx", papers.summary_file, name="summary_file"),
    path("programmes/<int:programme>/desk/", desk.desk, name="desk"),
    path("programmes/<int:programme>/desk/<str:customer>/reveal/", desk.reveal, name="desk_reveal"),
    path("visits/<int:visit>/", correcting.visit, name="visit"),
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/new/", scripts.new, name="new_script"),
    path("scripts/<int:script>/", scripts.script, name="script"),
    path("scripts/<int:script>/approve/", scripts.approve, name="approve_script"),
    path("register/", register.register, name="register"),
    path("register/count/", register.count, name="register_count"),
    path("register/new/", register.new, name="new_amendment"),
    path("register/<int:amendment>/withdraw/", register.withdraw, name="withdraw"),
    path("register/<int:amendment>/reveal/", register.reveal, name="reveal"),
    path("customers/<str:customer>/", register.history, name="history"),
    path("batches/", batches.batches, name="batches"),
    path("batches/new/", batches.new, name="new_batch"),
    path("batches/<int:batch>/", batches.batch, name="batch"),
    path("batches/<int:batch>/freeze/", road.freeze, name="freeze"),
    path("batches/<int:batch>/sign/", road.sign, name="sign"),
    path("batches/<int:batch>/scan/", road.scan, name="scan"),
    path("batches/<int:batch>/return/", road.send_back, name="send_back"),
    path("batches/<int:batch>/receive/", road.receive, name="receive"),
    path("batches/<int:batch>/apply/", road.apply, name="apply"),
    path("batches/<int:batch>/file/", road.file_copy, name="file_copy"),
    path("batches/<int:batch>/undo/", road.undo, name="undo"),
    path("batches/<int:batch>/list.xlsx", papers.list_file, name="list_file"),
    path("batches/<int:batch>/filed.xlsx", papers.filed_file, name="filed_file"),
    path("batches/<int:batch>/signed-paper", papers.scan_file, name="scan_file"),
    path("truth/", truth.board, name="truth"),
    path("truth/check/", truth.check, name="check"),
    path("truth/findings/", truth.findings, name="findings"),
    path("truth/holds/", truth.holds, name="holds"),
    path("truth/holds/<int:hold>/close/", truth.close, name="close_hold"),
    path("truth/holds/corrected/", truth.close_corrected, name="close_corrected"),
    path("truth/samples/draw/", samples.draw, name="draw_sample"),
    path("truth/samples/<int:sample>/", samples.sample, name="sample"),
    path("truth/samples/items/<int:item>/", samples.verdict, name="verdict"),
]
