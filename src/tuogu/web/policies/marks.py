"""Searches for a person, kept out of the address: the session holds the hash, the address a mark that means nothing.

In: a `Search` of a personal kind. Out: a mark; later the search again. Never: a name, phone or ID (the search holds only
their hash), a mark that works in another session.
"""

from __future__ import annotations

import secrets

from django.contrib.sessions.backends.base import SessionBase

from tuogu.books.queries import Search, SearchKind

_KEY = "policies_found"
_KEPT = 12  # searches of one session; older ones are forgotten
_MARK_BYTES = 6


def keep(session: SessionBase, search: Search) -> str:
    """Remember a search; returns its mark."""
    kept = dict(list(session.get(_KEY, {}).items())[-_KEPT + 1 :])
    mark = secrets.token_urlsafe(_MARK_BYTES)
    session[_KEY] = {**kept, mark: [search.kind.value, search.value]}
    return mark


def recall(session: SessionBase, mark: str) -> Search | None:
    """The search of a mark; None when it was forgotten or is somebody else's."""
    kind, value = session.get(_KEY, {}).get(mark, (None, None))
    return Search(SearchKind(kind), value) if kind else None
