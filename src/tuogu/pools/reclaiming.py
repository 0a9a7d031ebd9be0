"""Once a day: claimed pieces that nobody follows up are warned about, then go back to the pool they came from (P-09).

In: the day, the rules, who is away. Out: warnings and returns, each a row; one sealed batch of the ledger a relation. Never:
a piece returned that was not warned about on an earlier day (where the rule warns), the same piece twice, a query a piece.

A night on which nothing ran costs nobody a piece: what was not warned about is warned about first. With an appointment ahead
the clock waits for it; days on which the holder is away do not count; a substitute's contact counts like the holder's own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.core.idle import AWAY, CLAIMED, judged
from tuogu.ledger import actions as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org
from tuogu.pools.following import last_followed
from tuogu.pools.models import ClaimStep
from tuogu.pools.ruling import PoolRules
from tuogu.pools.standing import standing_claims
from tuogu.rules import queries as rules

_FACTS = {
    "claim": pl.Int64, "subject_id": pl.Int64, "number": pl.String, "relation": pl.String, "entry_id": pl.Int64,
    "pool": pl.Int64, "kind": pl.String, "person": pl.Int64, "customer_number": pl.String, "claimed_date": pl.Date,
}  # fmt: skip
REASON = "{} 起 {} 天没有跟进"


@dataclass(frozen=True)
class Rolled:
    """What a day's turn did."""

    warned: int
    returned: int


@transaction.atomic
def roll(*, by: int, at: datetime) -> Rolled:
    """Warn and return what the rules say for today; again on the same day changes nothing."""
    today = business_date(at)
    rule = PoolRules.of(rules.applicable(today))
    found = idle(standing(), rule, today)
    fresh = found.join(
        _steps().filter(step="warned").select("claim", "counted_from", warned_on="step_date"),
        on=["claim", "counted_from"], how="left",
    )  # fmt: skip
    unwarned = pl.col("warned_on").is_null()
    warn = pl.col("verdict").is_in(["warn", "back"]) & unwarned & (pl.lit(rule.idle.warn_days) > 0)
    told = pl.lit(rule.idle.warn_days == 0) | (pl.col("warned_on") < today)
    back = fresh.filter((pl.col("verdict") == "back") & told.fill_null(False))
    warned = fresh.filter(warn)
    _write(ClaimStep.Step.WARNED, warned, today, rule, by, at)
    returned = sum(
        _return(part, rule, today, by, at) for part in back.partition_by("relation") if part.height
    )
    return Rolled(warned.height, returned)


def standing(person: int | None = None) -> pl.DataFrame:
    """_FACTS of the claims that stand, of everybody or of one person."""
    rows = standing_claims() if person is None else standing_claims().filter(person_id=person)
    fields = rows.order_by("pk").values_list(
        "pk", "subject_id", "subject__number", "relation", "entry_id", "pool_id", "pool_kind", "person_id",
        "customer_number", "claimed_date",
    )  # fmt: skip
    return pl.DataFrame(list(fields), schema=_FACTS, orient="row")


def idle(claims: pl.DataFrame, rule: PoolRules, today: date) -> pl.DataFrame:
    """_FACTS with what `core.idle` says of each."""
    policies = claims.filter(relation=str(Relation.CUSTODY))["number"].drop_nulls()
    traits = books.piece_traits(policies.to_list())
    contacts = last_followed(claims["customer_number"].to_list())
    limits = {}
    for claim, number, kind, day in claims.select("claim", "number", "kind", "claimed_date").iter_rows():
        inception, *marks = traits.get(number, (None,))
        limits[claim] = rule.limit_days(kind, inception, day, *marks)
    last = pl.DataFrame(
        [(number, row.contacted_date, row.next_date) for number, row in contacts.items()],
        schema={"customer_number": pl.String, "contacted_date": pl.Date, "next_date": pl.Date}, orient="row",
    )  # fmt: skip
    joined = claims.join(last, on="customer_number", how="left", maintain_order="left")
    since = pl.col("contacted_date") >= pl.col(
        "claimed_date"
    )  # a contact before the claim was somebody else's
    facts = joined.with_columns(
        limit_days=pl.Series([limits[claim] for claim in claims["claim"]], dtype=pl.Int64),
        contacted_date=pl.when(since).then("contacted_date"),
        next_date=pl.when(since).then("next_date"),
    ).select(*CLAIMED)
    said = judged(facts, _away(claims, today), today, rule.idle)
    added = [name for name in said.columns if name not in claims.columns]
    return claims.join(said.select("claim", *added), on="claim", maintain_order="left")


def _away(claims: pl.DataFrame, today: date) -> pl.DataFrame:
    first = claims["claimed_date"].min()
    if not isinstance(first, date):
        return pl.DataFrame(schema=AWAY)
    people = claims["person"].unique().to_list()
    found = org.absences(people, first, today + timedelta(days=1))
    periods = [(row.person, row.from_date, row.until_date) for row in found]
    return pl.DataFrame(periods, schema=AWAY, orient="row")


def _steps() -> pl.DataFrame:
    """What was written of the claims that stand."""
    schema = {"claim": pl.Int64, "step": pl.String, "counted_from": pl.Date, "step_date": pl.Date}
    rows = ClaimStep.objects.filter(claim_id__in=standing_claims().values("pk"))
    return pl.DataFrame(list(rows.values_list("claim_id", *list(schema)[1:])), schema=schema, orient="row")


def _write(step: str, rows: pl.DataFrame, today: date, rule: PoolRules, by: int, at: datetime) -> None:
    ClaimStep.objects.bulk_create(
        ClaimStep(
            claim_id=claim, step=step, counted_from=since, due_date=due, step_date=today,
            reason=REASON.format(since, days), by_id=by, at=at, rule=rule.version,
        )
        for claim, since, due, days in rows.select("claim", "counted_from", "due_date", "idle_days").iter_rows()
    )  # fmt: skip


def _return(part: pl.DataFrame, rule: PoolRules, today: date, by: int, at: datetime) -> int:
    """One batch of one relation. What has moved on meanwhile is left where it is."""
    relation = part["relation"][0]
    heads = ",".join(str(entry) for entry in part["entry_id"].sort())
    done = ledger.post_batch(
        part.select("subject_id", custodian_id="pool", expected_head="entry_id"),
        kind=EntryKind.RETURN_TO_POOL, relation=relation,
        key=f"pools.idle:{relation}:{today}:{hashlib.sha256(heads.encode()).hexdigest()[:16]}",
        by=by, approved_by=None, effective_date=today, recorded_at=at, rule=f"P-09@{rule.version}", reason_code="idle",
    )  # fmt: skip
    moved = part.join(done.stale, on="subject_id", how="anti")
    _write(ClaimStep.Step.RECLAIMED, moved, today, rule, by, at)
    return done.posted
