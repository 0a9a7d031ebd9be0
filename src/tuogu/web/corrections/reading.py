"""What every page of the corrections asks alike: the record or 404, moments as typed, words for codes, people's names.

In: a viewer, ids, typed text. Out: values of the room below. Never: a record out of scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone

from tuogu.corrections import queries as corrections
from tuogu.corrections import words
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.web.paging import FIRST_DAY, LAST_DAY
from tuogu.web.viewer import Viewer

WORDS: dict[str, Mapping[str, str]] = {
    "channels": words.CHANNELS, "outcomes": words.OUTCOMES, "answer_states": words.ANSWER_STATES,
    "sources": words.SOURCES, "states": words.AMENDMENT_STATES, "line_outcomes": words.LINE_OUTCOMES,
    "verdicts": words.VERDICTS, "target_states": words.TARGET_STATES,
}  # fmt: skip


def programme_or_404(viewer: Viewer, programme: int) -> corrections.ProgrammeHead:
    """A programme within scope."""
    found = corrections.programme(viewer.scope, programme)
    if found is None:
        raise Http404
    return found


def batch_or_404(viewer: Viewer, batch: int) -> corrections.BatchHead:
    """A batch within scope; an account manager sees those of the own customers. One of which all lines were only taken
    over by another institution meanwhile stays with the institution that collected it."""
    found = corrections.batch(viewer.scope, batch, viewer.rulebook, at=viewer.now, person=signer(viewer))
    if found is None:
        raise Http404
    return found


def signer(viewer: Viewer) -> int | None:
    """The viewer as an account manager who signs for the own customers."""
    return viewer.person if viewer.can(Right.SIGN_AMENDMENTS) else None


def names_of(people: Iterable[int | None]) -> dict[int, str]:
    """Name of each custodian id."""
    return {person: known.name for person, known in org.known_as(people).items()}


def moment_of(text: str) -> datetime | None:
    """A moment typed as 2026-11-22T09:30, in Asia/Shanghai; None for anything else."""
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not FIRST_DAY <= typed.date() <= LAST_DAY:
        return None
    return typed if typed.tzinfo else timezone.make_aware(typed)


def institution_names(codes: Iterable[str | None]) -> dict[str, str]:
    """Names of institutions by code."""
    return org.institution_names(codes)


def rooms(viewer: Viewer, room: str) -> dict[str, Any]:
    """The tabs above every page of this room."""
    return {
        "room": room,
        **WORDS,
        "waiting": corrections.open_count(viewer.scope) if viewer.can(Right.READ_CORRECTIONS) else 0,
    }
