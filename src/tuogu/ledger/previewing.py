"""What an act would do if it were posted now, judged by the very statements that would post it.

In: the rows of a batch, or a posted batch. Out: counts and the rows that would be left out. Never: a row written outside
temporary tables, a lock, a verdict of its own.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db import connection

from tuogu.bulk import drop, fetch
from tuogu.ledger import batches, undoing
from tuogu.ledger.kinds import Relation
from tuogu.ledger.results import CONFLICTS, REDIRECTED, STALE, BatchPreview, UndoPreview
from tuogu.ledger.staging import looked_at
from tuogu.org import queries as org

_BACK = """
SELECT CASE WHEN r.custodian_id IS NOT NULL THEN j.previous_id ELSE %(buffer)s END, COUNT(*)
FROM ledger_judged j LEFT JOIN ledger_receivers r ON r.custodian_id = j.previous_id
WHERE j.head = j.batch_entry AND NOT (j.relation <> 'custody' AND j.previous_id IS NULL)
GROUP BY 1 ORDER BY 2 DESC, 1
"""


def preview_batch(frame: pl.DataFrame, *, relation: str = Relation.CUSTODY, on: date) -> BatchPreview:
    """What `post_batch` of frame[subject_id, custodian_id, expected_head] would do on the day `on`."""
    asked = frame.select(pl.col(name).cast(dtype) for name, dtype in batches.ASKED.items()).sort("subject_id")
    day = connection.ops.adapt_datefield_value(on)
    with looked_at({"ledger_asked": asked, "ledger_receivers": _receivers(on)}) as cursor:
        drop(cursor, "ledger_judged")
        cursor.execute(batches.JUDGE, {"relation": str(relation), "effective_date": day})
        stale = fetch(cursor, STALE, batches.LEFT_OUT)
        drop(cursor, "ledger_judged")
    return BatchPreview(asked.height - stale.height, stale)


def preview_undo(batch_id: int, *, on: date) -> UndoPreview:
    """What `undo_batch` would do on the day `on`."""
    with looked_at({"ledger_receivers": _receivers(on)}) as cursor:
        drop(cursor, "ledger_judged")
        cursor.execute(undoing.JUDGE, {"undoes": batch_id})
        back = fetch(
            cursor, {"custodian_id": pl.Int64, "subjects": pl.Int64}, _BACK, {"buffer": org.buffer_group()}
        )
        conflicts = fetch(cursor, CONFLICTS, undoing.CONFLICTS_FOUND)
        redirected = fetch(cursor, REDIRECTED, undoing.REDIRECTED_FOUND)
        drop(cursor, "ledger_judged")
        cursor.execute("SELECT COUNT(*) FROM ledger_entry WHERE batch_id = %s", [batch_id])
        (entries,) = cursor.fetchone()
    return UndoPreview(int(entries) - conflicts.height, back, conflicts, redirected)


def _receivers(on: date) -> pl.DataFrame:
    return pl.DataFrame({"custodian_id": org.receiving(on)}, schema={"custodian_id": pl.Int64})
