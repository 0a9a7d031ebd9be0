"""Who may take a step: the parts that a person has in a case on a day.

In: a case, a person, a day. Out: parts as `core.machines` names them. Never: a part that follows from having been somebody
earlier (custody is asked of the ledger now), a step of the system's by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.cases.kinds import Kind
from tuogu.cases.models import Case
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.rights import Right, rights_of
from tuogu.org.roles import Role

PARTS = {
    "custodian": "责任人", "supervisor": "主管", "quality": "品质管理岗", "branch": "分公司", "specialist": "保单服务专员",
    "counter": "柜面", "old": "原任", "new": "新任", "collector": "收展员", "system": "系统",
}  # fmt: skip
BY_RIGHT = {
    "quality": Right.CONFIRM_CASES, "branch": Right.DECIDE_CASES, "counter": Right.KEEP_PAPERS,
    "supervisor": Right.KEEP_WORK,
}  # fmt: skip


def parts(case: Case, by: int, day: date) -> frozenset[str]:
    """Everything that `by` is in this case on that day."""
    if by == org.machine():
        return frozenset({"system"})
    found: set[str] = set()
    if case.kind == Kind.HAND_OVER:
        found |= {"old"} & ({"old"} if case.former_id == by else set())
        found |= {"new"} if case.other_id in stands_for(by, day) else set()
    elif stands_for(by, day) & set(holders(case)):
        found |= {"custodian", "specialist"}
    if case.kind == Kind.DISPATCHED and case.other_id in {by, *org.acting_for(by, day)}:
        found.add("collector")
    held = rights_of(org.roles_of(by, day))
    by_right = {part for part, right in BY_RIGHT.items() if right in held}
    return frozenset(found | (by_right if by_right and _in_scope(case, by, day) else set()))


def stands_for(by: int, day: date) -> set[int]:
    """The custodians for whom this person acts: oneself, colleagues who are away, pools on duty."""
    return stands_for_and_roles(by, day)[0]


def stands_for_and_roles(by: int, day: date) -> tuple[set[int], frozenset[Role]]:
    """The same with the roles that the person holds."""
    found = org.standing(by, day)
    roles, colleagues = (found.roles, found.acting_for) if found else (frozenset(), ())
    duties = {duty.pool for duty in org.pool_duties(day) if duty.person == by}
    member = {org.buffer_group()} if Role.BUFFER_MEMBER in roles else set()
    return {by, *colleagues, *duties, *member}, roles


def holders(case: Case) -> list[int]:
    """Who holds what the case is about now: its policy, or any policy of its customer."""
    subjects = (
        [case.subject_id] if case.subject_id else [s for _, s in books.policies_of(case.customer_number)]
    )
    held = ledger.holders_of(subjects)
    return sorted({one.custodian_id for one in held.values() if one.custodian_id is not None})


def _in_scope(case: Case, by: int, day: date) -> bool:
    scope = org.scope_of(by, day)
    if case.kind == Kind.HAND_OVER:
        people = org.custodians_within(scope)
        return people is None or bool({case.former_id, case.other_id} & people)
    return books.customer_within(scope, case.customer_number)


def words(codes: Iterable[str]) -> str:
    """Parts as people say them."""
    return _("、").join(_(PARTS[code]) for code in codes)
