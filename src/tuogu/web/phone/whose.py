"""Whose customers a phone shows: the viewer's own, or those of a colleague for whom the viewer stands in (P-05).

In: a viewer, the staff number in the address. Out: whose list it is; the colleagues to choose from. Never: a colleague for
whom nobody has named the viewer, a list after the last day.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.web.viewer import Viewer

FIELD = "of"  # of the address


@dataclass(frozen=True)
class Colleague:
    """Somebody whose prompts the viewer receives."""

    person: int
    name: str
    staff_number: str


@dataclass(frozen=True)
class Whose:
    """The list that is shown. `colleague`: None for the viewer's own; `query` keeps the choice in links."""

    person: int
    colleague: Colleague | None

    @property
    def query(self) -> str:
        """What links carry on, without a question mark."""
        return f"{FIELD}={self.colleague.staff_number}" if self.colleague else ""


def colleagues(viewer: Viewer) -> list[Colleague]:
    """Everybody for whom the viewer stands in today, by staff number."""
    if not viewer.acting_for:
        return []
    known = org.known_as(viewer.acting_for)
    found = [
        Colleague(person, known[person].name, known[person].staff_number) for person in viewer.acting_for
    ]
    return sorted(found, key=lambda one: one.staff_number)


def whose(viewer: Viewer, staff_number: str) -> Whose:
    """The list that an address names; 404 for a colleague of somebody else."""
    if not staff_number:
        return Whose(viewer.person, None)
    for one in colleagues(viewer):
        if one.staff_number == staff_number:
            return Whose(one.person, one)
    raise Http404


def holder_of(viewer: Viewer, number: str) -> tuple[Whose, list[books.HeldPolicy]]:
    """Under whom the viewer sees a customer: the own name first, then the colleagues'; 404 when under none."""
    for one in (None, *colleagues(viewer)):
        shown = Whose(one.person if one else viewer.person, one)
        policies = books.held_by_person(shown.person, viewer.today, customer=number).of_customer(number)
        if number and policies:
            return shown, policies
    raise Http404


def held_with(viewer: Viewer, number: str) -> tuple[Whose, books.Held]:
    """The same with everything that this person holds."""
    for one in (None, *colleagues(viewer)):
        shown = Whose(one.person if one else viewer.person, one)
        held = books.held_by_person(shown.person, viewer.today)
        if held.of_customer(number):
            return shown, held
    raise Http404
