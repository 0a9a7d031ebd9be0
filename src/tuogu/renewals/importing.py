"""The motor book of a branch becomes stored policies, subjects of the ledger and renewals of those before them.

In: the accepted rows of a sheet 车险 (MOTOR), the day they speak of. Out: counts. Never: an older row over a newer one, a
policy without a responsible person (the buffer group holds what nobody in post sold), an owner of record changed by a
renewal, a change without its line (S3-20).

A row that is stored as it is changes nothing. All of it is set-based, in the caller's transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.core.motor.tables import MOTOR
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.renewals import owning, renewed, reowning
from tuogu.renewals.comparing import COMPARED, Compared, compare
from tuogu.renewals.models import MotorChange, MotorPolicy
from tuogu.renewals.storing import append, upsert

SOURCE_SYSTEM = "motor"  # numbers of the motor system are not those of the core system
RULE_OPEN = "S3-16"
_C = pl.col
_PERSONAL = ("plate_number", "frame_number")
_RENEWED = (
    "plate_number",
    "frame_number",
    "premium_fen",
    "channel",
    "fleet_number",
    "important",
    "institution_code",
)
_TEXTS = (
    "agent_number",
    "entrant_number",
    "channel",
    "fleet_number",
    "previous_number",
)  # stored as '' where unknown


@dataclass(frozen=True)
class Stored:
    """What storing did; `batches` of the ledger, for whoever takes the import back."""

    counts: dict[str, int]
    batches: tuple[int, ...]


def import_motor(frame: pl.DataFrame, *, data_date: date, by: int, at: datetime) -> dict[str, int]:
    """Store MOTOR rows. Counts: motor_new, motor_updated, motor_same, motor_stale, motor_renewed, motor_buffer."""
    return store_motor(frame, data_date=data_date, by=by, at=at).counts


@transaction.atomic
def store_motor(frame: pl.DataFrame, *, data_date: date, by: int, at: datetime) -> Stored:
    """The same, with the batches of the ledger that it posted."""
    seen = compare(frame, data_date=data_date, on=business_date(at))
    fresh, changed = seen.lot("new"), seen.lot("updated")
    opened = _open(fresh, seen, data_date, by=by, at=at)
    subjects = custody.subject_ids(SOURCE_SYSTEM, seen.rows["policy_number"].to_list())
    subjects = subjects.select("subject_id", policy_number="number")
    _note_changes(changed, seen.stored, by=by, at=at)
    _store(
        pl.concat([fresh, changed, seen.lot("newer")]).join(subjects, on="policy_number"), data_date, at=at
    )
    pairs = _with_subjects(seen.links, fresh, seen.stored, subjects)
    ended, closing = renewed.end(pairs, data_date=data_date, by=by, at=at)
    _note_renewals(ended, fresh, seen.known, by=by, at=at)
    _correct_owners(changed, seen, ended, by=by, at=at)
    batches = [batch for batch in (*opened.batches, closing) if batch is not None]
    return Stored(seen.counts(renewed=ended.height, buffer=opened.to_buffer), tuple(batches))


def _correct_owners(
    changed: pl.DataFrame, seen: Compared, ended: pl.DataFrame, *, by: int, at: datetime
) -> None:
    """A corrected seller, and a renewal that only this file tells of a policy stored before, change the owner of record."""
    sellers = seen.stored.select("subject_id", "policy_number", agent_number_old="agent_number")
    both = changed.join(sellers, on="policy_number")
    reowning.follow_seller(
        both.filter(~_C("agent_number").eq_missing(_C("agent_number_old"))), seen.limits, by=by, at=at
    )
    stored = ended.filter(_C("successor_number").is_in(seen.stored["policy_number"].implode()))
    reowning.inherit(stored, seen.limits, by=by, at=at)


@dataclass(frozen=True)
class _Opened:
    batches: tuple[int | None, ...]
    to_buffer: int


def _open(fresh: pl.DataFrame, seen: Compared, data_date: date, *, by: int, at: datetime) -> _Opened:
    """First custody: the seller in post, else the buffer group. Owner of record: for life whoever owned the policy before,
    else the seller (S3-16). A policy that came before and was taken back with its import is opened again."""
    if fresh.is_empty():
        return _Opened((), 0)
    agents = org.staff_ids().select(agent_number="staff_number", agent_id="custodian_id")
    first = fresh.join(agents, on="agent_number", how="left", maintain_order="left")
    owners = owning.owners(
        first.select("policy_number", "agent_id", "start_date", "holder_number"), seen.links, seen.stored, seen.limits
    )  # fmt: skip
    opening = first.join(owners, on="policy_number", how="left").select(
        kind=pl.lit(str(SubjectKind.VEHICLE_CASE)), source_system=pl.lit(SOURCE_SYSTEM), number="policy_number",
        custodian_id="agent_id", owner_id="owner_id", effective_date=pl.lit(data_date),
        reason_code=pl.when(_C("agent_id").is_null()).then(pl.lit("source_unknown")).otherwise(pl.lit("agent_in_post")),
    )  # fmt: skip
    known = custody.subject_ids(SOURCE_SYSTEM, opening["number"].to_list()).select("number", "subject_id")
    done = ledger.open_custody(opening, by=by, recorded_at=at, rule=RULE_OPEN)
    again = opening.join(known, on="number").select("subject_id", "custodian_id", "effective_date")
    reopened = ledger.reopen(again, by=by, recorded_at=at, rule=RULE_OPEN, reason_code="lives_again")
    in_post = org.receiving(business_date(at))
    to_buffer = again.filter(~_C("custodian_id").is_in(in_post).fill_null(False)).height
    return _Opened((done.batch_id, reopened.batch_id if reopened else None), done.to_buffer + to_buffer)


def _store(rows: pl.DataFrame, data_date: date, *, at: datetime) -> None:
    hashes = {
        name: pl.Series(vault.keyed_hashes(rows[column], name), dtype=pl.Binary)
        for name, column in (("plate", "plate_number"), ("frame", "frame_number"))
    }
    ready = rows.select(
        "subject_id", _C("policy_number").alias("number"),
        pl.Series("plate_sealed", vault.seal_texts(rows["plate_number"]), dtype=pl.Binary),
        hashes["plate"].alias("plate_hash"),
        pl.Series("frame_sealed", vault.seal_texts(rows["frame_number"]), dtype=pl.Binary),
        hashes["frame"].alias("frame_hash"),
        "holder_number", "premium_fen", "start_date", "expiry_date", "institution_code", "important",
        *(_C(c).fill_null("") for c in _TEXTS), pl.lit(data_date).alias("data_date"), _digests(rows).alias("digest"),
    )  # fmt: skip
    upsert(MotorPolicy, "number", ready.sort("subject_id"), at=at, moment="stored_at")


def _digests(rows: pl.DataFrame) -> pl.Series:
    """Of what a row says beside the car: a digest of a plate would tell the plate."""
    plain = rows.select(c for c in MOTOR if c not in _PERSONAL).with_columns(
        pl.all().cast(pl.String).fill_null("")
    )
    joined = plain.select(pl.concat_str(pl.all(), separator="\x1f")).to_series()
    return pl.Series([hashlib.sha256(text.encode()).hexdigest() for text in joined], dtype=pl.String)


def _note_changes(changed: pl.DataFrame, stored: pl.DataFrame, *, by: int, at: datetime) -> None:
    both = changed.join(stored, on="policy_number", suffix="_old")
    append(MotorChange, _lines(both, "subject_id", COMPARED, "import", by), at=at)


def _note_renewals(
    ended: pl.DataFrame, fresh: pl.DataFrame, known: pl.DataFrame, *, by: int, at: datetime
) -> None:
    """What the renewal brought that is new about the car, beside the policy it renewed: the newest counts, the former
    stays."""
    news = ended.join(fresh.rename({"policy_number": "successor_number"}), on="successor_number")
    olds = known.rename({"policy_number": "predecessor"})
    both = news.join(olds, on="predecessor", suffix="_old")
    append(MotorChange, _lines(both, "successor_id", _RENEWED, "renewed", by), at=at)


def _lines(both: pl.DataFrame, policy: str, columns: tuple[str, ...], why: str, by: int) -> pl.DataFrame:
    """One line a field that differs between `column` and `column_old`; personal values stay empty."""
    parts = []
    for column in columns:
        shown = [
            pl.lit("") if column in _PERSONAL else _C(name).cast(pl.String).fill_null("")
            for name in (f"{column}_old", column)
        ]
        parts.append(
            both.filter(~_C(column).eq_missing(_C(f"{column}_old"))).select(
                _C(policy).alias("policy_id"), pl.lit(column).alias("field"), shown[0].alias("before"),
                shown[1].alias("after"), pl.lit(why).alias("why"), pl.lit(by, pl.Int64).alias("by_id"),
            )
        )  # fmt: skip
    return pl.concat(parts).sort("policy_id", "field")


def _with_subjects(
    links: pl.DataFrame, fresh: pl.DataFrame, stored: pl.DataFrame, subjects: pl.DataFrame
) -> pl.DataFrame:
    """renewed.PAIRS of the links."""
    ids = pl.concat(
        [stored.select("subject_id", "policy_number"), subjects.select("subject_id", "policy_number")]
    ).unique()
    starts = (
        pl.concat([fresh, stored.select(*MOTOR)])
        .unique("policy_number")
        .select("policy_number", "start_date")
    )
    return (
        links.join(ids.rename({"subject_id": "successor_id"}), on="policy_number")
        .join(ids.rename({"subject_id": "subject_id", "policy_number": "predecessor"}), on="predecessor")
        .join(starts, on="policy_number")
        .select(
            "subject_id",
            "predecessor",
            "successor_id",
            successor_number="policy_number",
            start_date="start_date",
        )
    )
