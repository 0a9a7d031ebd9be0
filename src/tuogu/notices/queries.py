"""Reads of this room. Lists take a Scope; what is out of scope looks like what is unknown."""

from __future__ import annotations

from tuogu.notices.audited import audit_tables
from tuogu.notices.clock import Clocks, clocks
from tuogu.notices.contact_lists import (
    ContactPage,
    TransferRow,
    contacts_with,
    customers_within,
    transfer_counts,
    transfer_page,
    transfer_within,
)
from tuogu.notices.delivering import ways_out
from tuogu.notices.letters import letter_sheet
from tuogu.notices.listing import (
    VIEWS,
    CaseFilter,
    CasePage,
    CaseRow,
    RedLine,
    case_ids,
    case_page,
    case_totals,
    red_lines,
    view_counts,
    waivers_asked,
)
from tuogu.notices.pending import pending
from tuogu.notices.preparing import case_code, case_of
from tuogu.notices.reconciling import DIFFERENT, STANDINGS, URGENT, combinations, three_relations
from tuogu.notices.records import (
    CaseRecord,
    LeaverRow,
    Line,
    MessageRow,
    OfCustomer,
    case_record,
    days_left,
    departure_of,
    leavers,
    letter_ids,
    message_page,
    message_within,
    of_customer,
    outbox_counts,
)
from tuogu.notices.templating import Version, current, versions
from tuogu.notices.templating import waiting as wordings_waiting
from tuogu.notices.told import DepartureTold, departure_told, departures_after
from tuogu.notices.wording import PLACEHOLDERS, Wording, shipped

__all__ = [
    "DIFFERENT",
    "PLACEHOLDERS",
    "STANDINGS",
    "URGENT",
    "VIEWS",
    "CaseFilter",
    "CasePage",
    "CaseRecord",
    "CaseRow",
    "Clocks",
    "ContactPage",
    "DepartureTold",
    "LeaverRow",
    "Line",
    "MessageRow",
    "OfCustomer",
    "RedLine",
    "TransferRow",
    "Version",
    "Wording",
    "audit_tables",
    "case_code",
    "case_ids",
    "case_of",
    "case_page",
    "case_record",
    "case_totals",
    "clocks",
    "combinations",
    "contacts_with",
    "current",
    "customers_within",
    "days_left",
    "departure_of",
    "departure_told",
    "departures_after",
    "leavers",
    "letter_ids",
    "letter_sheet",
    "message_page",
    "message_within",
    "of_customer",
    "outbox_counts",
    "pending",
    "red_lines",
    "shipped",
    "three_relations",
    "transfer_counts",
    "transfer_page",
    "transfer_within",
    "versions",
    "view_counts",
    "waivers_asked",
    "ways_out",
    "wordings_waiting",
]
