"""The department's random check (S1-18, N-05): whom it looks at is drawn by a lot that anyone can repeat.

In: a department, a day, the pseudonym key; commitments and seeds of at least two parties. Out: a public record that
`tuogu draw verify` checks, and the people drawn. Never: the key or a seed stored before its party reveals it, a second lot
of a department on one day, a result before everybody has revealed.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.core.draw import DrawError
from tuogu.core.lots import acts
from tuogu.org import queries as org
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.lot_reads import found_lot, public_of
from tuogu.review.models import Lot, LotPerson, LotStep
from tuogu.review.owners import Owners, owners
from tuogu.rules import queries as rules


@transaction.atomic
def open_lot(department_code: str, *, key: bytes, by: int, at: datetime) -> int:
    """Announce the draw of a department's logs of today; returns the lot's id. ReviewRefused says why not.

    `key` makes the pseudonyms and is kept by the caller or by nobody.
    """
    hold()
    if not org.is_person(by):
        raise ReviewRefused(_("抽查须由在册人员发起"))
    day = business_date(at)
    people = eligible(department_code, owners(day), day)
    if not people:
        raise ReviewRefused(_("这个部门今天没有可以抽查的销售系列人员"))
    code = f"日志-{department_code}-{day:%Y%m%d}"
    if Lot.objects.filter(code=code).exists():
        raise ReviewRefused(_("这个部门今天已经发起抽查"))
    purpose = f"{day:%Y-%m-%d} 部门随机抽查工作日志（{department_code}）"
    try:
        public, names = acts.announce(
            list(people), count=_count(len(people), day), draw_id=code, purpose=purpose, key=key
        )
    except DrawError as error:
        raise ReviewRefused(error.told(_)) from None
    made = Lot.objects.create(
        code=code, purpose=purpose, department_code=department_code, lot_date=day, count=public.count,
        pseudonyms="\n".join(public.listed), list_digest=public.list_digest, key_digest=public.key_digest,
        opened_by_id=by, opened_at=at,
    )  # fmt: skip
    LotPerson.objects.bulk_create(
        LotPerson(lot=made, pseudonym=name, person_id=people[number]) for name, number in names.items()
    )
    return int(made.pk)


@transaction.atomic
def commit_lot(lot_id: int, *, commitment: str, by: int, at: datetime) -> None:
    """Bind this person to a seed."""
    hold()
    lot, name = found_lot(lot_id), org.labels([by]).get(by, "")
    try:
        acts.commit(public_of(lot), name, commitment)
    except DrawError as error:
        raise ReviewRefused(error.told(_)) from None
    _note(lot, LotStep.Step.COMMITTED, by, name, at, commitment=commitment)


@transaction.atomic
def reveal_lot(lot_id: int, *, salt: bytes, seed: bytes, by: int, at: datetime) -> None:
    """Publish this person's seed; with the last one comes the result."""
    hold()
    lot = found_lot(lot_id)
    promised = LotStep.objects.filter(lot=lot, party_id=by, step=LotStep.Step.COMMITTED).first()
    if promised is None:
        raise ReviewRefused(_("没有作出承诺的人不能公开种子"))
    try:
        acts.reveal(public_of(lot), promised.party_name, salt=salt, seed=seed)
    except DrawError as error:
        raise ReviewRefused(error.told(_)) from None
    _note(lot, LotStep.Step.REVEALED, by, promised.party_name, at, salt=salt.hex(), seed=seed.hex())


def eligible(department_code: str, known: Owners, day: date) -> dict[str, int]:
    """Staff number → person of everybody of the sales series in a department who is in post and not away."""
    away = org.absent(day)
    of = known.frame.filter((pl.col("department_code") == department_code) & (pl.col("series") == "sales"))[
        "staff_number"
    ]
    return {number: known.ids[number] for number in of if known.ids[number] not in away}


def _count(people: int, day: date) -> int:
    """How many are drawn: the share rounded up, the least at least."""
    book = rules.applicable(day)
    share, least = int(book["inspection.random_share_bp"]), int(book["inspection.random_min"])
    return min(people, max(least, -(-people * share // 10_000)))


def _note(lot: Lot, step: str, by: int, name: str, at: datetime, **said: str) -> None:
    number = LotStep.objects.filter(lot=lot).count() + 1
    LotStep.objects.create(lot=lot, number=number, step=step, party_id=by, party_name=name, at=at, **said)
