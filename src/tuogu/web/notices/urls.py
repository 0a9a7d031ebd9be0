"""URLs of the notices."""

from __future__ import annotations

from django.urls import path

from tuogu.web.notices import (
    board,
    cases,
    contacts,
    leavers,
    letters,
    outbox,
    preparing,
    receipts,
    record,
    relations,
    wordings,
)

app_name = "notices"
urlpatterns = [
    path("", board.board, name="board"),
    path("cases/", cases.listing, name="cases"),
    path("cases/totals/", cases.totals, name="case_totals"),
    path("cases/prepare/", preparing.prepare, name="prepare"),
    path("cases/<int:case>/", record.record, name="case"),
    path("cases/<int:case>/proof/", record.prove, name="prove"),
    path("cases/<int:case>/waiver/", record.ask_waiver, name="ask_waiver"),
    path("waivers/<int:waiver>/", record.decide_waiver, name="decide_waiver"),
    path("red/", board.red, name="red"),
    path("outbox/", outbox.listing, name="outbox"),
    path("outbox/<int:message>/settle/", outbox.settle, name="settle"),
    path("outbox/<int:message>/cancel/", outbox.cancel, name="cancel"),
    path("letters/", letters.listing, name="letters"),
    path("letters/print/", letters.print_pages, name="print"),
    path("letters/merge/", letters.merge, name="merge"),
    path("letters/receipts/", letters.receipts, name="letter_receipts"),
    path("wordings/", wordings.listing, name="wordings"),
    path("wordings/<int:version>/decide/", wordings.decide, name="decide_wording"),
    path("leavers/<str:staff_number>/", leavers.leaver, name="leaver"),
    path("leavers/<str:staff_number>/formalities/", leavers.formalities, name="formalities"),
    path("relations/", relations.report, name="relations"),
    path("relations/file/", relations.file, name="relations_file"),
    path("contacts/", contacts.listing, name="contacts"),
    path("contacts/import/", contacts.import_sheet, name="import_contacts"),
    path("contacts/move/", contacts.move, name="move"),
    path("contacts/<int:transfer>/cancel/", contacts.cancel, name="cancel_move"),
    path("receipts/sms/", receipts.sms, name="sms_receipt"),
]
