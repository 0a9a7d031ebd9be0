"""Draws of lots in the database: announce a list under pseudonyms, commit to a seed, reveal it.

In: numbers, a pseudonym key, commitments and seeds of the parties, who and when. Out: rows that are only ever added.
Never: a seed before its party reveals it, the pseudonym key stored, chance made here, a draw that its opener decides
alone (a party acts once, and two must have committed before one reveals: N-05).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.bulk import insert_rows
from tuogu.core.draw import DrawError
from tuogu.core.lots import acts
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org import queries as staff
from tuogu.plans import subjects
from tuogu.plans.draw_records import public_record
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.plans.models import Draw, DrawNumber, DrawStep


@transaction.atomic
def open_draw(
    numbers: pl.Series,
    *,
    kind: str,
    count: int,
    draw_id: str,
    purpose: str,
    key: bytes,
    institution_codes: Sequence[str],
    by: int,
    at: datetime,
) -> int:
    """Announce a draw of `count` among these policies or customers; returns its row id.

    `key` makes the pseudonyms and is kept by the caller or by nobody. `institution_codes` manage what is drawn from.
    PlanRefused: the id is taken, a number is unknown or stands twice, the count is not within the list.
    """
    _require_person(by)
    if Draw.objects.filter(code=draw_id).exists():
        raise PlanRefused(f"抽取编号 {draw_id} 已用过")
    try:
        public, names = acts.announce(numbers, count=count, draw_id=draw_id, purpose=purpose, key=key)
    except DrawError as error:
        raise PlanRefused(str(error)) from None
    behind = _subjects(names, kind)
    draw = Draw.objects.create(
        code=draw_id, purpose=purpose, count=count, pseudonyms="\n".join(public.listed), list_digest=public.list_digest,
        key_digest=public.key_digest, institution_codes=sorted(set(institution_codes)), opened_by_id=by, opened_at=at,
    )  # fmt: skip
    insert_rows(DrawNumber._meta.db_table, behind.with_columns(draw_id=pl.lit(draw.pk, pl.Int64)))
    return draw.pk


@dataclass(frozen=True)
class Announced:
    """One of several draws that are opened together: what `open_draw` takes of each."""

    draw_id: str
    numbers: pl.Series
    count: int
    key: bytes
    institution_codes: Sequence[str]


@transaction.atomic
def open_draws(wanted: Sequence[Announced], *, kind: str, purpose: str, by: int, at: datetime) -> list[int]:
    """`open_draw` for each, all or none; their row ids in the same order."""
    return [
        open_draw(
            one.numbers, kind=kind, count=one.count, draw_id=one.draw_id, purpose=purpose, key=one.key,
            institution_codes=one.institution_codes, by=by, at=at,
        )
        for one in wanted
    ]  # fmt: skip


@transaction.atomic
def commit(draw_id: str, *, commitment: str, by: int, at: datetime) -> None:
    """Bind this person to a seed; PlanRefused: bound already, or somebody has revealed."""
    _require_person(by)
    draw = _locked(draw_id)
    name = staff.labels([by])[by]
    try:
        acts.commit(public_record(draw), name, commitment)
    except DrawError as error:
        raise PlanRefused(str(error)) from None
    _note(draw, DrawStep.Step.COMMITTED, by, name, at, commitment=commitment)


@transaction.atomic
def reveal(draw_id: str, *, salt: bytes, seed: bytes, by: int, at: datetime) -> None:
    """Publish this person's seed; PlanRefused: fewer than two are bound, it is not the seed of the commitment."""
    draw = _locked(draw_id)
    promised = DrawStep.objects.filter(draw=draw, party_id=by, step=DrawStep.Step.COMMITTED).first()
    if promised is None:
        raise PlanRefused("没有作出承诺的人不能公开种子")
    try:
        acts.reveal(public_record(draw), promised.party_name, salt=salt, seed=seed)
    except DrawError as error:
        raise PlanRefused(str(error)) from None
    _note(draw, DrawStep.Step.REVEALED, by, promised.party_name, at, salt=salt.hex(), seed=seed.hex())


def _subjects(names: dict[str, str], kind: str) -> pl.DataFrame:
    """pseudonym, subject_id of every number."""
    asked = pl.DataFrame({"pseudonym": list(names), "number": list(names.values())})
    relation = Relation.DEVELOPMENT if kind == SubjectKind.CUSTOMER else Relation.CUSTODY
    known = subjects.standing_subjects(asked["number"], kind=kind, relation=relation)
    found = asked.join(known.select("number", "subject_id"), on="number", how="left")
    unknown = found.filter(pl.col("subject_id").is_null())
    if unknown.height:
        raise PlanRefused(f"名单中有 {unknown.height} 个号码不在台账，例如 {unknown['number'][0]}；请先导入")
    return found.select("pseudonym", "subject_id")


def _locked(draw_id: str) -> Draw:
    draw = Draw.objects.select_for_update().filter(code=draw_id).first()
    if draw is None:
        raise PlanUnknown(f"没有抽取 {draw_id}")
    return draw


def _require_person(by: int) -> None:
    if not staff.is_person(by):
        raise PlanRefused("抽取须由在册人员发起和参与")


def _note(draw: Draw, step: str, by: int, name: str, at: datetime, **said: str) -> None:
    number = DrawStep.objects.filter(draw=draw).count() + 1
    DrawStep.objects.create(draw=draw, number=number, step=step, party_id=by, party_name=name, at=at, **said)
