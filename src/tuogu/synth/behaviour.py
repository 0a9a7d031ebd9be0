"""How the people of a branch work through a day: whom they call and visit, whom they put off, what comes of it.

In: what each person owes (OWED), a day, a seed. Out: ACTS, the calls, visits and messages of that day. Never: a clock; a
chance outside the seed; an act for a customer to whom the person owes nothing; a different fate for somebody because
others are in the table too (every draw is a keyed hash of the person, the customer and the day).

People do not do all that they should: some days nothing is done, some customers are put off for good, some reports reach
the house days later. What is then late, met or in conflict is for others to find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import numpy as np
import polars as pl

from tuogu.core.tables import B, D, I, S, Schema, conform

OWED: Schema = {  # one row a task that is open
    "person": I,
    "customer_number": S,
    "due_date": D,
    "ways": pl.List(S),  # the kinds of records that meet it: core.labels.EVIDENCE_KINDS
}
ACTS: Schema = {  # one row a customer whom somebody turned to; words as in the room `work`
    "person": I,
    "place": I,  # 1..n through the person's day
    "minute": I,  # of the day
    "customer_number": S,
    "kind": S,
    "outcome": S,
    "attitude": S,
    "collection_method": S,
    "checked": B,  # the policies were checked and tidied up
    "told_loss": B,  # what a lapse would cost was told
    "next_days": I,  # null = no appointment
    "next_kind": S,
    "sent_after_days": I,  # 0 = at once; more: the phone had no network until then
}
_BY = {"visit": "visit", "check_up": "visit", "loss_notice": "call"} | {
    kind: kind for kind in ("call", "sms", "wecom", "letter", "card")
}  # what a person does for a way; what is not here happens at a desk
_OUTCOMES: dict[str, tuple[tuple[str, float], ...]] = {  # the last takes what is left
    "visit": (
        ("met", 0.72),
        ("not_home", 0.13),
        ("no_show", 0.06),
        ("wrong_contact", 0.04),
        ("refused", 0.05),
    ),
    "call": (("reached", 0.74), ("no_answer", 0.17), ("wrong_contact", 0.04), ("refused", 0.05)),
    "wecom": (("sent", 0.6), ("reached", 0.4)),
    "sms": (("sent", 1.0),),
    "letter": (("sent", 1.0),),
    "card": (("sent", 1.0),),
}
_MISSED = ("not_home", "no_show", "no_answer")
_METHODS = ("bank", "counter", "online")
_FIRST_MINUTE, _LAST_MINUTE = 9 * 60, 20 * 60
_APPOINTMENT_DAYS = 5


@dataclass(frozen=True)
class Manner:
    """How diligent the branch is. Shares of 1."""

    a_day: int = 12  # customers whom somebody turns to in a day
    idle: float = 0.12  # days on which a person does nothing
    put_off: float = 0.08  # customers whom a person never turns to
    unsent: float = 0.1  # reports that reach the house only after `unsent_days`
    unsent_days: int = 3
    warm: float = 0.7


def acts(owed: pl.DataFrame, day: date, seed: int, manner: Manner | None = None) -> pl.DataFrame:
    """ACTS of everybody on one day, by person and place."""
    manner = manner or Manner()
    chosen = _chosen(_wanted(conform(owed, OWED), day, seed), day, seed, manner)
    return conform(_happened(chosen, day, seed, manner).sort("person", "place"), ACTS)


def _wanted(owed: pl.DataFrame, day: date, seed: int) -> pl.DataFrame:
    """One row a person and customer: the earliest due day, what has to be done for it."""
    ways = owed.with_row_index("task").explode("ways")
    ways = ways.with_columns(
        kind=pl.col("ways").replace_strict(_BY, default=None, return_dtype=S)
    ).drop_nulls("kind")
    ways = ways.sort("task", "kind", "ways")
    ways = ways.with_columns(taste=_drawn(ways, seed, "kind", day, "person", "customer_number", "kind"))
    tasks = ways.group_by("task").agg(
        pl.col("person", "customer_number", "due_date").first(),
        door=(pl.col("kind") == "visit").all(),
        liked=pl.col("kind").sort_by("taste", "kind").first(),
        checked=(pl.col("ways") == "check_up").any(),
        told_loss=(pl.col("ways") == "loss_notice").any(),
    )
    return (
        tasks.sort("person", "customer_number", "due_date", "liked")
        .group_by("person", "customer_number", maintain_order=True)
        .agg(
            pl.col("due_date", "liked").first(),
            pl.col("door", "checked", "told_loss").any(),
        )
        .with_columns(kind=pl.when("door").then(pl.lit("visit")).otherwise("liked"))
    )


def _chosen(wanted: pl.DataFrame, day: date, seed: int, manner: Manner) -> pl.DataFrame:
    """Whom each person turns to on this day, the most pressing first, as many as a day takes."""
    at_work = _drawn(wanted, seed, "idle", day, "person") >= manner.idle
    minded = _drawn(wanted, seed, "put off", None, "person", "customer_number") >= manner.put_off
    left = wanted.with_columns(tie=_drawn(wanted, seed, "tie", day, "person", "customer_number"))
    left = left.filter(at_work & minded).sort("person", "due_date", "tie", "customer_number")
    placed = left.with_columns(place=pl.int_range(1, pl.len() + 1).over("person"))
    return placed.filter(pl.col("place") <= manner.a_day)


def _happened(chosen: pl.DataFrame, day: date, seed: int, manner: Manner) -> pl.DataFrame:
    """What came of it."""
    one = ("person", "customer_number")
    come = _drawn(chosen, seed, "outcome", day, *one)
    outcome = pl.lit(None, S)
    for kind, words in _OUTCOMES.items():
        outcome = pl.when(pl.col("kind") == kind).then(_word(words)).otherwise(outcome)
    told = chosen.with_columns(come=come).with_columns(outcome=outcome)
    later = (_drawn(told, seed, "appointment", day, *one) * _APPOINTMENT_DAYS).cast(I) + 1
    method = (_drawn(told, seed, "method", day, *one) * len(_METHODS)).cast(I)
    unsent = _drawn(told, seed, "unsent", day, *one) < manner.unsent
    warm = _drawn(told, seed, "warm", None, "customer_number") < manner.warm
    missed = pl.col("outcome").is_in(_MISSED)
    spoken = pl.col("outcome").is_in(["met", "reached"])
    span = (_LAST_MINUTE - _FIRST_MINUTE) // manner.a_day
    return told.with_columns(
        minute=_FIRST_MINUTE + (pl.col("place") - 1) * span,
        attitude=pl.when(spoken & warm)
        .then(pl.lit("warm"))
        .when(spoken)
        .then(pl.lit("cold"))
        .otherwise(pl.lit("")),
        collection_method=pl.when(pl.col("outcome") == "refused")
        .then(method.replace_strict(dict(enumerate(_METHODS)), return_dtype=S))
        .otherwise(pl.lit("")),
        checked=pl.col("checked") & (pl.col("outcome") == "met"),
        told_loss=pl.col("told_loss") & spoken,
        next_days=pl.when(missed).then(later),
        next_kind=pl.when(missed).then("kind").otherwise(pl.lit("")),
        sent_after_days=pl.when(unsent).then(pl.lit(manner.unsent_days, I)).otherwise(pl.lit(0, I)),
    ).select(*ACTS)


def _word(words: tuple[tuple[str, float], ...]) -> pl.Expr:
    """The word into whose share `come` falls."""
    found, until = pl.lit(words[-1][0]), sum(share for _, share in words[:-1])
    for word, share in reversed(words[:-1]):
        found = pl.when(pl.col("come") < until).then(pl.lit(word)).otherwise(found)
        until -= share
    return found


def _drawn(rows: pl.DataFrame, seed: int, what: str, day: date | None, *columns: str) -> pl.Series:
    """Evenly in [0, 1): the same for the same words wherever they stand. `day` None: for good."""
    key = blake2b(f"tuogu behaviour|{seed}|{what}|{day}".encode(), digest_size=32).digest()
    texts = (
        rows.select(pl.concat_str([pl.col(c).cast(S) for c in columns], separator="|")).to_series().to_list()
    )
    digests = b"".join(blake2b(text.encode(), key=key, digest_size=8).digest() for text in texts)
    return pl.Series(what, np.frombuffer(digests, dtype=">u8").astype(np.float64) / 2.0**64)
