"""May this customer be contacted now? One answer across service, campaign and renewal (N-17).

In: a customer, why, by which kind of contact, when. Out: a verdict. Never: a duty of service refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.core import pressure
from tuogu.core.custody import SHANGHAI, business_date
from tuogu.core.rulebook import Rulebook
from tuogu.privacy import queries as privacy
from tuogu.rules import queries as rules
from tuogu.work.evidence import counting
from tuogu.work.kinds import Kind, Purpose

CHANNELS = {
    Kind.CALL: "phone", Kind.VISIT: "visit", Kind.SMS: "sms", Kind.WECHAT: "wechat", Kind.LETTER: "letter",
    Kind.CARD: "letter", Kind.EVENT: "visit", Kind.HANDED: "visit",
}  # fmt: skip
_LONG_AGO = datetime(1990, 1, 1)  # noqa: DTZ001 - local moments without a zone, as core.pressure wants them


@dataclass(frozen=True)
class Verdict:
    """Whether, why not (of an allowed one what to mind), and the first moment at which it is allowed again."""

    allowed: bool
    why: str
    until: datetime | None = None


def may_contact(customer: str, purpose: str, channel: str, at: datetime) -> Verdict:
    """`purpose`: of kinds.Purpose or privacy.kinds.Purpose; `channel`: of kinds.Kind or privacy.kinds.Channel."""
    return may_contact_for(customer, [purpose], channel, at)[purpose]


def may_contact_for(customer: str, purposes: Sequence[str], channel: str, at: datetime) -> dict[str, Verdict]:
    """The same for several purposes: what is known of the customer is read once."""
    book = rules.applicable(business_date(at))
    way = CHANNELS[Kind(channel)] if channel in Kind.values else channel
    found: dict[str, Verdict] = {}
    if any(purpose not in book["pressure.duties"] for purpose in purposes):
        ground = privacy.ground_of(customer)
        if ground:
            stopped = Verdict(False, _("客户信息已停止处理：%(why)s") % {"why": _(ground)})
            found = {purpose: stopped for purpose in purposes if purpose not in book["pressure.duties"]}
    wanted = [purpose for purpose in dict.fromkeys(purposes) if purpose not in found]
    return found | _judged(customer, wanted, way, at, book) if wanted else found


def _judged(customer: str, purposes: list[str], way: str, at: datetime, book: Rulebook) -> dict[str, Verdict]:
    rows = [(place, customer, str(purpose), way, _local(at)) for place, purpose in enumerate(purposes)]
    asked = pl.DataFrame(rows, schema=pressure.ASKED, orient="row")
    days = max(int(book["pressure.week_days"]), int(book["pressure.month_days"]))
    made = _made(customer, at - timedelta(days=days), at)
    told = pressure.verdicts(asked, made, _said(customer), book, _complaints(customer))
    return {
        purpose: Verdict(
            row["allowed"], _why(row),
            row["until_at"].replace(tzinfo=SHANGHAI) if row["until_at"] else None,
        )
        for purpose, row in zip(purposes, told.iter_rows(named=True), strict=True)
    }  # fmt: skip


def _why(row: Mapping[str, Any]) -> str:
    """What the row of VERDICTS says in Chinese, in the language of the page."""
    if row["allowed"]:
        advice = row["advice"]
        return _(advice) if advice else ""
    until = row["until_at"] and row["until_at"].strftime("%Y-%m-%d %H:%M")
    then = _("%(at)s起可以联系") % {"at": until} if until else _("服务照常")
    rule = pressure.RULES[row["rule"]]
    return _("；").join([_(rule), then])


def _made(customer: str, since: datetime, at: datetime) -> pl.DataFrame:
    rows = counting().filter(customer_number=customer, happened_at__gt=since, happened_at__lte=at)
    told = [
        (customer, purpose, CHANNELS[Kind(kind)], _local(moment))
        for purpose, kind, moment in rows.exclude(purpose=Purpose.SERVICE).values_list(
            "purpose", "kind", "happened_at"
        )
    ]
    return pl.DataFrame(told, schema=pressure.CONTACTS, orient="row")


def _said(customer: str) -> pl.DataFrame:
    told = [
        (customer, one.purpose, one.channel, one.said, _local(one.said_at))
        for one in reversed(privacy.history(customer))
        if one.purpose in ("marketing", "event", "survey")
    ]
    return pl.DataFrame(told, schema=pressure.STATEMENTS, orient="row")


def _complaints(customer: str) -> pl.DataFrame:
    """A complaint that the books tell of is open: they do not say since when."""
    open_now = books.care_people([customer])["complaint"].fill_null(False).any()
    told = [(customer, _LONG_AGO, None)] if open_now else []
    return pl.DataFrame(told, schema=pressure.COMPLAINTS, orient="row")


def _local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(tzinfo=None)
