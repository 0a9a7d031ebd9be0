"""One box, many words: tells what a person typed into the search box, and hashes what is personal at once.

In: the typed text. Out: `Search`, which holds a number as typed or a keyed hash, never a name, phone or ID in clear.
Never: a search on part of a personal value; personal text in what is returned (it may be kept in a session).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from tuogu import vault
from tuogu.books.models import Customer, ListedPolicy
from tuogu.core.identity import resident_id
from tuogu.core.standardise_text import name

_DISPLAY = re.compile(r"^[0-9]{6}(?:[0-9]{2}){0,2}$")  # street, community, unit: two digits a level
_PHONE = re.compile(r"^(?:\+?86)?(1[3-9][0-9]{9})$")
_ID = re.compile(r"^(?:[0-9]{15}|[0-9]{17}[0-9Xx])$")
_ID_LONG = 18  # GB 11643
_TAIL = re.compile(r"^[0-9A-Za-z]{4}$")


class SearchKind(StrEnum):
    """What was typed."""

    POLICY = "policy"  # a whole policy number
    TAIL = "tail"  # the last four characters of one
    DISPLAY = "display"  # a display code, or a unit code (its community is listed)
    NAME = "name"
    PHONE = "phone"
    ID = "id"
    UNKNOWN = "unknown"


PERSONAL_KINDS = frozenset({SearchKind.NAME, SearchKind.PHONE, SearchKind.ID})


@dataclass(frozen=True)
class Search:
    """`value` is the number as typed; for a personal kind the forms of its hash in hexadecimal, with spaces between."""

    kind: SearchKind
    value: str

    @property
    def personal(self) -> bool:
        """Whether the value must stay out of URLs (even its hash tells who was looked for)."""
        return self.kind in PERSONAL_KINDS


def read_search(text: str) -> Search:
    """Decide what `text` is. A stored policy number is one, whatever else its digits look like."""
    typed = "".join(text.split())
    if not typed:
        return Search(SearchKind.UNKNOWN, "")
    if ListedPolicy.objects.filter(number=typed).exists():
        return Search(SearchKind.POLICY, typed)
    if phone := _PHONE.match(typed):
        return Search(SearchKind.PHONE, _hashed(phone.group(1), "phone"))
    if _ID.match(typed):
        return Search(SearchKind.ID, _hashed(_whole_id(typed), "id"))
    if _TAIL.match(typed):
        return Search(SearchKind.TAIL, typed)
    if _DISPLAY.match(typed):
        return Search(SearchKind.DISPLAY, typed)
    if re.search(r"[0-9]", typed):
        return Search(SearchKind.UNKNOWN, "")
    return Search(SearchKind.NAME, _hashed(_standard_name(text), "name"))


def holders_found(search: Search) -> list[str]:
    """Numbers of the customers whose name, phone or ID has this hash; a handful, by number."""
    column = {SearchKind.NAME: "name_hash", SearchKind.PHONE: "phone_hash", SearchKind.ID: "id_hash"}[
        search.kind
    ]
    asked = [bytes.fromhex(form) for form in search.value.split()]
    forms = [
        *asked,
        *vault.newest_hashes(asked),
    ]  # a search kept in a session may be older than the newest hash key
    rows = Customer.objects.filter(**{f"{column}__in": forms}).order_by("number")
    return list(rows.values_list("number", flat=True))


def _whole_id(typed: str) -> str:
    """The form under which IDs are stored: upper case, one of 15 digits with its 18."""
    number = typed.upper()
    return (
        number
        if len(number) == _ID_LONG
        else str(pl.select(resident_id(pl.lit(number)).number).item() or number)
    )


def _standard_name(text: str) -> str:
    """The form under which names are stored."""
    return str(pl.select(name(pl.lit(text)).value).item() or text)


def _hashed(text: str, purpose: str) -> str:
    return " ".join(form.hex() for form in vault.hash_forms(text, purpose))
