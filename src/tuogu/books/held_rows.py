"""The lines in which a phone shows what a person holds: policies, customers, arrivals, months. Nothing personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class HeldPolicy:
    """One policy. `next_due_date`: today or later; `passed_due_date`: earlier in this month; null = none."""

    number: str
    tail: str
    product_name: str | None
    state: str
    premium_fen: int | None
    payments_per_year: int | None
    payment_term_years: int | None
    holder_number: str
    insured_number: str | None
    orphan: bool
    orphan_type: str | None
    nature: str
    service_class: str
    inception_date: date | None
    lapse_date: date | None
    since_date: date
    came_by: str
    next_due_date: date | None
    passed_due_date: date | None
    community: str | None
    street: str | None
    district: str | None


@dataclass(frozen=True)
class HeldCustomer:
    """A policyholder with what is held of theirs. `tail`: last four of the policy that falls due next, which tells two of
    one name in one community apart; `mark`: where a list goes on after this one."""

    number: str
    tail: str
    street: str | None
    community: str | None
    policies: int
    lapsed: int
    next_due_date: date | None
    next_due_fen: int  # of everything due on that day
    yearly_premium_fen: int
    since_date: date  # the newest
    mark: str

    @property
    def place(self) -> str:
        """Street and community, '' where the address waits for a person."""
        return f"{self.street or ''}{self.community or ''}"


@dataclass(frozen=True)
class HeldBeside:
    """The customers before and after one in the order of the list; '' at its ends. `place` counts from 1."""

    before: str
    after: str
    place: int
    customers: int


@dataclass(frozen=True)
class CustomerPage:
    """Some customers in the order of their places; `after` = the mark to go on from, null at the end."""

    rows: tuple[HeldCustomer, ...]
    customers: int  # in the whole list
    policies: int
    after: str | None


@dataclass(frozen=True)
class Arrival:
    """What came to the person on one day by a decision."""

    since_date: date
    customers: int
    policies: int
    visit_until: date  # first day after the first window of visits


@dataclass(frozen=True)
class Month:
    """Pieces due in one calendar month: orphans, which count against the band, and the person's own business."""

    first_day: date
    orphans: int
    own: int
