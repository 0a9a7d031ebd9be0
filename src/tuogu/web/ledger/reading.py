"""What the distribution record is narrowed to, read from the address and shown as chips.

number     a policy number or its last four characters, or a customer number
custodian  a staff number, or `buffer`
batch      a batch's number, or the beginning of its key
kind, relation   as the ledger calls them
from, to   days of recording, both included
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org
from tuogu.web.paging import day_of, filter_chips
from tuogu.web.parts import Chip
from tuogu.web.policies.reading import BUFFER, NOBODY

_ID_DIGITS = 12  # a longer run of digits is a key


def wanted_of(query: Mapping[str, str]) -> books.AssignmentFilter:
    """The filter of the address."""
    until, batch = day_of(query.get("to", "")), query.get("batch", "").strip()
    is_id = batch.isdecimal() and len(batch) <= _ID_DIGITS
    return books.AssignmentFilter(
        number=query.get("number", "").strip(),
        custodian=_custodian(query.get("custodian", "").strip()),
        batch=int(batch) if is_id else None,
        batch_key="" if is_id else batch,
        kind=query.get("kind", ""),
        relation=query.get("relation", ""),
        since=day_of(query.get("from", "")),
        until=until + timedelta(days=1) if until else None,
    )


def _custodian(text: str) -> int | None:
    if not text:
        return None
    if text == BUFFER:
        return org.buffer_group()
    found = org.staff_ids([text])
    return int(found["custodian_id"][0]) if found.height else NOBODY


def kinds() -> list[tuple[str, str]]:
    """(code, word) of the kinds of entries."""
    return [(kind.value, _(str(kind.label))) for kind in EntryKind]


def relations() -> list[tuple[str, str]]:
    """(code, word) of the relations."""
    return [(relation.value, _(str(relation.label))) for relation in Relation]


def chips_of(query: Mapping[str, str]) -> list[Chip]:
    """The filters in force."""
    names = {
        "number": _("对象"), "custodian": _("责任人"), "batch": _("批次"), "kind": _("触发"), "relation": _("关系"),
        "from": _("入账自"), "to": _("入账至"),
    }  # fmt: skip
    words = {"kind": dict(kinds()), "relation": dict(relations()), "custodian": {BUFFER: _("保全组")}}
    return filter_chips(query, names, words, kept=("size",))
