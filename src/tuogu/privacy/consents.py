"""What customers said: recorded as rows that stay, read as what counts today (L-03, L-11).

In: a customer number, a purpose, a channel, what was said, when, to whom, on which words. Out: a row; who refused what.
Never: a row changed, a duty of service refused, marketing rights left with anybody after a refusal.

`on` asks what counted at the end of a day; without it, what counts now.

The latest statement about a channel counts; one about any channel speaks of every channel. A refusal of a person holds
for all customer numbers of the same document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.db.models import QuerySet

from tuogu.books import queries as books
from tuogu.bulk import in_parts
from tuogu.core.custody import day_bounds
from tuogu.core.tables import Schema
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.privacy import blocking
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.kinds import (
    CHANNELS,
    COVERED_BY,
    DUTIES,
    REFUSABLE,
    SENSITIVE,
    Channel,
    Purpose,
    Said,
    Source,
)
from tuogu.privacy.models import Consent

RULE, REASON = "L-03", "refused_marketing"
_COLUMNS: Schema = {
    "customer_number": pl.String, "purpose": pl.String, "channel": pl.String, "said": pl.String,
    "said_at": pl.Datetime(time_zone="UTC"), "id": pl.Int64,
}  # fmt: skip
_NUMBERS = {"customer_number": pl.String}
_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases


@dataclass(frozen=True)
class Decision:
    """Whether something may be done, and why (a sentence in Chinese)."""

    allowed: bool
    why: str


@transaction.atomic
def record_consent(
    number: str,
    *,
    purpose: str,
    said: str,
    channel: str = Channel.ANY,
    source: str,
    text_version: str,
    source_ref: str = "",
    said_at: datetime | None = None,
    by: int,
    at: datetime,
) -> int:
    """File one statement; returns its id. A refusal of marketing gives the right to develop the customer back at once.

    PrivacyRefused: no such customer, a duty of service, a moment ahead, words without a version, a withdrawal of what
    was never given.
    """
    moment = said_at or at
    _judge(number, purpose, channel, said, source, text_version, moment, at)
    row = Consent.objects.create(
        customer_number=number, purpose=purpose, channel=channel, said=said, said_at=moment, source=source,
        source_ref=source_ref.strip(), text_version=text_version.strip(), by_id=by, recorded_at=at,
    )  # fmt: skip
    if purpose == Purpose.MARKETING and said != Said.GIVEN:
        _stop_marketing(number, by=by, at=at)
    return row.pk


def _judge(
    number: str, purpose: str, channel: str, said: str, source: str, text: str, moment: datetime, at: datetime
) -> None:
    if purpose not in Purpose.values or channel not in Channel.values or said not in Said.values:
        raise PrivacyRefused("没有这种用途、方式或意愿；未登记")
    if source not in Source.values or not text.strip():
        raise PrivacyRefused("请写明意愿从何得知，以及告知内容的版本；未登记")
    if purpose in DUTIES:
        raise PrivacyRefused(f"{Purpose(purpose).label}是合同和法定义务，无需同意，也不能拒绝；未登记")
    if purpose in SENSITIVE and channel != Channel.ANY:
        raise PrivacyRefused(f"{Purpose(purpose).label}的同意不分联系方式；未登记")
    if moment > at:
        raise PrivacyRefused("表示意愿的时间不能晚于现在；未登记")
    if not books.customers_known([number]):
        raise PrivacyRefused("没有这位客户；未登记")
    if said == Said.WITHDRAWN and not _ever_given(number, purpose):
        raise PrivacyRefused("没有可以撤回的同意；不愿意的，请登记为拒绝")


def _ever_given(number: str, purpose: str) -> bool:
    return Consent.objects.filter(customer_number=number, purpose=purpose, said=Said.GIVEN).exists()


def _stop_marketing(number: str, *, by: int, at: datetime) -> None:
    """Whoever had the right to develop the person loses it now, not with the next plan (L-03). Where the refusal speaks of
    one channel only, the others are still open and the right stays."""
    if not may_contact(number, Purpose.MARKETING, Channel.ANY).allowed:
        release_development(books.same_person([number])["same"].to_list(), by=by, at=at)


def release_development(numbers: list[str], *, by: int, at: datetime) -> int:
    """Give the right to develop these customers back to the buffer group; returns how many had been somebody's."""
    buffer, moved = org.buffer_group(), 0
    for number in numbers:
        for subject in custody.customer_subjects(number).values_list("pk", flat=True):
            result = ledger.return_to_pool(
                subject, pool_id=buffer, relation=Relation.DEVELOPMENT, by=by, recorded_at=at, rule=RULE,
                reason_code=REASON,
            )  # fmt: skip
            moved += result.done
    return moved


def may_contact(number: str, purpose: str, channel: str, on: date | None = None) -> Decision:
    """Whether this customer may be contacted for a purpose by a channel on a day. `any`: by at least one channel."""
    if purpose in DUTIES:
        return Decision(True, f"{Purpose(purpose).label}是合同和法定义务，不受拒绝影响")
    if purpose in SENSITIVE:
        return may_use(number, purpose, on)
    ground = blocking.ground_of(number)
    if ground:
        return Decision(False, f"客户信息已停止处理：{ground}")
    said = _statements(_asked(purpose), on, books.same_person([number]))
    if _refusing(said, channel):
        where = "" if channel == Channel.ANY else f"（{Channel(channel).label}）"
        return Decision(False, f"客户已拒绝{Purpose(purpose).label}{where}")
    return Decision(True, "客户没有拒绝")


