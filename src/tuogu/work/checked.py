"""When a policy was last checked and tidied up, as records that stand say (S4-17): for the check-up sheet.

In: subjects. Out: a day for each that ever was. Never: a record that a later one corrected.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tuogu.bulk import in_parts
from tuogu.work.models import RecordPolicy

_BATCH = 5_000  # subjects of one query: below the parameter limits of both databases


def checked_on(subjects: Sequence[int]) -> dict[int, date]:
    """Subject → the last day on which a record that stands checked and tidied it up; never checked = absent."""
    found: dict[int, date] = {}
    for part in in_parts(subjects, _BATCH):
        rows = RecordPolicy.objects.filter(
            subject_id__in=part,
            checked=True,
            record__corrected_by__isnull=True,
        ).values_list("subject_id", "record__happened_date")
        for subject, day in rows:
            found[subject] = max(day, found.get(subject, day))
    return found
