"""Ends cases as renewed with their proof, the new policy (S3-17, S3-20), many at once.

In: pairs of a policy and the one that renews it. Out: `Ended` rows and closed custody; ends withdrawn. Never: a second end
of what has ended, a renewal without the number that proves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
from django.db.models import Max, OuterRef, QuerySet, Subquery

from tuogu.bulk import in_parts
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.renewals.kinds import Outcome
from tuogu.renewals.models import Ended
from tuogu.renewals.storing import append

PAIRS = {
    "subject_id": pl.Int64, "predecessor": pl.String, "successor_id": pl.Int64, "successor_number": pl.String,
    "start_date": pl.Date,
}  # fmt: skip
RULE = "S3-17"
_AT_ONCE = 5000
_AND_BACK = 3  # after what was said, what proved it, and what took that back
_SEQ = {"subject_id": pl.Int64, "seq": pl.Int64}


def ended_subjects() -> QuerySet[Ended]:
    """The line by which each ended case has ended; a withdrawn end is none."""
    last = Ended.objects.filter(subject=OuterRef("subject")).order_by("-seq").values("pk")[:1]
    return Ended.objects.filter(pk=Subquery(last), withdrawn=False)


def not_ended(pairs: pl.DataFrame) -> pl.DataFrame:
    """Those of PAIRS whose policy has not ended, or of which a person has only said that it was renewed."""
    subjects, already = pairs["subject_id"].to_list(), set[int]()
    for some in in_parts(subjects, _AT_ONCE):
        ended = ended_subjects().filter(subject__in=some).exclude(outcome=Outcome.SAID)
        already |= set(ended.values_list("subject_id", flat=True))
    return pairs.filter(~pl.col("subject_id").is_in(list(already)))


def end(pairs: pl.DataFrame, *, data_date: date, by: int, at: datetime) -> tuple[pl.DataFrame, int | None]:
    """End the policies of PAIRS as renewed; returns the pairs that were not ended before, and the ledger's batch."""
    fresh = not_ended(pairs)
    if fresh.is_empty():
        return fresh, None
    numbered = fresh.join(_seqs(fresh["subject_id"].to_list()), on="subject_id", how="left").with_columns(
        ended_date=pl.min_horizontal("start_date", pl.lit(data_date))
    )
    append(
        Ended,
        numbered.select(
            "subject_id", pl.col("seq").fill_null(0) + 1, pl.lit(str(Outcome.RENEWED)).alias("outcome"),
            pl.lit(False).alias("withdrawn"), "successor_number",
            pl.format("续保保单 {}", "successor_number").alias("proof"), "ended_date", pl.lit("").alias("reason"),
            pl.lit(by, pl.Int64).alias("by_id"),
        ).sort("subject_id"),
        at=at,
    )  # fmt: skip
    closed = ledger.close(
        numbered.select("subject_id", effective_date="ended_date"),
        by=by,
        recorded_at=at,
        rule=RULE,
        reason_code="renewed",
    )
    return fresh, closed.batch_id if closed else None


def said_before(subjects: Sequence[int]) -> QuerySet[Ended]:
    """Of subjects that stand as renewed: the line by which a person had said so before the new policy came."""
    before = Ended.objects.filter(subject=OuterRef("subject")).order_by("-seq").values("pk")[1:2]
    proved = ended_subjects().filter(outcome=Outcome.RENEWED, subject__in=subjects).values("subject")
    return Ended.objects.filter(
        pk=Subquery(before), subject__in=proved, outcome=Outcome.SAID, withdrawn=False
    )


def withdraw(subjects: Sequence[int], *, reason: str, by: int, at: datetime) -> None:
    """Take back ends as renewed of subjects that have ended so; what a person had said of it stands again. Custody is the
    caller's."""
    if not subjects:
        return
    said = list(said_before(subjects))
    last = pl.DataFrame(
        list(ended_subjects().filter(subject__in=subjects).values_list("subject_id", "proof")),
        schema={"subject_id": pl.Int64, "proof": pl.String}, orient="row",
    )  # fmt: skip
    append(
        Ended,
        last.join(_seqs(list(subjects)), on="subject_id").select(
            "subject_id", pl.col("seq") + 1, pl.lit(str(Outcome.RENEWED)).alias("outcome"),
            pl.lit(True).alias("withdrawn"), pl.lit("").alias("successor_number"), "proof",
            pl.lit(business_date(at)).alias("ended_date"), pl.lit(reason).alias("reason"),
            pl.lit(by, pl.Int64).alias("by_id"),
        ).sort("subject_id"),
        at=at,
    )  # fmt: skip
    for one in said:  # of few: what an import proved and taking it back unproves
        one.pk, one.seq, one.at = None, one.seq + _AND_BACK, at
        one.save(force_insert=True)


def _seqs(subjects: Sequence[int]) -> pl.DataFrame:
    """subject_id, seq: the number of the last line of each that has one."""
    found: list[tuple[int, int]] = []
    for some in in_parts(subjects, _AT_ONCE):
        lines = Ended.objects.filter(subject__in=some).values("subject_id").annotate(last=Max("seq"))
        found += lines.values_list("subject_id", "last")
    return pl.DataFrame(found, schema=_SEQ, orient="row")
