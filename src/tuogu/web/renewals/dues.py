"""What is due next on a case, and by when: the lines of the board's cards (S3-04, S3-08, S3-10, S3-13).

In: a viewer, lines of a pipeline. Out: for each case what is to be done, and the day. Never: a rule: the room has the days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.core.motor.words import STEPS
from tuogu.renewals import queries as renewals
from tuogu.web.renewals.reading import Row
from tuogu.web.viewer import Viewer


@dataclass(frozen=True)
class Due:
    """What is to be done, until which day."""

    what: str
    day: date


def dues(viewer: Viewer, rows: Iterable[Row]) -> dict[int, Due]:
    """By case: claim it, talk to the customer, decide, or the step that comes next; where cover has ended, the rescue."""
    lines = list(rows)
    coming = renewals.next_steps([row["subject_id"] for row in lines if row["own_contacts"]], viewer.today)
    rounds: dict[int, date] = {}
    if any(row["stage"] == "second" for row in lines):
        opened = renewals.second_waiting(viewer.scope, viewer.now)
        rounds = {one.subject_id: business_date(one.until_at) for one in opened}
    return {row["subject_id"]: _due(row, coming.get(row["subject_id"]), rounds) for row in lines}


def _due(row: Row, coming: tuple[str, date] | None, rounds: dict[int, date]) -> Due:
    last: date = row["expiry_date"]
    by_cover = {"lapsed": _("脱保挽救"), "head_office": _("总公司呼出"), "final": _("最终确认")}
    if row["stage"] == "second":
        return Due(_("二次认领"), rounds.get(int(row["subject_id"]), last))
    if row["stage"] in by_cover:
        return Due(by_cover[row["stage"]], last)
    if not row["named"] and row["claim_due_date"]:
        return Due(_("认领期限"), row["claim_due_date"])
    if not row["own_contacts"] and row["contact_date"]:
        return Due(_("联系客户"), row["contact_date"])
    return Due(_(STEPS[coming[0]]), coming[1]) if coming else Due(_("续保到期"), last)
