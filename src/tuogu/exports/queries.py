"""Reads of this room, as plain values: one's own exports, those that wait for one's word, all of them, the export that a
leaked file came from, and tables for the audit pack.

Lists take a Scope (it applies to who asked) and are pages by id, newest first. Never: the content of a file.
"""

from __future__ import annotations

from tuogu.exports.audited import audit_tables
from tuogu.exports.kinds import Kind, all_kinds, label_of
from tuogu.exports.limits import Limits
from tuogu.exports.pending import pending
from tuogu.exports.reading import (
    STATES,
    ExportFilter,
    ExportRow,
    Moment,
    Taker,
    canaries_among,
    decided_by,
    export,
    export_page,
    history,
    own_page,
    shared_outside,
    takers,
    waiting_count,
    waiting_for,
)
from tuogu.exports.tracing import Found, Trace, trace, trace_file

__all__ = [
    "STATES",
    "ExportFilter",
    "ExportRow",
    "Found",
    "Kind",
    "Limits",
    "Moment",
    "Taker",
    "Trace",
    "all_kinds",
    "audit_tables",
    "canaries_among",
    "decided_by",
    "export",
    "export_page",
    "history",
    "label_of",
    "own_page",
    "pending",
    "shared_outside",
    "takers",
    "trace",
    "trace_file",
    "waiting_count",
    "waiting_for",
]
