"""What a typed text may mean to this viewer: policies, colleagues, batches; within scope, by exact numbers only.

In: a viewer and the text. Out: hits with links. Never: a search on part of a name, phone or ID, a hit out of scope, the
text of a search for a person in a link (the policies list keeps its hash in the session).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.home.links import link
from tuogu.web.policies import marks
from tuogu.web.viewer import Viewer

SHOWN_MAX = 8
TEXT_MAX = 64


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    kind: str  # policy | list | person | batch
    title: str
    text: str
    url: str


def hits(viewer: Viewer, text: str, session: SessionBase) -> list[Hit]:
    """Everything that `text` may mean, the most exact first."""
    typed = text.strip()[:TEXT_MAX]
    if not typed:
        return []
    search = books.read_search(typed)
    if search.personal:
        return _policies(viewer, search, "", session)
    return [*_colleague(viewer, typed), *_batch(viewer, typed), *_policies(viewer, search, typed, session)]


def _policies(viewer: Viewer, search: books.Search, typed: str, session: SessionBase) -> list[Hit]:
    """The policies themselves while they are few; one line that leads to the list when they are many."""
    if search.kind is books.SearchKind.UNKNOWN or not viewer.may("policies:record"):
        return []
    wanted = books.PolicyFilter(search=search)
    page = books.policy_page(viewer.scope, wanted, as_of=viewer.today, size=SHOWN_MAX)
    shown = personal.masked(row.holder_number for row in page.rows)
    found = [
        Hit("policy", row.number, _told(row, shown), link(viewer, "policies:record", row.number))
        for row in page.rows
    ]
    if page.after is not None and viewer.may("policies:list"):
        query = {"found": marks.keep(session, search)} if search.personal else {"q": typed}
        found.append(
            Hit("list", _("还有更多保单"), _("在清单里看全部"), link(viewer, "policies:list", **query))
        )
    return found


def _told(row: books.ListedRow, shown: dict[str, books.ShownCustomer]) -> str:
    """Masked name, place and product: enough to tell two policies with the same last four apart."""
    holder = shown.get(row.holder_number)
    place = f"{row.street or ''}{row.community or ''}"
    return " · ".join(part for part in (holder.name if holder else "", place, row.product_name) if part)


def _colleague(viewer: Viewer, typed: str) -> list[Hit]:
    if not viewer.may("staff:record"):
        return []
    row = org.staff_row(viewer.scope, typed)
    if row is None:
        return []
    return [Hit("person", row.name, row.staff_number, link(viewer, "staff:record", row.staff_number))]


def _batch(viewer: Viewer, typed: str) -> list[Hit]:
    """A batch by its whole key, or by its number."""
    if not viewer.may("ledger:batch"):
        return []
    found = ledger.batch_by_key(typed)
    if found is None:
        return []
    title = _("批次 %(number)s") % {"number": found["id"]}
    return [Hit("batch", title, typed, link(viewer, "ledger:batch", found["id"]))]
