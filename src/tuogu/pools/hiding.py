"""Whose contact is not shown at all, not even masked: customers that lie in a pool until somebody claims them (P-10).

In: customer numbers, who looks. Out: the hidden ones. Never: a customer hidden from the person who serves him, a rule about
a page (`web.personal` asks here for every page, file and search).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tuogu.books import queries as books
from tuogu.bulk import in_parts
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.pools.ruling import PoolRules, kind_of, of_kinds
from tuogu.pools.standing import standing_claims
from tuogu.rules import queries as rules

_AT_ONCE = 10_000  # numbers of one query: below the parameters that a database takes


def hidden(
    numbers: Iterable[str], *, on: date, person: int | None = None, roles: Iterable[Role] = ()
) -> set[str]:
    """Those of the numbers whose contact is hidden until claimed; from `person` with these posts, where the rule lets
    supervisors and the pool's duty person look. Without a person: from everybody."""
    rule = PoolRules.of(rules.applicable(on))
    if not rule.hidden_kinds or (person is not None and rule.shown_to & set(roles)):
        return set()
    pools = _pools(rule, on, person)
    found = books.unclaimed(numbers, pools) if pools else set()
    return found - _claimed_by(person, found) if found and person is not None else found


def _claimed_by(person: int, numbers: Iterable[str]) -> set[str]:
    """Those of the numbers that this person has claimed for development, while their policies lie in a pool still."""
    mine = standing_claims().filter(person_id=person, relation=Relation.DEVELOPMENT)
    return set(mine.values_list("customer_number", flat=True)) & set(numbers)


def _pools(rule: PoolRules, on: date, person: int | None) -> set[int]:
    """The pools whose pieces are hidden from this person: one query."""
    if person is None or not rule.duty_sees:
        return set(of_kinds(rule.hidden_kinds))
    duties = org.pool_duties(on)
    return {duty.pool for duty in duties if kind_of(duty.key) in rule.hidden_kinds and duty.person != person}


def without_phone(numbers: Iterable[str], *, on: date) -> set[str]:
    """Those who were claimed out of a pool that never tells the phone: they are called through the switchboard."""
    kinds = PoolRules.of(rules.applicable(on)).hidden_for_ever
    if not kinds:
        return set()
    wanted, found = sorted(set(numbers)), set()
    for some in in_parts(wanted, _AT_ONCE):
        part = standing_claims().filter(pool_kind__in=kinds, customer_number__in=some)
        found |= set(part.values_list("customer_number", flat=True))
    return found
