"""What batches gave to whom and is still given: their entries, without those that were taken back (N-10).

In: batches, the days that count. Out: entries. Never: an entry that an undo took back, or whose subject went straight back
to a pool (return_to_pool, or a release to a pool such as a reclaim). Who passed a piece on to another person, or kept it
until he left, was given it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl
from django.db.models import Exists, OuterRef

from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.models import Entry

GIVEN = {
    "batch_id": pl.Int64,
    "subject_id": pl.Int64,
    "number": pl.String,  # null = erased
    "custodian_id": pl.Int64,
    "effective_date": pl.Date,
}
_KEYS = {"subject_id": pl.Int64, "relation": pl.String, "seq": pl.Int64}


def still_given(batch_ids: Iterable[int], *, first: date, last: date) -> pl.DataFrame:
    """GIVEN, of the entries that count from a day of `first`..`last`, by batch and subject. Two queries."""
    wanted = sorted(set(batch_ids))
    posted = Entry.objects.filter(batch_id__in=wanted, effective_date__range=(first, last))
    rows = posted.order_by("batch_id", "subject_id", "relation", "seq").values_list(
        "batch_id", "subject_id", "subject__number", "custodian_id", "effective_date", "relation", "seq"
    )
    entries = pl.DataFrame(list(rows), schema=GIVEN | _KEYS, orient="row")
    later = _later(wanted)
    undone = later.filter(kind=EntryKind.UNDO)
    cancelled = undone.select("subject_id", "relation", batch_id="undoes")
    # an undone act is as if it had not been: what it undid and the undo itself are no step of the subject's way
    steps = later.join(undone, on="id", how="anti").join(
        cancelled, on=["subject_id", "relation", "batch_id"], how="anti"
    )
    held = entries.join(cancelled, on=["subject_id", "relation", "batch_id"], how="anti")
    following = held.join(steps, on=["subject_id", "relation"], suffix="_next").filter(
        pl.col("seq_next") > pl.col("seq")
    )
    returned = (
        following.sort("seq_next")
        .unique(["subject_id", "relation", "seq"], keep="first", maintain_order=True)
        .filter("returns")
    )
    return held.join(returned, on=["subject_id", "relation", "seq"], how="anti").select(*GIVEN)


def _later(batch_ids: list[int]) -> pl.DataFrame:
    """What came after an entry of these batches in the same relation. `returns`: it went back to a pool."""
    before = Entry.objects.filter(
        batch_id__in=batch_ids, subject_id=OuterRef("subject_id"), relation=OuterRef("relation"),
        seq__lt=OuterRef("seq"),
    )  # fmt: skip
    fields = {
        "id": pl.Int64, "kind": pl.String, "holder": pl.String, "batch_id": pl.Int64, "undoes": pl.Int64,
    } | _KEYS  # fmt: skip
    rows = Entry.objects.filter(Exists(before)).values_list(
        "id", "kind", "custodian__kind", "batch_id", "batch__undoes_id", *_KEYS
    )
    found = pl.DataFrame(list(rows), schema=fields, orient="row")
    to_a_pool = (pl.col("kind") == EntryKind.RELEASE) & (pl.col("holder") == "pool").fill_null(False)
    return found.with_columns(returns=(pl.col("kind") == EntryKind.RETURN_TO_POOL) | to_a_pool)
