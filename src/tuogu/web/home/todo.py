"""What waits for this viewer, the nearest deadline first: real things only, each with why and one way on.

In: a viewer, what the rooms say. Out: ToDo lines. Never: something that the viewer may not do anything about, a deadline
that no rule names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from tuogu.books import queries as books
from tuogu.plans import queries as plans
from tuogu.web.home.blocks import Ground
from tuogu.web.home.pending import pending_on
from tuogu.web.home.todo_campaigns import campaign_reports
from tuogu.web.home.todo_cases import matters
from tuogu.web.home.todo_colleagues import handed_on, stands_in
from tuogu.web.home.todo_control import (
    codebook_changes,
    erasures,
    exports_asked,
    keys_in_clear,
    rules_submitted,
    subjects_requests,
)
from tuogu.web.home.todo_corrections import (
    lists_to_apply,
    lists_to_file,
    lists_to_sign,
    return_visits,
    scripts_made,
)
from tuogu.web.home.todo_data import addresses, broken, failed_jobs, halted_webhooks, rejects, reverts
from tuogu.web.home.todo_notices import leavers_notices, wordings_drafted
from tuogu.web.home.todo_plans import decisions, releases, sent_back, taken_back, undos
from tuogu.web.home.todo_pools import going_back
from tuogu.web.home.todo_renewals import renewals_waiting
from tuogu.web.home.todo_review import inspection
from tuogu.web.home.todo_rounds import late_steps, open_reviews
from tuogu.web.home.todo_transfers import transfers_asked
from tuogu.web.home.todo_work import care
from tuogu.web.parts import ToDo
from tuogu.web.viewer import Viewer

_WHERE_PENDING: tuple[tuple[str, Callable[[Viewer], Iterable[ToDo]]], ...] = (
    ("transfers", transfers_asked),
    ("exports", exports_asked),
    ("codebook", codebook_changes),
    ("wordings", wordings_drafted),
    ("scripts", scripts_made),
    ("lists_to_sign", lists_to_sign),
    ("lists_to_apply", lists_to_apply),
    ("lists_to_file", lists_to_file),
    ("claims", going_back),
    ("round_steps", late_steps),
    ("reviews", open_reviews),
    ("reverts", reverts),
    ("campaigns", campaign_reports),
)  # what is read only where the room has something open
DAYS_AHEAD = 7  # a release within a week is worth a look today


def todos(
    ground: Ground, stock: books.Stock, attention: plans.Attention, newest: books.ImportRecord | None
) -> list[ToDo]:
    """Everything that waits for the viewer; lines without a date come after those with one."""
    viewer, pending = ground.viewer, pending_on(ground.viewer.today)
    lines = [
        *broken(ground),
        *stands_in(viewer),
        *handed_on(viewer),
        *undos(viewer, attention),
        *decisions(viewer, attention),
        *releases(viewer, attention),
        *taken_back(viewer, attention),
        *sent_back(viewer, attention),
        *subjects_requests(viewer),
        *erasures(viewer),
        *keys_in_clear(viewer),
        *rules_submitted(viewer),
        *leavers_notices(viewer),
        *return_visits(viewer),
        *(line for name, read in _WHERE_PENDING if name in pending for line in read(viewer)),
        *care(viewer, pending),
        *matters(viewer, pending),
        *renewals_waiting(viewer, pending),
        *inspection(viewer, pending),
        *failed_jobs(viewer),
        *halted_webhooks(viewer),
        *rejects(viewer, newest),
        *addresses(viewer, stock),
    ]
    return sorted(lines, key=lambda line: line.due or date.max)
