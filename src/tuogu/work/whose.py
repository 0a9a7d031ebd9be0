"""Who answers for a customer: now, and when something happened.

In: a customer, who reports, when it happened. Out: the holder that the record belongs to, or that custody has moved.
Never: a record accepted from somebody who had nothing to do with the customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org import queries as org
from tuogu.work import elsewhere
from tuogu.work.failures import WorkRefused

_NOBODY = gettext_noop("无人")
MOVED = gettext_noop("客户已转由%(names)s负责，这条记录已收下，等主管处理")


@dataclass(frozen=True)
class Theirs:
    """What is held of one customer. `cases`: CARE of the policies; `development`: the subject of the customer itself where
    somebody holds its development, and who; `elsewhere`: what rooms above hold of it (motor policies)."""

    customer: str
    cases: pl.DataFrame
    development: tuple[int, int] | None
    elsewhere: tuple[elsewhere.Held, ...] = field(default=())

    @property
    def live(self) -> pl.DataFrame:
        """The policies that somebody holds."""
        return self.cases.filter(pl.col("custodian_id").is_not_null())

    @property
    def holders(self) -> set[int]:
        """Who holds any of it now."""
        others = {custodian for _subject, _number, custodian in self.elsewhere}
        return {*self.live["custodian_id"], *([self.development[1]] if self.development else []), *others}

    def subjects(self, person: int) -> list[int]:
        """The policies that one person holds, ascending."""
        own = self.live.filter(pl.col("custodian_id") == person)["subject_id"].to_list()
        return [*own, *(subject for subject, _number, custodian in self.elsewhere if custodian == person)]

    def first(self, person: int) -> tuple[int, str] | None:
        """The subject (and relation) on which a task about the whole customer hangs: the person's first policy, any
        other's, or the customer's development."""
        own = self.subjects(person) or self.live["subject_id"].to_list()
        if own:
            return own[0], str(Relation.CUSTODY)
        if self.development:
            return self.development[0], str(Relation.DEVELOPMENT)
        return (self.elsewhere[0][0], str(Relation.CUSTODY)) if self.elsewhere else None


@dataclass(frozen=True)
class Held:
    """`person`: who holds the customer for this reporter; `moved`: somebody else does by now, `why` says so (Chinese: it is
    stored; `moved_words` says it in the language of the page)."""

    person: int
    moved: bool = False
    why: str = ""


def theirs(customer: str) -> Theirs:
    """What is held of a customer: two queries."""
    head = ledger.heads_by_number([customer], kind=SubjectKind.CUSTOMER, relation=Relation.DEVELOPMENT).get(
        customer
    )
    held = (head.subject_id, head.custodian_id) if head and head.custodian_id is not None else None
    return Theirs(customer, books.care_cases(holders=[customer]), held, elsewhere.held_of(customer))


def held(found: Theirs, *, by: int, happened_at: datetime, at: datetime) -> Held:
    """Whose customer it is for a record of `by`. WorkRefused when it was never theirs."""
    now, today = found.holders, business_date(at)
    for person in (by, *sorted(answers_for(by, today) - {by})):
        if person in now:
            return Held(person)
    day = business_date(happened_at)
    # handed on in the course of that very day: whoever had it at that hour counts, too
    before = holders_on(found, day) | holders_on(found, day, known_at=happened_at)
    if before & ({by} | answers_for(by, day)):
        names = "、".join(sorted(filter(None, org.labels(now).values()))) or _NOBODY
        return Held(min(now, default=by), True, MOVED % {"names": names})
    raise WorkRefused(_("客户：不在您名下；没有写入任何数据"))


def moved_words(why: str) -> str:
    """What was stored of a move, in the language of the page."""
    before, after = MOVED.split("%(names)s")
    if not (why.startswith(before) and why.endswith(after)):
        return why
    names = why.removeprefix(before).removesuffix(after)
    return _(MOVED) % {"names": _(_NOBODY) if names == _NOBODY else names}


def held_then(found: Theirs, by: int, day: date) -> int:
    """Who held the customer for this reporter on a day gone by; the reporter, where that cannot be told any more."""
    before = holders_on(found, day)
    mine = before & ({by} | answers_for(by, day))
    return by if by in mine else min(mine, default=by)


def answers_for(person: int, on: date) -> frozenset[int]:
    """The custodians for whom a person acts: the own name, colleagues stood in for, the pools that the person minds."""
    pools = {duty.pool for duty in org.pool_duties(on) if duty.person == person}
    return org.scope_of(person, on).custodian_ids | pools


def holders_on(found: Theirs, day: date, known_at: datetime | None = None) -> set[int]:
    """Who held any of it on a day gone by, as known now: everybody, where it changed hands on that day."""
    told = {
        ledger.custodian_on(subject, Relation.CUSTODY, day, known_at)
        for subject in [*found.cases["subject_id"].to_list(), *(row[0] for row in found.elsewhere)]
    }
    if found.development:
        told.add(ledger.custodian_on(found.development[0], Relation.DEVELOPMENT, day, known_at))
    for number in [*found.cases["policy_number"].to_list(), *(row[1] for row in found.elsewhere)]:
        moved = ledger.history(number, relation=Relation.CUSTODY).filter(pl.col("effective_date") == day)
        told |= {*moved["old_custodian_id"], *moved["new_custodian_id"]}
    return {one for one in told if one is not None}


def policies(found: Theirs, numbers: Iterable[str], person: int) -> dict[str, int]:
    """Live policies of the customer, number → subject; without numbers all that the person holds. WorkRefused: one is
    another's."""
    known = dict(found.live.select("policy_number", "subject_id").iter_rows())
    known |= {number: subject for subject, number, _custodian in found.elsewhere}
    wanted = set(numbers)
    if wanted - known.keys():
        raise WorkRefused(
            _("保单：%(number)s 不是这位客户的有效保单；没有写入任何数据")
            % {"number": sorted(wanted - known.keys())[0]}
        )
    if not wanted:
        own = set(found.subjects(person))
        return {number: subject for number, subject in known.items() if subject in own}
    return {number: known[number] for number in sorted(wanted)}


def require(customer: str, *, by: int, at: datetime) -> Theirs:
    """What is held of a customer for whom this person answers. WorkRefused otherwise."""
    found = theirs(customer)
    if not found.holders & ({by} | answers_for(by, business_date(at))):
        raise WorkRefused(_("客户：不在您名下；没有写入任何数据"))
    return found
