"""Whose case it is: the policy within somebody's scope, who is responsible for it, which city its branch belongs to.

In: a subject, a person, a day. Out: the stored policy, custodians. Never: a policy out of scope.
"""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.models import Ended, MotorPolicy
from tuogu.renewals.standing import visible

_CITY = "branch"  # the level of a city company
NOTE_MAX, PAPER_MAX = 2_000, 20_000  # characters of what somebody writes in a form; of a whole policy


def policies(scope: Scope) -> QuerySet[MotorPolicy]:
    """The policies that a scope sees: of its institutions, and those that its people are responsible for."""
    return MotorPolicy.objects.filter(visible(scope))


def policy(subject: int, *, by: int, on: date) -> MotorPolicy:
    """The policy, within the scope of this person; RenewalUnknown otherwise."""
    found = policies(org.scope_of(by, on)).filter(pk=subject).first()
    if found is None:
        raise RenewalUnknown(subject)
    return found


def running(subject: int, *, by: int, on: date) -> MotorPolicy:
    """The same of a case that has not ended; RenewalRefused when it has."""
    found = policy(subject, by=by, on=on)
    if last_end(subject) is not None:
        raise refused(_("这件业务已经结束"))
    return found


def last_end(subject: int) -> Ended | None:
    """How the case ended, if that stands."""
    last = Ended.objects.filter(subject_id=subject).order_by("-seq").first()
    return last if last is not None and not last.withdrawn else None


def responsible(subject: int) -> int | None:
    """Who is responsible now; None = nobody any more."""
    return next((one.custodian_id for one in ledger.holders_of([subject]).values()), None)


def answers_for(person: int, custodian: int | None, on: date) -> bool:
    """Whether this person acts for the custodian: oneself, a colleague stood in for, a pool that one minds."""
    if custodian is None:
        return False
    duties = {duty.pool for duty in org.pool_duties(on) if duty.person == person}
    return custodian in {person, *org.acting_for(person, on), *duties}


def require_own(subject: int, *, by: int, on: date) -> int:
    """Who is responsible, where `by` acts for that custodian; RenewalRefused otherwise."""
    found = responsible(subject)
    if found is None or not answers_for(by, found, on):
        raise refused(_("这件业务不在您名下"))
    return found


def city_of(institution: str) -> str:
    """The city company above an institution (itself, where it is one or nothing is above it)."""
    levels = dict(org.institutions().select("institution_code", "level").iter_rows())
    parents, code = org.parents(), institution
    while levels.get(code) != _CITY and parents.get(code):
        code = str(parents[code])
    return code if levels.get(code) == _CITY else institution


def colleagues(institution: str) -> frozenset[int]:
    """People and pools at or below an institution."""
    return org.custodians_within(Scope(institution_codes=frozenset({institution}))) or frozenset()


def said(text: str, why: str, most: int = NOTE_MAX) -> str:
    """Words that somebody must give, at most so many characters; RenewalRefused without them."""
    if not text.strip() or "\0" in text:
        raise refused(why)
    if len(text) > most:
        raise refused(_("最多 %(n)s 个字") % {"n": most})
    return text.strip()


def cities(scope: Scope) -> frozenset[str]:
    """The city companies of a scope's institutions, and of its people."""
    codes = org.institutions_within(scope)
    if not scope.all_rows and scope.custodian_ids:
        people = org.people(Scope(custodian_ids=scope.custodian_ids))
        codes |= set(people["institution_code"].drop_nulls())
    return frozenset(city_of(code) for code in codes)
