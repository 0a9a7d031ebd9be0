"""What stands beside a listed policy on a page: masked customers, names of custodians, units, days.

In: listed rows. Out: one `Line` each. Never: a query for each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tuogu.books.people import ShownCustomer
from tuogu.books.queries import ListedRow
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web import personal
from tuogu.web.viewer import Viewer

NOBODY = org.KnownAs("", "")


@dataclass(frozen=True)
class Line:
    """One policy as a row of a page."""

    policy: ListedRow
    holder: ShownCustomer | None
    insured: ShownCustomer | None
    custodian: str
    staff_number: str  # '' for a pool
    unit: str
    days_held: int | None
    due_in: int | None  # days to the due day, only where it is near

    @property
    def insured_is_holder(self) -> bool:
        """本人."""
        return self.policy.insured_number in (None, self.policy.holder_number)


def lines(viewer: Viewer, rows: Sequence[ListedRow]) -> list[Line]:
    """The rows with what stands beside them."""
    customers = personal.masked({n for row in rows for n in (row.holder_number, row.insured_number) if n})
    called = org.known_as(row.custodian_id for row in rows)
    units = plans.unit_codes(row.subject_id for row in rows)
    soon = viewer.rulebook["lists.due_soon_days"]
    return [
        Line(
            policy=row,
            holder=customers.get(row.holder_number),
            insured=customers.get(row.insured_number or ""),
            custodian=called.get(row.custodian_id or 0, NOBODY).name,
            staff_number=called.get(row.custodian_id or 0, NOBODY).staff_number,
            unit=units.get(row.subject_id, ""),
            days_held=(viewer.today - row.since_date).days if row.since_date else None,
            due_in=_due_in(viewer, row, soon),
        )
        for row in rows
    ]


def _due_in(viewer: Viewer, row: ListedRow, soon: int) -> int | None:
    if row.next_due_date is None:
        return None
    left = (row.next_due_date - viewer.today).days
    return left if 0 <= left <= soon else None
