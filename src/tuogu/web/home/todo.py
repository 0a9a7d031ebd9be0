"""What waits for this viewer, the nearest deadline first: real things only, each with why and one way on.

In: a viewer, what the rooms say. Out: ToDo lines. Never: something that the viewer may not do anything about, a deadline
that no rule names.
"""

from __future__ import annotations

from datetime import date

from tuogu.books import queries as books
from tuogu.plans import queries as plans
from tuogu.web.home.blocks import Ground
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
from tuogu.web.home.todo_review import inspection
from tuogu.web.home.todo_rounds import late_steps, open_reviews
from tuogu.web.home.todo_transfers import transfers_asked
from tuogu.web.home.todo_work import care
from tuogu.web.parts import ToDo

DAYS_AHEAD = 7  # a release within a week is worth a look today


def todos(
    ground: Ground, stock: books.Stock, attention: plans.Attention, newest: books.ImportRecord | None
) -> list[ToDo]:
    """Everything that waits for the viewer; lines without a date come after those with one."""
    viewer = ground.viewer
    lines = [
        *broken(ground),
        *stands_in(viewer),
        *handed_on(viewer),
        *undos(viewer, attention),
        *decisions(viewer, attention),
        *releases(viewer, attention),
        *taken_back(viewer, attention),
        *sent_back(viewer, attention),
        *transfers_asked(viewer),
        *subjects_requests(viewer),
        *erasures(viewer),
        *exports_asked(viewer),
        *keys_in_clear(viewer),
        *rules_submitted(viewer),
        *codebook_changes(viewer),
        *leavers_notices(viewer),
        *wordings_drafted(viewer),
        *scripts_made(viewer),
        *lists_to_sign(viewer),
        *lists_to_apply(viewer),
        *lists_to_file(viewer),
        *return_visits(viewer),
        *going_back(viewer),
        *care(viewer),
        *matters(viewer),
        *inspection(viewer),
        *late_steps(viewer),
        *open_reviews(viewer),
        *failed_jobs(viewer),
        *halted_webhooks(viewer),
        *reverts(viewer),
        *rejects(viewer, newest),
        *addresses(viewer, stock),
    ]
    return sorted(lines, key=lambda line: line.due or date.max)
