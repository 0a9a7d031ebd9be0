"""The appointments of a person's day, with the hour and whether they were confirmed (S1-24, S1-25).

In: a person, a day. Out: meetings by hour. Never: an appointment of a customer whom the person does not hold, one
that was kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tuogu.core.rulebook import Rulebook
from tuogu.work import queries as work
from tuogu.work.kinds import Asked, Kind, Outcome

SHOWN_MAX = 24  # a day has no room for more


@dataclass(frozen=True)
class Meeting:
    """One appointment. `unconfirmed`: nobody has reached the customer again since it was made, and it is near."""

    customer_number: str
    at: datetime
    kind: str
    community: str | None
    unconfirmed: bool

    @property
    def kind_label(self) -> str:
        """电话, 面访 …"""
        return str(Kind(self.kind).label)


def meetings_of(tasks: list[work.TaskRow], day: date, now: datetime, rulebook: Rulebook) -> list[Meeting]:
    """The appointments among a person's open tasks that are due on `day`, by hour."""
    promised = [task for task in tasks if task.obligation == Asked.APPOINTMENT and task.due_date == day][
        :SHOWN_MAX
    ]
    near = timedelta(hours=int(rulebook["calling.reconfirm_hours"]))
    told = (
        work.records_of_customers([task.customer_number for task in promised], limit=SHOWN_MAX)
        if promised
        else {}
    )
    found = []
    for task in promised:
        records = told.get(task.customer_number, [])
        made = next((row for row in records if row.next_at is not None), None)
        if made is None or made.next_at is None:
            continue
        again = any(
            row.kind == Kind.CALL and row.outcome == Outcome.REACHED and row.happened_at > made.happened_at
            for row in records
        )
        late_enough = made.happened_at >= made.next_at - near  # made within these hours: nothing to confirm
        soon = now <= made.next_at <= now + near
        found.append(
            Meeting(
                task.customer_number, made.next_at, made.next_kind or str(Kind.VISIT), task.community,
                soon and not again and not late_enough and made.next_kind != Kind.CALL,
            )
        )  # fmt: skip
    return sorted(found, key=lambda meeting: (meeting.at, meeting.customer_number))