def may_use(number: str, purpose: str, on: date | None = None) -> Decision:
    """Whether a location, a photo or a signature of this customer may be taken on a day (L-11): only with a consent of its
    own, never because of another one. The work goes on without it."""
    if purpose not in SENSITIVE:
        raise PrivacyRefused(f"{purpose} 不是须单独同意的用途")
    return may_use_each([Purpose(purpose)], number, on)[Purpose(purpose)]


def may_use_each(purposes: Sequence[Purpose], number: str, on: date | None = None) -> dict[Purpose, Decision]:
    """`may_use` of several purposes: as many queries as of one."""
    if blocking.ground_of(number):
        return {p: Decision(False, f"客户信息已停止处理，不采集{p.label}；其余工作照常") for p in purposes}
    said = _statements([str(one) for one in purposes], on, books.same_person([number]))
    return {one: _use(one, said.filter(purpose=str(one))["said"].to_list()) for one in purposes}


def _use(purpose: Purpose, said: list[str]) -> Decision:
    """What the statements about one purpose, oldest first, come to."""
    label, latest = purpose.label, said[-1:]
    if latest == [Said.GIVEN]:
        return Decision(True, f"客户已单独同意{label}")
    words = {Said.REFUSED: "客户已拒绝", Said.WITHDRAWN: "客户已撤回同意"}
    word = words[Said(latest[0])] if latest else "客户没有单独同意"
    return Decision(False, f"{word}：{label}不采集，其余工作照常")


def refused(purpose: str, channel: str, on: date | None = None) -> pl.DataFrame:
    """customer_number of everybody who may not be contacted for a purpose by a channel on a day, sorted: every number of
    a person who refused, and every customer whose data is blocked. Empty for a duty of service."""
    if purpose in DUTIES:
        return pl.DataFrame(schema=_NUMBERS)
    spoken = _said(_asked(purpose), on).values_list("customer_number", flat=True)
    numbers = sorted(set(spoken))
    people = books.same_person(numbers)
    persons = _refusing(_statements(_asked(purpose), on, people), channel)
    theirs = people.filter(pl.col("person").is_in(list(persons)))["same"]
    return pl.DataFrame({"customer_number": sorted({*theirs, *blocking.blocked_numbers()})}, schema=_NUMBERS)


def _asked(purpose: str) -> list[str]:
    """The purposes whose refusal counts for this one."""
    return [str(one) for one in (purpose, *COVERED_BY.get(Purpose(purpose), ()))]


def _refusing(said: pl.DataFrame, channel: str) -> set[str]:
    """Persons whom these statements close a channel for; for `any`: every channel there is."""
    channels = [str(one) for one in CHANNELS] if channel == Channel.ANY else [channel]
    return set.intersection(*(_closed(said, each) for each in channels))


def _closed(said: pl.DataFrame, channel: str) -> set[str]:
    """Persons whose latest word about this channel, or about any, is no, for one of the purposes."""
    here = said.filter(pl.col("channel").is_in([channel, str(Channel.ANY)]))
    latest = here.group_by("person", "purpose", maintain_order=True).agg(pl.col("said").last())
    return set(latest.filter(pl.col("said") != str(Said.GIVEN))["person"])


def _said(purposes: list[str], on: date | None) -> QuerySet[Consent]:
    rows = Consent.objects.filter(purpose__in=purposes)
    return rows if on is None else rows.filter(said_at__lt=day_bounds(on, on)[1])


def _statements(purposes: list[str], on: date | None, people: pl.DataFrame) -> pl.DataFrame:
    """person, purpose, channel, said, said_at in the order in which it was said; `people`: of `books.same_person`."""
    rows = _said(purposes, on)
    numbers = people["same"].unique().to_list()
    found = [
        row
        for part in in_parts(numbers, _BATCH)
        for row in rows.filter(customer_number__in=part).values_list(*_COLUMNS)
    ]
    frame = pl.DataFrame(found, schema=_COLUMNS, orient="row")
    persons = people.select("person", customer_number="same").unique()
    return frame.join(persons, on="customer_number").sort("said_at", "id")


@dataclass(frozen=True)
class Standing:
    """What counts today about one purpose: one state a channel."""

    purpose: str
    allowed: bool  # by at least one channel
    closed: tuple[str, ...]  # channels that are refused
    changed_at: datetime | None


def standings(number: str, on: date | None = None) -> list[Standing]:
    """One line for every purpose that can be refused or needs a consent, in the order of `Purpose`: three queries."""
    every = (*REFUSABLE, *SENSITIVE)
    said = _statements([str(purpose) for purpose in every], on, books.same_person([number]))
    return [_standing(purpose, said.filter(pl.col("purpose").is_in(_asked(purpose)))) for purpose in every]


def _standing(purpose: Purpose, said: pl.DataFrame) -> Standing:
    moments = said["said_at"].to_list()
    changed = moments[-1] if moments else None
    if purpose in SENSITIVE:
        return Standing(purpose, said["said"].to_list()[-1:] == [Said.GIVEN], (), changed)
    closed = tuple(channel for channel in CHANNELS if _closed(said, channel))
    return Standing(purpose, len(closed) < len(CHANNELS), closed, changed)
