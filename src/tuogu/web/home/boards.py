"""Which blocks stand on a board, and in which order: decisions first for who decides, proofs for who checks.

In: the viewer's posts. Out: names of blocks (templates `home/_<name>.html`), left and right. Never: a block that the rights
do not allow; a post without a page to begin the day on (whoever has no board sees what waits, and the doors that open).
"""

from __future__ import annotations

from dataclasses import dataclass

from tuogu.org.rights import Right, rights_of
from tuogu.org.roles import Role


@dataclass(frozen=True)
class Layout:
    """Names of blocks in the wide and in the narrow column."""

    wide: tuple[str, ...]
    narrow: tuple[str, ...]


NEEDS: dict[str, Right] = {  # blocks that show what not everybody may see
    "loads": Right.READ_PLANS,
    "team": Right.READ_PLANS,
    "buffer": Right.READ_BOOKS,
    "leavers": Right.READ_STAFF,
    "batches": Right.READ_BOOKS,
    "chain": Right.READ_SYSTEM,
    "looks": Right.READ_SYSTEM,
    "care": Right.READ_WORK,
}
_CHECKS = Layout(("chain", "batches", "loads"), ("care", "looks", "leavers", "buffer"))
_CONFIRMS = Layout(("todo", *_CHECKS.wide), _CHECKS.narrow)  # checks, and has a say in single cases
_TEAM = Layout(("todo", "team", "loads"), ("care", "leavers", "batches"))
_WORKS = Layout(("todo", "loads"), ("care", "buffer", "leavers", "batches"))
_MACHINE = Layout(("todo", "chain"), ("looks", "leavers", "doors"))
_POOL = Layout(("todo", "buffer"), ("leavers", "batches"))
_NO_BOARD = Layout(("todo", "doors"), ())
_LOOKS_FURTHER = frozenset(
    {Role.RESOURCE_CLERK, Role.BRANCH_MANAGER, Role.DEPARTMENT_MANAGER}
)  # than the own team


def layout_of(roles: frozenset[Role]) -> Layout:
    """The board of whoever holds these posts, without the blocks that they may not see."""
    rights = rights_of(roles)
    found = _board(roles, rights)
    return Layout(_allowed(found.wide, rights), _allowed(found.narrow, rights))


def _board(roles: frozenset[Role], rights: frozenset[Right]) -> Layout:
    works = Right.APPROVE in rights or Right.PLAN in rights
    if Role.TEAM_LEAD in roles and not roles & _LOOKS_FURTHER:
        return _TEAM
    if not works and {Right.READ_AUDIT, Right.READ_BOOKS} <= rights:
        return _CONFIRMS if Right.CONFIRM_CASES in rights else _CHECKS
    if Right.READ_PLANS in rights:
        return _WORKS
    if Right.READ_BOOKS in rights:
        return _POOL
    return _MACHINE if Right.READ_SYSTEM in rights else _NO_BOARD


def _allowed(names: tuple[str, ...], rights: frozenset[Right]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in NEEDS or NEEDS[name] in rights)
